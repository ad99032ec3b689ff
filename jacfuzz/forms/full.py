"""Full Jacobians: as they are, or in a dict by argument."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jacfuzz.forms.base import Form, WrongForm, is_differentiable, one_or_tuple


@dataclass(frozen=True)
class Full(Form):
    """The Jacobian itself, of shape ``f(x).shape + x.shape``; what a function without a form is taken for.

    Attributes
    ----------
    rule
        The author's function.
    """

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian."""
        return self.rule(*arguments)


@dataclass(frozen=True)
class ByName(Form):
    """The Jacobians of several arguments in a dict by the names that f has for them.

    Attributes
    ----------
    rule
        The author's function.
    """

    def jacobian(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the dict's values in the order of the arguments."""
        parameters = zip(inspect.signature(f).parameters, arguments, strict=False)
        names = [name for name, argument in parameters if is_differentiable(argument)]
        result = self.rule(*arguments)
        if not isinstance(result, dict) or set(result) != set(names):
            got = f"a dict of {', '.join(map(str, result))}" if isinstance(result, dict) else type(result).__name__
            raise WrongForm(f"the rule returned {got}, expected a dict of {', '.join(names)}")
        return one_or_tuple([result[name] for name in names])
