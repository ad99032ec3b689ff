"""What goes over the pipe: items of a tag, a short text and an array, each under the nonce of its request."""

from __future__ import annotations

import dataclasses
import math
import struct
from collections.abc import Callable

import numpy as np


class Tag:
    """What an item is: the operation that opens a request, or a part of an answer."""

    EVALUATE, PRIMALS, DERIVATIVES, AHEAD, TRUTH, FORMULA, BOUNDARIES, SIZES = range(1, 9)
    DESCRIBE, PROBE, READY, PREPARE, SERVE = range(9, 14)
    ARRAY, PRIMAL, JACOBIAN, PRIMAL_RAISES, PRIMAL_PROTOCOL, JAC_RAISES, JAC_PROTOCOL = range(16, 23)
    MUTATED, UNSTABLE, NOTHING, TOGETHER, POINT_END, END = range(23, 29)


ANSWERS = frozenset(range(Tag.ARRAY, Tag.END + 1))
_HEADER = struct.Struct("<16sBHB3sQ")  # nonce, tag, length of the text, rank, dtype, bytes of the array
_DTYPES = {
    np.dtype(name).str.encode(): np.dtype(name)
    for name in ("?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8")
}
_COMPLEX = np.dtype("<c16")  # its name has a character more than the others
_DTYPES[b"c16"] = _COMPLEX
_MOST_AXES = 16


class FrameError(Exception):
    """An item that breaks the protocol; the message says how."""


@dataclasses.dataclass(frozen=True)
class Item:
    """A part of a request or answer: its tag, a short text and an array, each possibly empty."""

    tag: int
    text: str = ""
    array: np.ndarray | None = None

    def encoded(self, nonce: bytes) -> bytes:
        """Return the item as bytes."""
        return b"".join(self.parts(nonce))

    def parts(self, nonce: bytes) -> list[bytes | memoryview]:
        """Return the item as bytes, and those of its array as they lie in memory, if they lie in order."""
        text = self.text.encode("utf-8", "replace")
        if self.array is None:
            return [_HEADER.pack(nonce, self.tag, len(text), 0, b"", 0) + text]
        array = self.array
        if array.dtype.str[0] == ">" or (array.dtype.str.encode() not in _DTYPES and array.dtype != _COMPLEX):
            array = array.astype(complex if array.dtype.kind == "c" else float)
        name = b"c16" if array.dtype == _COMPLEX else array.dtype.str.encode()
        header = _HEADER.pack(nonce, self.tag, len(text), array.ndim, name, array.nbytes)
        content = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        return [header + text + struct.pack(f"<{array.ndim}Q", *array.shape), content]


def read_item(read: Callable[[int], bytes | bytearray], nonce: bytes, most: int) -> Item:
    """Read one item.

    Parameters
    ----------
    read
        Returns exactly so many bytes, or raises; what an array is made of, it keeps no hold of.
    nonce
        Of the request that the item must belong to; empty accepts any.
    most
        Bytes of an array at most; nothing larger is read.

    Raises
    ------
    FrameError
        If the bytes are no item of this request; whatever the bytes are, no other error is raised.
    """
    found, tag, length, rank, name, size = _HEADER.unpack(read(_HEADER.size))
    if nonce and found != nonce:
        raise FrameError("an answer that belongs to no question")
    if rank > _MOST_AXES or size > most:
        raise FrameError(f"an array of {rank} axes and {size} bytes; at most {_MOST_AXES} and {most} are read")
    text = read(length).decode("utf-8", "replace") if length else ""
    name = name.rstrip(b"\0")
    if not name:
        if rank or size:
            raise FrameError("an array without a dtype")
        return Item(tag, text)
    dtype = _DTYPES.get(name)
    shape = struct.unpack(f"<{rank}Q", read(8 * rank)) if rank else ()
    if dtype is None or math.prod(shape) * dtype.itemsize != size or (not size and max(shape) >= most):
        raise FrameError("an array whose dtype, shape and length do not fit each other")
    array = np.frombuffer(read(size) if size else b"", dtype).reshape(shape)
    return Item(tag, text, array if array.flags.writeable else array.copy())
