"""Arrays in and out of the code under test: NumPy here, NumPy, jax, torch or Python numbers there."""

from jacfuzz.evaluation.worker import NotAnArrayError as NotAnArrayError
from jacfuzz.evaluation.worker import give as give
from jacfuzz.evaluation.worker import take as take
