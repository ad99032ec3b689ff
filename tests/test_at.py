"""What the example that people give says: the point tried first, the scale of others, the kind of array."""

import functools
import math
from typing import Any

import numpy as np
import pytest
from pairs import pair

import jacfuzz
from jacfuzz import forms
from jacfuzz.errors import UsageError
from jacfuzz.strategies.batches import columns, draw_batch, edge_batches
from jacfuzz.strategies.layouts import layouts
from jacfuzz.strategies.strata import BY_NAME

check = functools.partial(jacfuzz.check, max_examples=60)


def vapour(T: float) -> float:
    """Overflows below 90 K, as correlations of physical properties do."""
    return math.exp(6e4 / T) * 1e-200


def vapour_slope(T: float) -> float:
    return -6e4 / T**2 * vapour(T)


class TestScale:
    def test_functions_of_large_numbers_are_tried_where_they_have_values(self) -> None:
        report = check(vapour, vapour_slope, at=300.0, domain={"T": "(0, inf)"})
        assert report.verdict == "pass"
        assert report.result.points - report.result.undefined_points > 100

    @pytest.mark.parametrize(("example", "scale"), [(300.0, 300.0), (-1e-5, 1e-5), (2.0, 1.0), (0.0, 1.0)])
    def test_it_is_the_size_of_the_examples_number(self, example: float, scale: float) -> None:
        target = pair(np.sin, np.cos, x="2", at={"x": np.array([1.0, example])})
        layout = layouts(target.signature)[0]
        assert columns(target, layout).scale.tolist() == [1.0, scale]

    def test_every_other_point_has_it(self) -> None:
        target = pair(np.sin, np.cos, x="2", at={"x": np.array([1e9, 1e-9])})
        layout = layouts(target.signature)[0]
        batch = draw_batch(target, layout, BY_NAME["generic"], 200, np.random.default_rng(0))
        assert batch is not None
        typical = np.median(np.abs(batch.values[0].reshape(100, 2, 2)), axis=0)
        assert np.abs(np.log10(typical[0])).max() < 1
        assert np.abs(np.log10(typical[1]) - [9, -9]).max() < 1

    def test_the_domain_is_kept(self) -> None:
        target = pair(np.sin, np.cos, x="3", at={"x": np.full(3, 500.0)}, domain={"x": (400.0, None)})
        layout = layouts(target.signature)[0]
        batch = draw_batch(target, layout, BY_NAME["generic"], 100, np.random.default_rng(0))
        assert batch is not None
        assert (batch.values[0] >= 400).all()


def test_the_values_of_several_arguments_are_tried_together() -> None:
    target = pair(np.add, np.add, x="2", y="", at={"x": np.array([3.0, 4.0]), "y": np.array(5.0)})
    batches = edge_batches(target, layouts(target.signature), np.random.default_rng(0))
    assert [[value[0].tolist() for value in batch.values] for batch in batches] == [[[3.0, 4.0], 5.0]]


def test_f_may_be_complex_elsewhere() -> None:
    def root(x: float) -> complex:
        return (508.0 - x) ** 0.5  # Python's power of a negative number is complex

    report = check(root, lambda x: -0.5 * (508.0 - x) ** -0.5, at=300.0, domain={"x": (0.0, 507.0)})
    assert report.verdict == "pass"
    assert check(root, lambda x: (508.0 - x) ** -0.5, at=300.0).verdict == "fail"
    with pytest.raises(UsageError, match="f returns complex numbers"):
        check(root, root, at=600.0)


class TestKindOfArray:
    """A NumPy example goes before the guess from the code where that guess cannot be."""

    def test_code_around_torch_that_takes_numpy_arrays(self) -> None:
        torch = pytest.importorskip("torch")

        def f(x: Any) -> Any:
            return torch.sin(torch.from_numpy(x)).numpy()

        assert check(f, forms.Diagonal(lambda x: np.cos(x)), at=np.ones(2)).verdict == "pass"
        assert check(f, forms.Diagonal(lambda x: np.sin(x)), at=np.ones(2)).verdict == "fail"

    def test_code_around_jax_that_takes_numpy_arrays(self) -> None:
        import jax.numpy as jnp

        def f(x: Any) -> Any:
            x = x.copy()
            x[0] = jnp.sin(x[0])
            return x

        def jac(x: Any) -> Any:
            return np.diag([np.cos(x[0]), 1.0])

        assert check(f, jac, at=np.ones(2)).verdict == "pass"

    def test_an_annotation_rules(self) -> None:
        torch = pytest.importorskip("torch")
        from jaxtyping import Float

        def f(x: Any) -> Any:
            return torch.sin(torch.from_numpy(x)).numpy()

        f.__annotations__["x"] = Float[torch.Tensor, "2"]
        assert check(f, forms.Diagonal(lambda x: np.cos(x)), at=np.ones(2)).verdict == "error"
