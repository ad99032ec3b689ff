"""The templates, styles and scripts that are shipped beside this file."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@functools.cache
def environment() -> Environment:
    """Return the templates; whatever is put into one is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("jacfuzz.report.html"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def text_of(name: str) -> str:
    """Return a style or script as it is, marked as needing no escape."""
    from markupsafe import Markup

    return Markup(environment().get_template(name).render())  # ours, and nothing is put into it
