"""SciPy: derivatives of special functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import scipy.special as special
from entry import Entry, Function, elementwise

POSITIVE = "(0, inf)"


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for order in (0, 1, 2.5):
        reason = "real argument: negative x gives nan for a fractional order" if order == 2.5 else ""
        domain = (0, None) if order == 2.5 else None
        yield elementwise(
            f"jvp({order}, x)",
            lambda x, v=order: special.jv(v, x),
            lambda x, v=order: special.jvp(v, x),
            domain,
            reason,
        )
        yield elementwise(
            f"ivp({order}, x)",
            lambda x, v=order: special.iv(v, x),
            lambda x, v=order: special.ivp(v, x),
            domain,
            reason,
        )
        yield elementwise(
            f"yvp({order}, x)",
            lambda x, v=order: special.yv(v, x),
            lambda x, v=order: special.yvp(v, x),
            POSITIVE,
            "yv: real for positive x",
        )
        yield elementwise(
            f"kvp({order}, x)",
            lambda x, v=order: special.kv(v, x),
            lambda x, v=order: special.kvp(v, x),
            POSITIVE,
            "kv: real for positive x",
        )
    yield elementwise(
        "jvp(1.5, x, n=2)", lambda x: special.jvp(1.5, x), lambda x: special.jvp(1.5, x, 2), POSITIVE, "as jv"
    )
    for name in ("spherical_jn", "spherical_in"):
        g = getattr(special, name)
        for order in (0, 1, 3):
            yield elementwise(
                f"{name}({order}, z, derivative=True)",
                lambda x, g=g, n=order: g(n, x),
                lambda x, g=g, n=order: g(n, x, True),
            )
    for name in ("spherical_yn", "spherical_kn"):
        g = getattr(special, name)
        for order in (0, 2):
            domain = POSITIVE if name == "spherical_kn" else None
            yield elementwise(
                f"{name}({order}, z, derivative=True)",
                lambda x, g=g, n=order: g(n, x),
                lambda x, g=g, n=order: g(n, x, True),
                domain,
                "kv: real for positive x" if domain else "",
            )
    for name, value, slope in (("airy: Ai'", 0, 1), ("airy: Bi'", 2, 3)):
        yield elementwise(name, lambda x, i=value: special.airy(x)[i], lambda x, i=slope: special.airy(x)[i])
    for name in ("ber", "bei", "ker", "kei"):
        domain = POSITIVE if name.startswith("k") else None
        yield elementwise(
            f"{name}p",
            getattr(special, name),
            getattr(special, f"{name}p"),
            domain,
            "kelvin: real for positive x" if domain else "",
        )
    yield _with_slope("pbdv(1.5, x)[1]", special.pbdv, (1.5,))
    yield _with_slope("pbvv(1.5, x)[1]", special.pbvv, (1.5,))
    yield _with_slope("pbwa(1.5, x)[1]", special.pbwa, (1.5,), "[-5, 5]", "pbwa: currently |x| <= 5")
    yield _with_slope("obl_ang1(1, 2, 3)[1]", special.obl_ang1, (1, 2, 3), "(-1, 1)", "|x| < 1.0")
    yield _with_slope("pro_ang1(1, 2, 3)[1]", special.pro_ang1, (1, 2, 3), "(-1, 1)", "|x| < 1.0")
    yield _with_slope("pro_rad1(1, 2, 3)[1]", special.pro_rad1, (1, 2, 3), "(1, inf)", "|x| > 1.0")
    yield _with_slope("obl_rad1(1, 2, 3)[1]", special.obl_rad1, (1, 2, 3), (0, None), "x >= 0")
    yield _with_slope("mathieu_cem(2, 1.5)[1], degrees", special.mathieu_cem, (2, 1.5))
    yield _with_slope("mathieu_sem(2, 1.5)[1], degrees", special.mathieu_sem, (2, 1.5))
    yield _with_slope("mathieu_modcem1(2, 1.5)[1]", special.mathieu_modcem1, (2, 1.5))
    yield _with_slope("mathieu_modsem1(2, 1.5)[1]", special.mathieu_modsem1, (2, 1.5))
    for order in (1, 2):
        yield elementwise(
            f"polygamma({order}, x)",
            lambda x, n=order: special.polygamma(n - 1, x),
            lambda x, n=order: special.polygamma(n, x),
            POSITIVE,
            "polygamma of a real x > 0",
        )
    yield elementwise(
        "digamma, of gammaln", special.gammaln, special.digamma, POSITIVE, "gammaln is the log of |gamma|"
    )
    yield elementwise(
        "legendre_p(4, z, diff_n=1)",
        lambda x: special.legendre_p(4, x)[0],
        lambda x: special.legendre_p(4, x, diff_n=1)[1],
    )
    yield elementwise(
        "assoc_legendre_p(4, 2, z, diff_n=1)",
        lambda x: special.assoc_legendre_p(4, 2, x)[0],
        lambda x: special.assoc_legendre_p(4, 2, x, diff_n=1)[1],
        "(-1, 1)",
        "branch_cut=2: cut |z| > 1",
    )
    yield elementwise(
        "sph_legendre_p(4, 1, theta, diff_n=1)",
        lambda x: special.sph_legendre_p(4, 1, x)[0],
        lambda x: special.sph_legendre_p(4, 1, x, diff_n=1)[1],
    )
    for family in ("chebyt", "chebyu", "hermite", "laguerre", "gegenbauer"):
        further = (1.5,) if family == "gegenbauer" else ()
        poly = getattr(special, family)(4, *further)
        yield elementwise(f"{family}(4).deriv()", poly, poly.deriv())


def _with_slope(
    name: str, function: Function, orders: tuple[float, ...], domain: Any = None, documented: str = ""
) -> Entry:
    """A function that returns its value and its derivative together."""
    return elementwise(name, lambda x: function(*orders, x)[0], lambda x: function(*orders, x)[1], domain, documented)
