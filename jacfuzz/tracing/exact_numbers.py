"""Real numbers without round-off: fractions, and mpmath numbers of the working precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import mpmath
import numpy as np

Number: TypeAlias = Any
"""A Fraction or an mpmath number."""

Elementary: TypeAlias = Callable[[Number], tuple[Number, Number]]
"""An elementary function: its value and its slope."""

_MOST_BITS = 1024
"""Bits before the point of the largest float; the digits of pi and e that an argument needs grow with its bits."""

REAL = (bool, int, float, np.bool_, np.integer, np.floating)


class InexactError(ArithmeticError):
    """Something was asked of a dual number that has no exact answer."""


class SingularError(InexactError):
    """There is no finite value or slope at this point, which says nothing of others."""


def exact(value: Any) -> Number:
    """Turn a Python or NumPy real number into a Fraction of the very same value; mpmath numbers, inf and nan stay.

    Raises
    ------
    InexactError
        For what is no real number.
    """
    if isinstance(value, (Fraction, mpmath.mpf)):
        return value
    if isinstance(value, REAL):
        plain = value.item() if isinstance(value, np.generic) else value
        return Fraction(plain) if math.isfinite(plain) else mpmath.mpf(plain)
    raise InexactError(f"{type(value).__name__} {value!r} is no real number")


def precise(number: Number) -> Number:
    """Return the number in mpmath's working precision."""
    return mpmath.mpf(number.numerator) / number.denominator if isinstance(number, Fraction) else number


def total(first: Number, second: Number) -> Number:
    """Sum of two numbers, a fraction where both are."""
    if not first:
        return second
    if not second:
        return first
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        return first + second
    return precise(first) + precise(second)


def product(first: Number, second: Number) -> Number:
    """Product of two numbers, a fraction where both are."""
    if not first or not second:
        return Fraction(0)
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        return first * second
    return precise(first) * precise(second)


def tidy(number: Number, argument: Fraction) -> Number:
    """Return a value at 0 or 1 as a fraction where it is one, as exp(0) and log(1) are; others as they are.

    Elsewhere no elementary function of a fraction is a fraction, but for roots (Lindemann and Weierstrass, 1885).
    """
    return Fraction(float(number)) if argument in (0, 1) and number in (0, 0.5, 1, -1) else number


def elementary(value: Callable[[Number], Number], slope: Callable[[Number, Number], Number]) -> Elementary:
    """Return an elementary function of its value at x and its slope at x, where the value is y."""

    def both(x: Number) -> tuple[Number, Number]:
        if mpmath.mag(x) > _MOST_BITS:
            raise InexactError("an elementary function's argument is beyond all floats")
        y = value(x)
        if not isinstance(y, mpmath.mpf):
            return y, y
        try:
            return y, slope(x, y)
        except ZeroDivisionError:
            return y, mpmath.inf

    return both


def trigamma(x: Number) -> Number:
    """Slope of digamma; left of 0 by reflection (DLMF 5.15.6), since mpmath takes a step for each unit there."""
    return mpmath.psi(1, x) if x > 0 else (mpmath.pi / mpmath.sinpi(x)) ** 2 - mpmath.psi(1, 1 - x)
