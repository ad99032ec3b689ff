"""A jaxpr made ready to be run often for what it notes: nested calls written out, constants known, the rest left out.

A search for boundaries asks for residuals, not for values; of a Jacobian that picks entries of x little has to be run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from jacfuzz.tracing.operations import OPERATIONS, Operation, canonical
from jacfuzz.tracing.plain_primitives import Plain, plain_primitive
from jacfuzz.tracing.primitives import CALLS, PRIMITIVES, nowhere
from jacfuzz.tracing.residuals import Log

_Run: TypeAlias = Callable[[list[Any], Log], Sequence[Any]]
_Rules: TypeAlias = Callable[[str, Sequence[Any]], Plain | None]


_SUMMING = """
dot_general conv_general_dilated reduce_sum reduce_prod reduce_window_sum cumsum cumprod cumlogsumexp fft lu qr cholesky
eigh svd triangular_solve
"""
_SUMS = frozenset(_SUMMING.split())
_MOST_TURNS = 20_000  # of a loop, which jax takes a thousand times faster


class LongLoopError(Exception):
    """A loop was left before its end."""


class _Step(NamedTuple):
    """One operation.

    Attributes
    ----------
    run
        What it does.
    operands, results
        Where its operands are, and where its results go.
    notes, sums
        Whether it notes anything, and whether it adds numbers up.
    last
        Slots that nothing after it asks for.
    """

    run: _Run
    operands: tuple[int, ...]
    results: tuple[int, ...]
    notes: bool
    sums: bool
    last: tuple[int, ...] = ()


class Program:
    """A jaxpr.

    Parameters
    ----------
    closed
        The jaxpr and its constants.
    place
        Tells the places of nested programs apart.
    rules
        What is done without jax.

    Attributes
    ----------
    controls
        Whether it has loops, branches or other operations that hold programs.
    needs_jax
        Whether jax does any of it, which compiles every operation for every shape.
    """

    def __init__(self, closed: Any, place: int = 0, rules: _Rules = plain_primitive) -> None:
        self.controls = self.needs_jax = False
        self._rules = rules
        self._count = 0
        self._constants: dict[int, Any] = {}
        self._steps: list[_Step] = []
        self._inputs = [self._slot() for _ in closed.jaxpr.invars]
        self._varying = set(self._inputs)
        self._outputs = self._written_out(closed.jaxpr, closed.consts, self._inputs, place)
        self._noting = self._leading({slot for step in self._steps if step.notes for slot in step.operands})

    @property
    def notes(self) -> bool:
        """Whether anything in it branches."""
        return any(step.notes for step in self._steps)

    @property
    def sums(self) -> bool:
        """Whether something that branches may depend on a sum, whose rounding depends on how it is computed."""
        return any(step.sums for step in self._noting)

    def __len__(self) -> int:
        """Operations that lead to the results."""
        return len(self._whole)

    @functools.cached_property
    def _whole(self) -> list[_Step]:
        return self._leading(set(self._outputs))

    def note(self, arguments: Sequence[Any], log: Log) -> None:
        """Run what leads to residuals."""
        self._run(self._noting, arguments, log)

    def results(self, arguments: Sequence[Any], log: Log) -> list[Any]:
        """Run everything."""
        values = self._run(self._whole, arguments, log)
        return [values[slot] for slot in self._outputs]

    def _run(self, steps: Sequence[_Step], arguments: Sequence[Any], log: Log) -> dict[int, Any]:
        values = self._constants | dict(zip(self._inputs, arguments, strict=True))
        for step in steps:
            results = step.run([values[slot] for slot in step.operands], log)
            values.update(zip(step.results, results, strict=True))
            for slot in step.last:
                del values[slot]
        return values

    def _slot(self, *constant: Any) -> int:
        self._count += 1
        if constant:
            self._constants[self._count] = constant[0]
        return self._count

    def _written_out(self, jaxpr: Any, constants: Sequence[Any], inputs: Sequence[int], place: int) -> list[int]:
        """Add the steps of a jaxpr, those of the calls in it among them, and return where its results are."""
        slots: dict[Any, int] = dict(zip(jaxpr.invars, inputs, strict=True))
        slots.update(zip(jaxpr.constvars, map(self._slot, map(_array, constants)), strict=True))

        def slot_of(atom: Any) -> int:
            return self._slot(np.asarray(atom.val, atom.aval.dtype)) if hasattr(atom, "val") else slots[atom]

        for number, equation in enumerate(jaxpr.eqns):
            operands = [slot_of(atom) for atom in equation.invars]
            here = 1000 * place + number
            inner = equation.params.get(CALLS.get(equation.primitive.name, ""))
            if inner is not None:
                body, held = getattr(inner, "jaxpr", inner), getattr(inner, "consts", ())
                results = self._written_out(body, held, operands, here + 1)
            else:
                results = [self._slot() for _ in equation.outvars]
                self._add(equation, tuple(operands), tuple(results), here)
            slots.update(zip(equation.outvars, results, strict=True))
        return [slot_of(atom) for atom in jaxpr.outvars]

    def _add(self, equation: Any, operands: tuple[int, ...], results: tuple[int, ...], place: int) -> None:
        varies = not self._varying.isdisjoint(operands)
        if varies:
            self._varying.update(results)
        control = _CONTROL.get(equation.primitive.name)
        if control is not None:
            self.controls = self.needs_jax = True
            run, notes = control(equation, place)
        else:
            needs = OPERATIONS.get(canonical(equation.primitive.name), Operation()).needs
            notes = varies and all(operands[number] in self._varying for number in needs) and _may_branch(equation)
            plain = self._rules(equation.primitive.name, [atom.aval.dtype for atom in equation.invars])
            self.needs_jax |= plain is None
            run = _operation(equation, place, notes, plain)
        sums = control is not None or equation.primitive.name in _SUMS
        self._steps.append(_Step(run, operands, results, notes and varies, sums))

    def _leading(self, wanted: set[int]) -> list[_Step]:
        """Return the steps that lead to some slots and those that note something; what is constant is run at once."""
        needed = set(wanted)
        chosen: list[_Step] = []
        for step in reversed(self._steps):
            if step.notes or not needed.isdisjoint(step.results):
                needed.update(step.operands)
                chosen.append(step)
        left: list[_Step] = []
        for step in reversed(chosen):
            if not self._varying.isdisjoint(step.operands) or not self._varying.isdisjoint(step.results):
                left.append(step)
            elif step.results and step.results[0] not in self._constants:
                found = step.run([self._constants[slot] for slot in step.operands], Log())
                self._constants.update(zip(step.results, found, strict=True))
        return _released(left, wanted)


def _released(steps: Sequence[_Step], wanted: set[int]) -> list[_Step]:
    """Return the steps with what each of them is the last to need: many arrays of many points need much memory."""
    later, released = set(wanted), []
    for step in reversed(steps):
        last = {*step.operands, *step.results} - later
        later |= last
        released.append(step._replace(last=tuple(last)))
    return released[::-1]


def _may_branch(equation: Any) -> bool:
    """Whether a primitive branches somewhere, or may do so for all that is known."""
    known = PRIMITIVES.get(equation.primitive.name)
    floats = any(getattr(atom.aval.dtype, "kind", "") in ("f", "c") for atom in equation.invars)
    return floats and (known is None or known.residuals is not nowhere)


def _operation(equation: Any, place: int, notes: bool, plain: Plain | None) -> _Run:
    """One primitive."""
    primitive, parameters, name = equation.primitive, equation.params, equation.primitive.name

    def run(operands: list[Any], log: Log) -> Sequence[Any]:
        if notes:
            _note(name, operands, parameters, log, place)
        found = primitive.bind(*operands, **parameters) if plain is None else plain(operands, parameters)
        results = found if primitive.multiple_results else [found]
        return list(map(np.asarray if plain is not None else _array, results))

    return run


def _note(name: str, operands: list[Any], parameters: Mapping[str, Any], log: Log, place: int) -> None:
    known = PRIMITIVES.get(name)
    try:
        found = None if known is None else known.residuals(operands, parameters)
    except Exception:  # of operands that jax takes and a rule does not, complex ones for instance
        found = None
    if found is None:
        log.unseen[f"primitive {name}"] = None
    elif found:
        log.add((None, place, canonical(name)), *found)


def _array(value: Any) -> Any:
    """Return a NumPy array, where there is one: not of random keys."""
    return np.asarray(value) if isinstance(value.dtype, np.dtype) else value


def _cond(equation: Any, place: int) -> tuple[_Run, bool]:
    branches = [Program(branch, place + 1 + number) for number, branch in enumerate(equation.params["branches"])]

    def run(operands: list[Any], log: Log) -> Sequence[Any]:
        index = int(np.clip(int(operands[0]), 0, len(branches) - 1))
        return branches[index].results(operands[1:], log)

    return run, any(branch.notes for branch in branches)


def _while(equation: Any, place: int) -> tuple[_Run, bool]:
    parameters = equation.params
    condition, body = Program(parameters["cond_jaxpr"], place + 1), Program(parameters["body_jaxpr"], place + 2)
    first, second = parameters["cond_nconsts"], parameters["body_nconsts"]

    def run(operands: list[Any], log: Log) -> Sequence[Any]:
        held, kept, state = operands[:first], operands[first : first + second], operands[first + second :]
        for _ in range(_MOST_TURNS):
            if not bool(condition.results([*held, *state], log)[0]):
                return state
            state = body.results([*kept, *state], log)
        raise LongLoopError

    return run, condition.notes or body.notes


def _scan(equation: Any, place: int) -> tuple[_Run, bool]:
    parameters = equation.params
    body, fixed, count = Program(parameters["jaxpr"], place + 1), parameters["num_consts"], parameters["num_carry"]
    order = range(parameters["length"])

    def run(operands: list[Any], log: Log) -> Sequence[Any]:
        held, state, rows = operands[:fixed], operands[fixed : fixed + count], operands[fixed + count :]
        outputs: dict[int, list[Any]] = {}
        for step in reversed(order) if parameters["reverse"] else order:
            results = body.results([*held, *state, *[row[step] for row in rows]], log)
            state, outputs[step] = results[:count], results[count:]
        columns = zip(*(outputs[step] for step in order), strict=True)
        return [*state, *(map(np.stack, columns) if order else map(_array, _empty(equation, count)))]

    return run, body.notes


def _empty(equation: Any, count: int) -> list[Any]:
    return [np.empty(variable.aval.shape, variable.aval.dtype) for variable in equation.outvars[count:]]


def _linear_solve(equation: Any, place: int) -> tuple[_Run, bool]:
    """Solve a linear system as its own method does."""
    lengths, solve = equation.params["const_lengths"], Program(equation.params["jaxprs"].solve, place + 1)
    first, right = lengths.matvec + lengths.vecmat, sum(lengths)

    def run(operands: list[Any], log: Log) -> Sequence[Any]:
        return solve.results(operands[first : first + lengths.solve] + operands[right:], log)

    return run, solve.notes


_CONTROL = {"cond": _cond, "while": _while, "scan": _scan, "custom_linear_solve": _linear_solve}
