"""The rules of the puzzles, judged on the syntax tree before anything runs."""

from jacfuzz.rules.judge import breaches_of as breaches_of
from jacfuzz.rules.vocabulary import Breach as Breach
from jacfuzz.rules.vocabulary import Rules as Rules
