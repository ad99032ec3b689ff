"""Dual numbers over fractions: a derivative without truncation or round-off.

A dual number v + t e with e^2 = 0 carries a value and its derivatives along some directions (Clifford 1873; Griewank
and Walther, "Evaluating Derivatives", 2008, chapter 3). Values are fractions as long as f is rational in its input and
constants; an elementary function turns them into mpmath numbers of the working precision. Whatever a dual cannot do
exactly raises: a ``float()`` of it, a complex result, a function without a rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from jacfuzz.tracing.branches import Branches
from jacfuzz.tracing.exact_numbers import (
    REAL,
    InexactError,
    Number,
    SingularError,
    exact,
    precise,
    product,
    tidy,
    total,
)
from jacfuzz.tracing.operations import OPERATIONS
from jacfuzz.tracing.tangents import CONSTANT, Tangents, added, scaled

_NEAR = 1e-9
_MOST_BITS = 20_000


class Dual:
    """A number with its derivatives along some directions.

    Parameters
    ----------
    value
        A fraction or an mpmath number.
    tangents
        Such numbers by direction; never changed.
    branches
        Where comparisons are noted; shared by all numbers of one evaluation.
    """

    __slots__ = ("branches", "tangents", "value")

    def __init__(self, value: Number, tangents: Tangents, branches: Branches) -> None:
        self.value = value
        self.tangents = tangents
        self.branches = branches

    def _with(self, value: Number, tangents: Tangents = CONSTANT) -> Dual:
        if isinstance(value, Fraction) and value.numerator.bit_length() + value.denominator.bit_length() > _MOST_BITS:
            value = precise(value)
        self.branches.rational &= isinstance(value, Fraction)
        self.branches.left -= 1
        if self.branches.left < 0:
            raise InexactError("too many operations")
        return Dual(value, tangents, self.branches)

    def __add__(self, other: Any) -> Any:
        other = self._other(other)
        if other is None:
            return NotImplemented
        value = total(self.value, other.value)
        self._look_for_loss(value, self.value, other.value)
        return self._with(value, added(self.tangents, other.tangents, self._look_for_loss))

    def _look_for_loss(self, whole: Number, first: Number, second: Number) -> None:
        if isinstance(whole, Fraction) or not first or not second:
            return
        if not whole:
            self.branches.vanished = True
        elif whole in (precise(first), precise(second)):
            bits = abs(mpmath.mag(precise(first)) - mpmath.mag(precise(second)))
            self.branches.absorbed = min(self.branches.absorbed, bits * math.log10(2))

    def __mul__(self, other: Any) -> Any:
        other = self._other(other)
        if other is None:
            return NotImplemented
        own, others = scaled(self.tangents, other.value), scaled(other.tangents, self.value)
        return self._with(product(self.value, other.value), added(own, others, _unseen))

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Dual:
        return Dual(-self.value, scaled(self.tangents, Fraction(-1)), self.branches)

    def __pos__(self) -> Dual:
        return self

    def __sub__(self, other: Any) -> Any:
        other = self._other(other)
        return NotImplemented if other is None else self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def reciprocal(self) -> Dual:
        """1 / x."""
        if not self.value:
            raise SingularError("division by zero")
        inverse = 1 / self.value
        return self._with(inverse, scaled(self.tangents, -product(inverse, inverse)))

    def __truediv__(self, other: Any) -> Any:
        other = self._other(other)
        return NotImplemented if other is None else self * other.reciprocal()

    def __rtruediv__(self, other: Any) -> Any:
        return self.reciprocal() * other

    def __pow__(self, other: Any) -> Any:
        other = self._other(other)
        if other is None:
            return NotImplemented
        if not other.tangents and isinstance(other.value, Fraction):
            if other.value.denominator == 1:
                return self._integer_power(int(other.value))
            if other.value == Fraction(1, 2):
                return self.sqrt()
        return (self.log() * other).exp()

    def __rpow__(self, other: Any) -> Any:
        other = self._other(other)
        return NotImplemented if other is None else other**self

    def _integer_power(self, exponent: int) -> Dual:
        if exponent < 0:
            return self.reciprocal()._integer_power(-exponent)
        if exponent == 0:
            return self._with(Fraction(1))
        if exponent > 1 and isinstance(self.value, Fraction) and exponent * self.value.denominator.bit_length() > 1e5:
            return self._with(precise(self.value), self.tangents)._integer_power(exponent)
        slope = exponent * self.value ** (exponent - 1)
        return self._with(self.value**exponent, scaled(self.tangents, slope))

    def __abs__(self) -> Dual:
        return -self if self < 0 else self

    def __divmod__(self, other: Any) -> Any:
        other = self._other(other)
        if other is None:
            return NotImplemented
        quotient = (self / other).floor()
        return quotient, self - quotient * other

    def __floordiv__(self, other: Any) -> Any:
        return divmod(self, other)[0]

    def __mod__(self, other: Any) -> Any:
        return divmod(self, other)[1]

    def __rfloordiv__(self, other: Any) -> Any:
        return divmod(self._with(exact(other)), self)[0]

    def __rmod__(self, other: Any) -> Any:
        return divmod(self._with(exact(other)), self)[1]

    def _compare(self, other: Any) -> int:
        other = self._other(other)
        if other is None:
            raise InexactError("compared with something that is no number")
        gap = precise(total(self.value, -other.value))
        size = max(abs(precise(self.value)), abs(precise(other.value)))
        if mpmath.isnan(gap):
            raise InexactError("nan compared")
        if abs(gap) <= _NEAR * size and mpmath.isfinite(size):
            self.branches.tied = True
        return 0 if abs(gap) <= self.branches.level else int(gap > 0) - int(gap < 0)

    def __lt__(self, other: Any) -> bool:
        return self._compare(other) < 0

    def __le__(self, other: Any) -> bool:
        return self._compare(other) <= 0

    def __gt__(self, other: Any) -> bool:
        return self._compare(other) > 0

    def __ge__(self, other: Any) -> bool:
        return self._compare(other) >= 0

    def __eq__(self, other: object) -> bool:
        return self._compare(other) == 0

    def __ne__(self, other: object) -> bool:
        return self._compare(other) != 0

    def __bool__(self) -> bool:
        return self._compare(0) != 0

    __hash__ = None  # type: ignore[assignment]  # two equal values may have different tangents

    def __float__(self) -> float:
        raise InexactError("float() would drop the derivative")

    def __int__(self) -> int:
        raise InexactError("int() would drop the derivative")

    def floor(self) -> Dual:
        """Largest integer below; a tie where the number is an integer."""
        whole = Fraction(int(mpmath.floor(precise(self.value))))
        for edge in (whole, whole + 1):
            self._compare(edge)
        return self._with(whole)

    def ceil(self) -> Dual:
        """Smallest integer above."""
        return -((-self).floor())

    def trunc(self) -> Dual:
        """Integer part."""
        return self.ceil() if self < 0 else self.floor()

    def rint(self) -> Dual:
        """Nearest integer."""
        shifted: Dual = self + Fraction(1, 2)
        return shifted.floor()

    __floor__ = floor
    __ceil__ = ceil
    __trunc__ = trunc

    def __round__(self, digits: int = 0) -> Dual:
        scale = Fraction(10) ** digits
        rounded: Dual = (self * scale).rint() / scale
        return rounded

    @property
    def real(self) -> Dual:
        """The number itself, as for any real number."""
        return self

    @property
    def imag(self) -> Dual:
        """Zero."""
        return self._with(Fraction(0))

    def conjugate(self) -> Dual:
        """Return the number itself."""
        return self

    def sqrt(self) -> Dual:
        """Square root, a fraction where it is one."""
        if self < 0:
            raise SingularError("square root of a negative number")
        if isinstance(self.value, Fraction):
            above, below = math.isqrt(self.value.numerator), math.isqrt(self.value.denominator)
            if self.value == Fraction(above * above, below * below):
                root: Number = Fraction(above, below)
                return self._with(root, scaled(self.tangents, self._slope(2 * root)))
        root = mpmath.sqrt(precise(self.value))
        return self._with(root, scaled(self.tangents, self._slope(2 * root)))

    def _slope(self, denominator: Number) -> Number:
        if denominator:
            return 1 / denominator
        self.branches.tied = True
        raise SingularError("infinite slope")

    def arctan2(self, other: Any) -> Dual:
        """Angle of the point (other, self)."""
        other = self._other(other)
        if other is None:
            raise InexactError("arctan2 of something that is no number")
        square = self.value * self.value + other.value * other.value if self.value or other.value else 0
        if not square:
            raise SingularError("angle at the origin")
        if not self.value and other.value < 0:
            self.branches.tied = True
        angle = mpmath.atan2(precise(self.value), precise(other.value))
        turning = added(scaled(self.tangents, other.value), scaled(other.tangents, -self.value), _unseen)
        return self._with(angle, scaled(turning, 1 / square))

    def hypot(self, other: Any) -> Dual:
        """Euclidean length of two numbers."""
        square: Dual = self * self + other * other
        return square.sqrt()

    def __getattr__(self, name: str) -> Callable[[], Dual]:
        """Return an elementary function as NumPy asks for it: by the method of its name."""
        rule = OPERATIONS[name].slope if name in OPERATIONS else None
        if rule is None:
            raise AttributeError(f"no exact rule for {name}")

        def function() -> Dual:
            argument = precise(self.value)
            value, slope = rule(argument)
            if not isinstance(value, mpmath.mpf) or not mpmath.isfinite(value):
                raise SingularError(f"{name} has no finite real value at {mpmath.nstr(argument, 5)}")
            if not mpmath.isfinite(slope):
                raise SingularError(f"{name} has an infinite slope")
            if isinstance(self.value, Fraction):
                value, slope = tidy(value, self.value), tidy(slope, self.value)
            return self._with(value, scaled(self.tangents, slope))

        return function

    def _other(self, other: Any) -> Dual | None:
        if isinstance(other, Dual):
            return other
        if isinstance(other, (Fraction, mpmath.mpf, *REAL)):
            return Dual(exact(other), CONSTANT, self.branches)
        return None


def _unseen(whole: Number, first: Number, second: Number) -> None:
    """Look at no sum: the terms of a product, as of x * (1 / x), may cancel to what is truly 0."""


def lift(value: Any, branches: Branches) -> Dual:
    """Return a number as a dual one; a constant has no tangent.

    Raises
    ------
    InexactError
        For what is no real number.
    """
    return value if isinstance(value, Dual) else Dual(exact(value), CONSTANT, branches)


def lifted(value: Any, branches: Branches) -> np.ndarray:
    """Return an array with dual numbers in the place of its floats; integers and truth values stay."""
    array = np.asarray(value)
    if array.dtype.kind not in "fO":
        return array
    result = np.empty(array.shape, dtype=object)
    # What np.empty_like of an object array holds is None.
    result.reshape(-1)[:] = [lift(0.0 if entry is None else entry, branches) for entry in array.reshape(-1)]
    return result
