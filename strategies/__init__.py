"""Hypothesis strategies for the arguments of numerical functions, drawn from their jaxtyping annotations."""

from jacfuzz.strategies.calls import arguments as arguments
