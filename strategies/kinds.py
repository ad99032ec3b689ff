"""What kinds of residuals there are for a search, by their operations, and what it looks for first."""

from __future__ import annotations

from jacfuzz.tracing.residuals import Label, Recording, Site

_KEPT_OFF = frozenset(["divide", "reciprocal", "sqrt", "log", "log2", "log10", "log1p", "arctan2"])
_DISTANCES = frozenset(["hypot"])
_LENGTHS = _DISTANCES | {"sqrt", "rsqrt", "norm", "vector_norm"}
_LAST = frozenset(["multiply", "square", "power", "exp", "exp2", "expm1", "sinh", "cosh", "prod", "cumprod"])


def sides_of(recording: Recording, labels: tuple[Label, ...]) -> list[int]:
    """Numbers of the two residuals that both vanish where a distance does, which steps are led by; of others none."""
    site, cell = labels[0]
    if len(labels) > 1 or site.operation not in _DISTANCES:
        return []
    start, size = recording.starts[site]
    return [start + cell - 2 * (size // 3), start + cell - size // 3]


def is_side(recording: Recording, label: Label) -> bool:
    """Whether a residual is a side of a distance, which is smooth where one of its sides vanishes."""
    return label.site.operation in _DISTANCES and label.cell < 2 * (recording.starts[label.site][1] // 3)


def may_be_distance(label: Label) -> bool:
    """Whether a residual may be the length of a vector, or such a length less something."""
    return rank(label) == 0 or label.site.operation in _LENGTHS


def rank(label: Label) -> int:
    """What is looked for first: where code branches, then what may be kept from zero, then where nothing branches."""
    return 2 if is_last(label) else 1 if is_kept_off(label) else 0


def are_last(labels: tuple[Label, ...]) -> bool:
    """Whether nothing branches where some residuals vanish, as far as is known."""
    return all(map(is_last, labels))


def alike(labels: tuple[Label, ...]) -> tuple[Label | Site, ...]:
    """What fails alike: the factors of one operation are likely to be of one kind."""
    return tuple(label.site for label in labels) if are_last(labels) else labels


def is_last(label: Label) -> bool:
    """Whether nothing branches where a residual vanishes, as far as is known."""
    return label.site.operation in _LAST


def is_kept_off(label: Label) -> bool:
    """Whether a residual with one sign is kept from zero on purpose more often than not."""
    return label.site.operation in _KEPT_OFF
