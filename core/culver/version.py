"""The version, asked for once: after privileges are dropped the metadata may be unreadable."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

VERSION: Final = version("culver")
