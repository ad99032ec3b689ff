"""Odd answers of f and jac: scalar arguments, rules that raise beside the points, complex numbers."""

import dataclasses
import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jacfuzz import adapters, check


def test_a_scalar_argument_whose_jacobian_has_a_wrong_shape_gets_a_finding() -> None:
    report = check(lambda a, x: a * x, lambda a, x: x, at=(2.0, np.ones(3)))
    assert report.verdict == "fail"


def test_a_rule_that_raises_at_a_point_of_the_boundary_search_is_judged_all_the_same() -> None:
    @jax.custom_vjp
    def softplus(x: Any) -> Any:
        return jnp.logaddexp(x, 0)

    softplus.defvjp(lambda x: (softplus(x), x), lambda x, w: (w * jnp.exp(x) / (1 + jnp.exp(x)),))
    assert check(adapters.custom_vjp(softplus, at=jnp.ones(3))).verdict == "fail"


def test_a_complex_answer_is_plain_data_in_a_record() -> None:
    report = check(lambda x: x**2, lambda x: np.diag(2 * x + 0j), at=np.ones(2))
    assert report.verdict == "fail"
    assert json.dumps([dataclasses.asdict(finding) for finding in report.findings])
