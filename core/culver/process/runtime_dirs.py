"""Directories that a running server needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from culver.config.common.server import ServerSettings
from culver.process.sockets import CannotListen

if TYPE_CHECKING:
    from culver.config.config import Config


def make_runtime_dirs(config: Config) -> Path:
    """Create ``base_dir``; returns it.  Raises CannotListen with the remedy."""
    path = Path(config.get(ServerSettings).base_dir)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as error:
        raise CannotListen(
            f"base_dir: can't make {path}: {error.strerror}; set base_dir to a directory that"
            " this user may write"
        ) from error
    return path
