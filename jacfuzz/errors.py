"""Exceptions that jacfuzz raises on purpose.

::

    JacfuzzError            base: the message is complete, no traceback is needed
    ├── UsageError          a path, option or argument that cannot be used (exit 2)
    │   └── NothingFound    a folder without anything to check (exit 4)
    ├── LoadError           a file, cell or pair that cannot be loaded
    │   └── AnnotationError an annotation that cannot be read
    ├── IsolationError      isolation that is not to be had here (exit 3)
    └── JacobianError       what ``assert_jacobian`` raises for a wrong Jacobian

Every message says what was found, what was expected and what to do.
"""


class JacfuzzError(Exception):
    """Base of all errors whose message is meant for the person at the keyboard."""


class UsageError(JacfuzzError):
    """A path, option or argument that cannot be used; correct the call."""


class NothingFound(UsageError):
    """A folder without anything to check; give another one."""


class LoadError(JacfuzzError):
    """A file, cell or pair that cannot be loaded; the message names the place and the remedy."""


class AnnotationError(LoadError):
    """An annotation that cannot be read; write it in jaxtyping's grammar, e.g. ``Float[Array, "n m"]``."""


class JacobianError(JacfuzzError, AssertionError):
    """A Jacobian is wrong, or could not be judged; the message is the report."""


class IsolationError(JacfuzzError):
    """The isolation that was asked for is not to be had here; nothing was run without it."""
