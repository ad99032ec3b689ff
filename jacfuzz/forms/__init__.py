"""How people state derivatives: wrap the rule in its form, ``check(f, forms.VJP(my_vjp))``.

A function without a form is the full Jacobian. One wrapper per form, and one ``check``, instead of a check function per
form: the options of ``check`` are then the same for all, ``assert_jacobian`` and the adapters take every form, and
every form becomes a full Jacobian that one judge judges by one set of rules.
"""

from jacfuzz.forms.base import Form as Form
from jacfuzz.forms.base import NotAdjoint as NotAdjoint
from jacfuzz.forms.base import NotLinear as NotLinear
from jacfuzz.forms.base import OtherValue as OtherValue
from jacfuzz.forms.base import Stated as Stated
from jacfuzz.forms.base import WrongForm as WrongForm
from jacfuzz.forms.base import WrongShape as WrongShape
from jacfuzz.forms.compact import Banded as Banded
from jacfuzz.forms.compact import Batched as Batched
from jacfuzz.forms.compact import Diagonal as Diagonal
from jacfuzz.forms.complex import Complex as Complex
from jacfuzz.forms.full import ByName as ByName
from jacfuzz.forms.full import Full as Full
from jacfuzz.forms.products import JVP as JVP
from jacfuzz.forms.products import VJP as VJP
from jacfuzz.forms.products import Adjoint as Adjoint
from jacfuzz.forms.scalar import Gradient as Gradient
from jacfuzz.forms.scalar import Hessian as Hessian
from jacfuzz.forms.sparse import Sparse as Sparse
