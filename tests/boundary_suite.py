"""Functions with exact predicates of their boundaries, to measure how many of them an input generator reaches.

A predicate is a float comparison without tolerance on the input alone. The first half was there while the solver was
written; the second half was written after it was finished, and nothing was changed because of it.
"""

from __future__ import annotations

from boundary_cases import Case
from boundary_first import FIRST as FIRST
from boundary_second import SECOND as SECOND

CASES: tuple[Case, ...] = FIRST + SECOND
