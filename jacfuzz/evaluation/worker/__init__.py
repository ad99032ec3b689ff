"""One pair at points, asked and answered over a pipe: needs Python 3.9, NumPy and what the pair imports.

The same code evaluates a pair in this process and in one of its own, which may belong to another interpreter; there
these files travel as an archive, so that nothing here may import the rest of jacfuzz.
"""

from .calls import Answer as Answer
from .calls import NotAnArrayError as NotAnArrayError
from .calls import Pair as Pair
from .calls import Problem as Problem
from .calls import evaluate_point as evaluate_point
from .calls import evaluate_swiftly as evaluate_swiftly
from .calls import give as give
from .calls import primal_rows as primal_rows
from .calls import quiet as quiet
from .calls import swift_rows as swift_rows
from .calls import take as take
from .frames import ANSWERS as ANSWERS
from .frames import FrameError as FrameError
from .frames import Item as Item
from .frames import Tag as Tag
from .frames import read_item as read_item
from .serve import TWICE as TWICE
from .serve import Handler as Handler
from .serve import handlers as handlers
from .serve import items_of as items_of
from .serve import items_together as items_together
from .serve import most_of as most_of
from .serve import serve as serve
from .serve import spin as spin
