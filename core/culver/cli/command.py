"""What a subcommand of ``culver`` is."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from typing import ClassVar


class CliCommand(ABC):
    """``culver NAME``.  Import what it needs inside :meth:`run`: start-up time is part of the
    budget of every command."""

    name: ClassVar[str]
    help: ClassVar[str]
    """One line."""
    own_help: ClassVar[bool] = False
    """``-h`` means something else in this command."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:  # noqa: B027 - optional
        """Declare options."""

    @abstractmethod
    def run(self, args: argparse.Namespace) -> int:
        """Do it.  Returns the exit code; prints errors to stderr."""
