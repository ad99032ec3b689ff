"""Jupyter notebooks: code cells become blocks, each under the nearest heading above; outputs are ignored."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from jacfuzz.errors import LoadError
from jacfuzz.loading.blocks import Block
from jacfuzz.loading.magics import NotPythonError, without_magics
from jacfuzz.loading.markdown import last_heading


def read_notebook(text: str, file: str) -> list[Block]:
    """Return the code cells.

    Raises
    ------
    LoadError
        If the text is no notebook.
    """
    import nbformat.reader

    try:
        with _quiet_nbformat():
            # Without a look at the schema, whose remarks nobody would see.
            cells = nbformat.convert(nbformat.reader.reads(text), 4).cells
    except Exception as error:  # nbformat raises whatever the first missing key happens to raise
        reason = str(error).strip().partition("\n")[0]
        raise LoadError(
            f"{file}: got a file that is no notebook ({type(error).__name__}: {reason[:200]}); "
            "expected the JSON that Jupyter saves; save the notebook again"
        ) from None
    blocks: list[Block] = []
    heading = ""
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type == "markdown":
            heading = last_heading(cell.source) or heading
        elif cell.cell_type == "code" and cell.source.strip():
            try:
                source = without_magics(cell.source)
            except NotPythonError:
                continue
            blocks.append(Block(source, file, cell=number, heading=heading, unit=number))
    return blocks


@contextmanager
def _quiet_nbformat() -> Iterator[None]:
    """Keep remarks on the notebook's schema to themselves; the cells are all that counts."""
    logger = logging.getLogger("traitlets")
    disabled = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = disabled
