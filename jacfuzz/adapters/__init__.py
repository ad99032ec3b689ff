"""Places where people write derivatives: each adapter turns one into a target for ``jacfuzz.check``.

``check(adapters.custom_vjp(softplus, at=x))``. A target at module level of a file is found by ``jacfuzz check FILE``.
The frameworks are imported when an adapter is called.
"""

from jacfuzz.adapters.custom_jvp import custom_jvp as custom_jvp
from jacfuzz.adapters.custom_vjp import custom_vjp as custom_vjp
from jacfuzz.adapters.hips_autograd import defjvp as defjvp
from jacfuzz.adapters.hips_autograd import defvjp as defvjp
from jacfuzz.adapters.jax_twice import custom_jvp_twice as custom_jvp_twice
from jacfuzz.adapters.jax_twice import custom_vjp_twice as custom_vjp_twice
from jacfuzz.adapters.methods import pair as pair
from jacfuzz.adapters.pytree import pytree as pytree
from jacfuzz.adapters.scipy_integrate import solve_ivp as solve_ivp
from jacfuzz.adapters.scipy_optimize import curve_fit as curve_fit
from jacfuzz.adapters.scipy_optimize import least_squares as least_squares
from jacfuzz.adapters.scipy_optimize import minimize as minimize
from jacfuzz.adapters.scipy_optimize import minimize_hess as minimize_hess
from jacfuzz.adapters.scipy_optimize import minimize_hessp as minimize_hessp
from jacfuzz.adapters.torch_function import torch_backward as torch_backward
from jacfuzz.adapters.torch_function import torch_double_backward as torch_double_backward
from jacfuzz.adapters.torch_function import torch_jvp as torch_jvp
