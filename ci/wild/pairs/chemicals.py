"""chemicals: temperature derivatives of vapour pressures, DIPPR equations, virial coefficients; fitting Jacobians."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from chemicals import air, dippr, iapws, vapor_pressure, virial, viscosity
from entry import Entry, number, vector

KELVIN = "(0, inf)"
ABSOLUTE = "temperatures are in K"
PRESSURES: tuple[tuple[str, Any, Any, tuple[Any, ...]], ...] = (
    ("dAntoine_dT", vapor_pressure.Antoine, vapor_pressure.dAntoine_dT, (8.7687, 395.744, -6.469)),
    ("d2Antoine_dT2", vapor_pressure.dAntoine_dT, vapor_pressure.d2Antoine_dT2, (8.7687, 395.744, -6.469)),
    (
        "dYaws_Psat_dT",
        vapor_pressure.Yaws_Psat,
        vapor_pressure.dYaws_Psat_dT,
        (28.588 + np.log10(101325 / 760), -2469, -7.351, 2.8025e-10, 2.7361e-6),
    ),
    (
        "d2Yaws_Psat_dT2",
        vapor_pressure.dYaws_Psat_dT,
        vapor_pressure.d2Yaws_Psat_dT2,
        (28.588 + np.log10(101325 / 760), -2469, -7.351, 2.8025e-10, 2.7361e-6),
    ),
    (
        "dWagner_dT",
        vapor_pressure.Wagner,
        vapor_pressure.dWagner_dT,
        (190.53, 4596420.0, -6.00435, 1.1885, -0.834082, -1.22833),
    ),
    (
        "d2Wagner_dT2",
        vapor_pressure.dWagner_dT,
        vapor_pressure.d2Wagner_dT2,
        (190.53, 4596420.0, -6.00435, 1.1885, -0.834082, -1.22833),
    ),
    (
        "dWagner_original_dT",
        vapor_pressure.Wagner_original,
        vapor_pressure.dWagner_original_dT,
        (190.53, 4596420.0, -6.00435, 1.1885, -0.834082, -1.22833),
    ),
    (
        "d2Wagner_original_dT2",
        vapor_pressure.dWagner_original_dT,
        vapor_pressure.d2Wagner_original_dT2,
        (190.53, 4596420.0, -6.00435, 1.1885, -0.834082, -1.22833),
    ),
    (
        "dTRC_Antoine_extended_dT",
        vapor_pressure.TRC_Antoine_extended,
        vapor_pressure.dTRC_Antoine_extended_dT,
        (227.51, -120.0, 8.95894, 510.595, -15.95, 2.41377, -93.74, 7425.9),
    ),
    (
        "d2TRC_Antoine_extended_dT2",
        vapor_pressure.dTRC_Antoine_extended_dT,
        vapor_pressure.d2TRC_Antoine_extended_dT2,
        (227.51, -120.0, 8.95894, 510.595, -15.95, 2.41377, -93.74, 7425.9),
    ),
    (
        "dPPDS9_dT[0]",
        viscosity.PPDS9,
        lambda *a: viscosity.dPPDS9_dT(*a)[0],
        (1.20479, 0.6058, 216.325, 2.278, 8.756e-05),
    ),
)
DIPPR: tuple[tuple[str, tuple[Any, ...], tuple[int, ...]], ...] = (
    ("EQ100", (276370.0, -2090.1, 8.125, -0.014116, 0.0000093701), (1,)),
    ("EQ101", (73.649, -7258.2, -7.3037, 4.1653e-6, 2.0), (1, 2, 3)),
    ("EQ102", (1.7096e-8, 1.1146, 1.0, 0.5), (1,)),
    ("EQ104", (0.02222, -26.38, -16750000.0, -3.894e19, 3.133e21), (1,)),
    ("EQ105", (0.70824, 0.26411, 507.6, 0.27537), (1, 2, 3)),
    ("EQ106", (647.096, 0.17766, 2.567, -3.3377, 1.9699, 0.25), (1, 2, 3)),
    ("EQ107", (33363.0, 26790.0, 2610.5, 8896.0, 1169.0), (1,)),
    ("EQ114", (33.19, 66.653, 6765.9, -123.63, 478.27), (1,)),
    ("EQ115", (73.649, -7258.2, -7.3037, 4.1653e-3, 2.0), (1, 2, 3)),
    ("EQ116", (647.096, 17.863, 58.606, -95.396, 213.89, -141.26), (1,)),
    ("EQ127", (3.3258e4, 3.6199e4, 1.2057e3, 1.5373e7, 3.2122e3, -1.5318e7, 3.2122e3), (1,)),
)
VIRIALS = ("Pitzer_Curl", "Abbott", "Tsonopoulos", "Tsonopoulos_extended")
TS = np.array([300.0, 350.0, 420.0])
JACOBIANS: tuple[tuple[str, Any, Any, tuple[float, ...]], ...] = (
    ("EQ101_fitting_jacobian", dippr.EQ101, dippr.EQ101_fitting_jacobian, (7.3, -72.0, -0.7, 4.1e-6, 2.0)),
    ("EQ102_fitting_jacobian", dippr.EQ102, dippr.EQ102_fitting_jacobian, (1.7, 1.1, 1.0, 0.5)),
    ("EQ105_fitting_jacobian", dippr.EQ105, dippr.EQ105_fitting_jacobian, (0.70824, 0.26411, 507.6, 0.27537)),
    ("EQ107_fitting_jacobian", dippr.EQ107, dippr.EQ107_fitting_jacobian, (33363.0, 26790.0, 2610.5, 8896.0, 1169.0)),
    (
        "Antoine_fitting_jacobian",
        vapor_pressure.Antoine,
        vapor_pressure.Antoine_fitting_jacobian,
        (8.7687, 395.744, -6.469),
    ),
    (
        "Yaws_Psat_fitting_jacobian",
        vapor_pressure.Yaws_Psat,
        vapor_pressure.Yaws_Psat_fitting_jacobian,
        (2.8, -24.0, -0.7, 2.8e-10, 2.7e-6),
    ),
    (
        "mu_Yaws_fitting_jacobian",
        viscosity.mu_Yaws,
        viscosity.mu_Yaws_fitting_jacobian,
        (-9.4406, 1.1e03, 1.9e-2, -1.7e-05),
    ),
)


def entries() -> Iterator[Entry]:
    """Yield the entries."""
    for name, f, derivative, args in PRESSURES:
        yield number(
            name, lambda x, f=f, a=args: f(x, *a), lambda x, d=derivative, a=args: d(x, *a), KELVIN, ABSOLUTE, 150.0
        )
    for name, args, orders in DIPPR:
        f = getattr(dippr, name)
        for order in orders:
            yield number(
                f"{name}(order={order})",
                lambda x, f=f, a=args, k=order: f(x, *a, order=k - 1),
                lambda x, f=f, a=args, k=order: f(x, *a, order=k),
                KELVIN,
                ABSOLUTE,
                300.0,
            )
    yield number(
        "dPsat_IAPWS_dT",
        vapor_pressure.Psat_IAPWS,
        vapor_pressure.dPsat_IAPWS_dT,
        (273.15, 647.096),
        "Psat_IAPWS: the range of validity is 273.15 K < T < 647.096 K",
        300.0,
    )
    yield from virial_entries()
    yield from helmholtz_entries()
    for name, f, jacobian, args in JACOBIANS:
        yield vector(
            name,
            lambda x, f=f: np.array([f(T, *x) for T in TS]),
            lambda x, j=jacobian: np.asarray(j(TS, *x)),
            args,
        )


def virial_entries() -> Iterator[Entry]:
    """Yield second virial coefficients by temperature."""
    for method in VIRIALS:
        f = getattr(virial, f"BVirial_{method}")
        for order in (1, 2, 3):
            yield number(
                f"BVirial_{method}(order={order})",
                lambda x, f=f, k=order: f(x, 425.2, 38e5, 0.193, order=k - 1),
                lambda x, f=f, k=order: f(x, 425.2, 38e5, 0.193, order=k),
                KELVIN,
                ABSOLUTE,
                510.0,
            )


def helmholtz_entries() -> Iterator[Entry]:
    """Yield Helmholtz energies of water (IAPWS-95) and air by reduced density and inverse reduced temperature."""
    water = ("A0_dtau", "Ar_ddelta", "Ar_dtau")
    said = "reduced density and inverse reduced temperature are positive"
    for name in water:
        base, _, by = name.partition("_d")
        f = getattr(iapws, f"iapws95_{base}")
        d = getattr(iapws, f"iapws95_d{base}_d{by}")
        if by == "tau":
            yield number(f"iapws95_d{base}_dtau", lambda x, f=f: f(x, 1.3), lambda x, d=d: d(x, 1.3), KELVIN, said, 1.2)
        else:
            yield number(
                f"iapws95_d{base}_ddelta", lambda x, f=f: f(1.2, x), lambda x, d=d: d(1.2, x), KELVIN, said, 1.3
            )
    for low, high in (("dAr_ddelta", "d2Ar_ddelta2"), ("d2Ar_ddelta2", "d3Ar_ddelta3")):
        f, d = getattr(iapws, f"iapws95_{low}"), getattr(iapws, f"iapws95_{high}")
        yield number(f"iapws95_{high}", lambda x, f=f: f(1.2, x), lambda x, d=d: d(1.2, x), KELVIN, said, 1.3)
    for low, high in (("A0", "dA0_dtau"), ("dA0_dtau", "d2A0_dtau2"), ("Ar", "dAr_dtau"), ("dAr_dtau", "d2Ar_dtau2")):
        f, d = getattr(air, f"lemmon2000_air_{low}"), getattr(air, f"lemmon2000_air_{high}")
        yield number(f"lemmon2000_air_{high}", lambda x, f=f: f(x, 1.3), lambda x, d=d: d(x, 1.3), KELVIN, said, 1.2)
    for low, high in (("Ar", "dAr_ddelta"), ("dAr_ddelta", "d2Ar_ddelta2")):
        f, d = getattr(air, f"lemmon2000_air_{low}"), getattr(air, f"lemmon2000_air_{high}")
        yield number(f"lemmon2000_air_{high}", lambda x, f=f: f(1.2, x), lambda x, d=d: d(1.2, x), KELVIN, said, 1.3)
    for name in ("TEOS10_BAW", "TEOS10_CAAW", "TEOS10_CAWW"):
        g = getattr(air, f"{name}_derivatives")
        for order in (1, 2):
            yield number(
                f"{name}_derivatives[{order}]",
                lambda x, g=g, k=order: g(x)[k - 1],
                lambda x, g=g, k=order: g(x)[k],
                KELVIN,
                ABSOLUTE,
                300.0,
            )
