"""Files of any form become targets: Python, notebooks, Markdown, importable modules."""

from jacfuzz.loading.file import load_file
from jacfuzz.loading.module import load_module

__all__ = ["load_file", "load_module"]
