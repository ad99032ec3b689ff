"""Evaluations and references to verdicts, a batch at a time.

Every point is screened twice, against forward-mode AD and against a directional difference of the untouched f; what
fails either screen goes to the arbiter. Structure comes first: a wrong shape suppresses all else at that point.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import numpy as np

from jacfuzz.evaluation.evaluate import Evaluation, Problem, evaluate, quiet
from jacfuzz.evaluation.frame import Frame, are_same, shapes_of
from jacfuzz.evaluation.hosted import DiedError, host_of
from jacfuzz.numbers import Numbers
from jacfuzz.oracles.ruling import Ruling
from jacfuzz.oracles.structure import Mismatch, against_annotation, wrong_shape
from jacfuzz.patience import Patience
from jacfuzz.target import Target
from jacfuzz.verdict import Failure, PointVerdict
from jacfuzz.wording import REASONS, failure_of, notes_of, problem_text

_SMALL = 1 << 13
_MOST_NUMBERS = 1 << 23


class Judge:
    """Judge of one target; keeps compiled references between batches.

    Parameters
    ----------
    target
        The pair.
    seed
        Makes the random directions of the checks; the verdict at a batch depends on nothing else.

    Attributes
    ----------
    patience
        How long to go on after the first failure.
    """

    def __init__(self, target: Target, seed: int) -> None:
        self._target = target = copy.copy(target)  # what is compiled for it ends with this judge
        self._host = host_of(target)
        self.patience = Patience()
        self._numbers = Numbers(target, seed, self.patience)
        self._annotated: dict[object, list[Mismatch]] = {}
        self._cells: dict[tuple[tuple[int, ...], ...], int] = {}  # of f's result, by the shapes of its arguments
        self._next: tuple[np.ndarray, ...] = ()  # points that are judged after those of the next batch
        self._expected: list[tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]] = []  # points, and those beside

    def batch(self, values: tuple[np.ndarray, ...]) -> list[PointVerdict]:
        """Judge K points; ``values`` holds an array (K, *shape) per argument."""
        verdicts: list[PointVerdict] = []
        with quiet():
            parts = _cut(values, self._room(values))
            for part, following in zip(parts, [*parts[1:], self._coming()], strict=False):
                if following:
                    self._announce(following)
                verdicts += self._batch(part)
        return verdicts

    def expect(self, values: tuple[np.ndarray, ...]) -> None:
        """Hear which points are judged after the next ones: f and jac that live elsewhere are called meanwhile."""
        self._next = values

    def _coming(self) -> tuple[np.ndarray, ...]:
        """Return what is judged first of the points to come; () where that is not known."""
        values, self._next = self._next, ()
        if not values or not (_few(values) or shapes_of(values) in self._cells):
            return ()
        return _cut(values, self._room(values))[0]

    def _announce(self, values: tuple[np.ndarray, ...]) -> None:
        """Have f and jac called at points, and f beside them, once those that are asked for next are answered."""
        if self._host is not None:
            beside = self._numbers.beside(self._frame(values), values)
            self._expected = [*self._expected[-1:], (values, beside)]
            self._host.expect(values, beside)

    def errors(self, values: tuple[np.ndarray, ...]) -> np.ndarray:
        """Return how far jac is off at K points, in units of what the screens let pass: a number a point, no verdict.

        NaN where nothing can be said; infinite where jac gives no Jacobian that could be compared.
        """
        with quiet():
            evaluation = evaluate(self._target, values)
            verdicts = [PointVerdict() for _ in evaluation.primals]
            groups = self._groups(evaluation, values, verdicts)
            errors = np.array([np.inf if verdict.status == "fail" else np.nan for verdict in verdicts])
            frame = self._frame(values)
            for shape, members in groups.items():
                if not math.prod(shape) or not sum(frame.sizes):
                    continue
                primals, candidates = evaluation.rows(members, math.prod(shape))
                try:
                    errors[members] = self._numbers.errors(frame, shape, np.array(members), primals, candidates, values)
                except DiedError as error:
                    errors[error.row] = np.inf
            return errors

    def _room(self, values: tuple[np.ndarray, ...]) -> int:
        """How many points are judged at once, such that their Jacobians need no more than some megabytes."""
        count, width = len(values[0]), sum(value[0].size for value in values)
        if _few(values):
            return max(count, 1)
        shapes = shapes_of(values)
        if shapes not in self._cells:
            primal = evaluate(self._target, tuple(value[:1] for value in values)).primals[0]
            self._cells[shapes] = 1 if isinstance(primal, Problem) else primal.size
        return int(max(1, min(count, _MOST_NUMBERS // max(self._cells[shapes] * width, 1))))

    def _batch(self, values: tuple[np.ndarray, ...]) -> list[PointVerdict]:
        frame = self._frame(values)
        evaluation = evaluate(self._target, values, self._beside(frame, values))
        verdicts = [PointVerdict() for _ in evaluation.primals]
        groups = self._groups(evaluation, values, verdicts)
        if groups:
            self._cells.setdefault(frame.shapes, max(map(math.prod, groups)))
        for shape, members in groups.items():
            cells = math.prod(shape)
            if not cells or not sum(frame.sizes):
                for index in members:
                    verdicts[index].bare = True
                continue
            primals, candidates = evaluation.rows(members, cells)
            try:
                rulings = self._numbers.settle(frame, shape, np.array(members), primals, candidates, values)
            except DiedError as error:
                self._died(error, members, verdicts)
                continue
            for index, ruling in rulings.items():
                self._rule(ruling, candidates[members.index(index)], frame, shape, verdicts[index])
        if self._host is not None:
            verdicts[0].notes += self._host.take_notes()
        return verdicts

    def _beside(self, frame: Frame, values: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        """Return where f will be asked for beside points, if it lives elsewhere."""
        if self._host is None:
            return ()
        for expected, beside in self._expected:
            if are_same(expected, values):
                return beside
        return self._numbers.beside(frame, values)

    def _died(self, error: DiedError, members: list[int], verdicts: list[PointVerdict]) -> None:
        """Blame the point next to which f ended its process; the others next to it stay without a verdict."""
        for index in members:
            verdicts[index].status = "undefined"
            verdicts[index].reason = f"not judged, since {error.problem.text}"
        verdicts[error.row].fail(Failure(error.problem.kind, f"next to this point {error.problem.text}"))

    def _frame(self, values: tuple[np.ndarray, ...]) -> Frame:
        return Frame(shapes_of(values), self._target.signature.varying)

    def _groups(
        self, evaluation: Evaluation, values: tuple[np.ndarray, ...], verdicts: list[PointVerdict]
    ) -> dict[tuple[int, ...], list[int]]:
        """Judge all but the numbers, and group the points whose numbers are to be judged by the shape of f's result."""
        groups: dict[tuple[int, ...], list[int]] = {}
        for alike in evaluation.alike():
            for members, shape in self._structures(alike, evaluation, values, verdicts):
                groups.setdefault(shape, []).extend(members)
        return groups

    def _structures(
        self,
        alike: list[int],
        evaluation: Evaluation,
        values: tuple[np.ndarray, ...],
        verdicts: list[PointVerdict],
    ) -> Iterator[tuple[list[int], tuple[int, ...]]]:
        """Judge points of which f and jac gave the same kind of arrays: what holds for the first, holds for all.

        Yields points whose numbers are to be judged, with the shape of f's result.
        """
        first, rest = alike[0], alike[1:]
        shape = self._structure(first, evaluation, values, verdicts[first])
        if shape is not None:
            clean = verdicts[first].status == "pass"
            if clean and np.isfinite(evaluation.values(alike, math.prod(shape))).all():
                for index in rest:
                    verdicts[index].notes += verdicts[first].notes
                yield alike, shape
                return
            yield [first], shape
        for index in rest:
            shape = self._structure(index, evaluation, values, verdicts[index])
            if shape is not None:
                yield [index], shape

    def _structure(
        self, index: int, evaluation: Evaluation, values: tuple[np.ndarray, ...], verdict: PointVerdict
    ) -> tuple[int, ...] | None:
        """Judge all but the numbers; return the shape of f's result where the numbers are to be judged."""
        if index in evaluation.untried:
            verdict.status, verdict.reason = "unsure", "not tried, since f and jac ended their process too often"
            return None
        if index in evaluation.died:
            verdict.fail(Failure(evaluation.died[index].kind, evaluation.died[index].text))
            return None
        if evaluation.mutated[index]:
            verdict.fail(Failure("mutates", f"{evaluation.mutated[index]} in place; work on a copy"))
        who = evaluation.unstable.get(index, "")
        if who and not (who == "f" and self._target.noise):
            verdict.fail(Failure("nondeterministic", f"{who} gives different answers at the same point"))
            return None
        primal, jacobians = evaluation.primals[index], evaluation.jacobians[index]
        if isinstance(primal, Problem) or primal.dtype.kind == "c" or not np.isfinite(primal).all():
            self._undefined(primal, verdict)
            return None
        if isinstance(jacobians, Problem):
            if self._jumps(self._frame(values), primal.shape, index, values, verdict):
                self._undefined(Problem("value", REASONS["undefined"]), verdict)
                return None
            verdict.fail(Failure(jacobians.kind, problem_text(jacobians)))
            return None
        arguments = [i for i, varies in enumerate(self._target.signature.varying) if varies]
        names = self._target.signature.differentiable
        mismatch = wrong_shape(primal, jacobians, names, tuple(values[i].shape[1:] for i in arguments))
        if mismatch is not None:
            candidate = jacobians[names.index(mismatch.argument)]
            verdict.fail(Failure("shape", mismatch.text, mismatch.argument, candidate=candidate))
            return None
        self._annotation(tuple(value[index] for value in values), primal, jacobians, verdict)
        for name, jacobian in zip(names, jacobians, strict=True):
            if jacobian.dtype.kind == "b":
                verdict.notes.append(("dtype", f"bool dtype: the Jacobian of {name} holds True and False, not numbers"))
            if jacobian.dtype.kind == "c":
                text = "the Jacobian is complex where f is real; return its real part"
                verdict.fail(Failure("value", text, name, candidate=jacobian))
        return primal.shape if all(jacobian.dtype.kind != "c" for jacobian in jacobians) else None

    def _jumps(
        self,
        frame: Frame,
        shape: tuple[int, ...],
        index: int,
        values: tuple[np.ndarray, ...],
        verdict: PointVerdict,
    ) -> bool:
        try:
            return self._numbers.jumps(frame, shape, index, values)
        except DiedError as error:
            verdict.fail(Failure(error.problem.kind, f"next to this point {error.problem.text}"))
            return False

    def _undefined(self, primal: np.ndarray | Problem, verdict: PointVerdict) -> None:
        """Where f has no ordinary value nothing that jac gives is a finding."""
        if verdict.status != "fail":
            verdict.status = "undefined"
        if isinstance(primal, Problem):
            verdict.reason = f"f raises {primal.text}" if primal.kind == "raises" else primal.text
        elif primal.dtype.kind == "c":
            verdict.reason = "f returns complex numbers; state it as a pair of real arrays"
        else:
            verdict.reason = "f returns nan or inf"

    def _annotation(
        self,
        values: tuple[np.ndarray, ...],
        primal: np.ndarray,
        jacobians: tuple[np.ndarray, ...],
        verdict: PointVerdict,
    ) -> None:
        arrays = (*values, primal, *jacobians)
        key = tuple((array.shape, array.dtype.str) for array in arrays)
        if key not in self._annotated:
            self._annotated[key] = against_annotation(self._target.signature, values, primal, jacobians)
        for mismatch in self._annotated[key]:
            if mismatch.argument:
                verdict.fail(Failure("annotation", mismatch.text, mismatch.argument))
            else:
                verdict.notes.append(("annotation", mismatch.text))

    def _rule(
        self, ruling: Ruling, candidate: np.ndarray, frame: Frame, shape: tuple[int, ...], verdict: PointVerdict
    ) -> None:
        """Put a ruling into the words of a verdict."""
        verdict.notes += notes_of(ruling, self._target.noise)
        verdict.digits = ruling.digits
        match ruling.status:
            case "pass":
                return
            case "kink" | "unsure" | "undefined":
                if verdict.status != "fail":
                    verdict.status = ruling.status
                    verdict.reason = REASONS[ruling.status]
                return
        kind, text = failure_of(ruling)
        start = 0
        names = iter(self._target.signature.differentiable)
        for argument_shape, varies in zip(frame.shapes, self._target.signature.varying, strict=True):
            if not varies:
                continue
            name, stop = next(names), start + math.prod(argument_shape)
            wrong = ruling.wrong[:, start:stop]
            if wrong.any():
                full = shape + argument_shape
                cells = tuple(tuple(int(i) for i in cell) for cell in np.argwhere(wrong.reshape(full)))
                verdict.fail(
                    Failure(
                        kind,
                        text,
                        name,
                        cells,
                        candidate[:, start:stop].reshape(full),
                        ruling.reference[:, start:stop].reshape(full),
                        ruling.bound,
                    )
                )
                return
            start = stop


def _cut(values: tuple[np.ndarray, ...], room: int) -> list[tuple[np.ndarray, ...]]:
    """Cut a batch into those of so many points at most."""
    return [tuple(value[start : start + room] for value in values) for start in range(0, len(values[0]), room)]


def _few(values: tuple[np.ndarray, ...]) -> bool:
    """Whether points are judged at once whatever the size of their Jacobians."""
    return bool(len(values[0]) * sum(value[0].size for value in values) <= _SMALL)
