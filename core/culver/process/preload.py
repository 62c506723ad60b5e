"""Load before the fork what a worker would load later.

What is loaded here is shared by all processes.  And a process that has given up root may not be
able to read the place where Python lives any more: then a late import fails in the middle of a
session.
"""

from __future__ import annotations

import contextlib
import encodings
import importlib
import pkgutil
from typing import Final

LATE: Final = (
    "encodings.idna",
    "importlib.readers",
    "email.parser",
    "email.utils",
    "stringprep",
    "tempfile",
    "traceback",
    "unicodedata",
)
"""Modules of the standard library that others import inside functions."""


def preload() -> None:
    """Import codecs and the like, and read data files that are read once."""
    from culver.config.catalogue import catalogue

    catalogue()
    for name in LATE:
        importlib.import_module(name)
    for module in pkgutil.iter_modules(encodings.__path__, "encodings."):
        # Some exist on other systems only (mbcs, oem).
        with contextlib.suppress(ImportError):
            importlib.import_module(module.name)
