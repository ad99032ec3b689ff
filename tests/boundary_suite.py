"""Functions with exact predicates of their boundaries, to measure how many of them an input generator reaches.

A predicate is a float comparison without tolerance on the input alone. The first part was there while the solver was
written; the second was written after it was finished, the third and the fourth after it was frozen again, and nothing
was changed because of them.
"""

from __future__ import annotations

from boundary_cases import Case
from boundary_first import FIRST as FIRST
from boundary_fourth import FOURTH as FOURTH
from boundary_second import SECOND as SECOND
from boundary_third import THIRD as THIRD

CASES: tuple[Case, ...] = FIRST + SECOND + THIRD + FOURTH
