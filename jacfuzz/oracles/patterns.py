"""Where functions like to branch: zeros, round numbers, ties; and which kinks are alike.

A full judgement of a kink takes hundreds of calls of f. It is made once for each pattern of zeros, round numbers and
ties at which the candidate stands to AD in the same way, unless it is a mixture of limits there, which other limits
need not allow; and in one batch so many times at most.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from jacfuzz.oracles.rows import Rows
from jacfuzz.oracles.ruling import Ruling, close

MOST = 40
"""Legal kinks that are judged at once; of an ordinary number of points that are all."""


def in_general_position(rows: Rows) -> np.ndarray:
    """Mask (K,) of the points without zeros, multiples of 1/2 and equal sizes: there functions rarely branch."""
    sizes = np.sort(np.abs(rows), axis=1)
    return np.asarray(~_round(sizes).any(axis=1) & (np.diff(sizes, axis=1) > 0).all(axis=1))


def _round(sizes: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(2 * sizes % 1 == 0)


class KnownKinks:
    """The legal kinks of one batch, and those of earlier ones.

    Parameters
    ----------
    known
        Rulings on kinks of the same frame by pattern; those of this batch are added. Without AD the pattern says less,
        and holds for this batch only.
    rows, candidates
        The points (K, N) and jac's answers (K, m, N).
    ads, believed
        Forward-mode AD (K, m, N) or None, and the mask (K,) of the points at which it is believed.
    """

    def __init__(
        self,
        known: dict[bytes, Ruling],
        rows: Rows,
        candidates: np.ndarray,
        ads: np.ndarray | None,
        believed: np.ndarray,
    ) -> None:
        self._rows, self._candidates, self._ads = rows, candidates, ads
        self._special = believed & ~in_general_position(rows)
        self._known = {} if ads is None else known
        self._legal: list[Ruling] = []  # on those of this batch that were judged

    def next(self, numbers: Sequence[int], most: int) -> tuple[dict[int, Ruling], list[int], list[int]]:
        """Say which points are known, which to judge next, and which after that; they stay in their order.

        Of points at a kink that is not known yet the first is judged before the others.

        Parameters
        ----------
        numbers
            Points that are not judged yet.
        most
            How many are judged at once.

        Returns
        -------
        tuple[dict[int, Ruling], list[int], list[int]]
            Rulings by number, and numbers.
        """
        known: dict[int, Ruling] = {}
        chosen: list[int] = []
        later: list[int] = []
        patterns: set[bytes] = set()
        for place, number in enumerate(numbers):
            if len(chosen) == most:
                later += numbers[place:]
                break
            pattern = self._pattern(number) if self._special[number] else None
            if pattern is None:
                chosen.append(number)
            elif (ruling := self._find(pattern)) is not None:
                known[number] = ruling
            elif pattern in patterns or len(self._legal) + len(patterns) >= MOST:
                later.append(number)
            else:
                chosen.append(number)
                patterns.add(pattern)
        return known, chosen, later

    def _find(self, pattern: bytes) -> Ruling | None:
        """Return the ruling on a kink of a pattern; any kink's once there are many."""
        found = self._known.get(pattern)
        if found is None and len(self._legal) >= MOST:
            return dataclasses.replace(self._legal[-1], unseen=True)
        return found

    def add(self, number: int, ruling: Ruling) -> None:
        """Remember a ruling if it is on a legal kink."""
        if ruling.status == "kink" and self._special[number]:
            self._legal.append(ruling)
            if not ruling.mixed:
                self._known[self._pattern(number)] = ruling

    def _pattern(self, number: int) -> bytes:
        """Round numbers, ties, and candidate and AD where they differ."""
        row, candidate = self._rows[number], self._candidates[number]
        sizes = np.abs(row)
        first = np.argmax(sizes == sizes[:, None], axis=1)
        pattern = np.where(_round(sizes), row, first + 0.25)
        if self._ads is None:
            return bytes(pattern.tobytes())
        ad = self._ads[number]
        apart = ~close(candidate, ad)
        parts: tuple[np.ndarray, ...] = (pattern, apart, candidate[apart], ad[apart])
        return b"".join(part.tobytes() for part in parts)
