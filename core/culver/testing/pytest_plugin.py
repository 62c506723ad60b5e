"""The pytest plugin that ships with culver: fixtures for plugin authors.

Needs pytest-trio: tests are ``async def``, with ``trio_mode = true`` or ``@pytest.mark.trio``.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from culver.testing.server import Plugin, TestServer


class StartServer(Protocol):
    """What the fixture ``culver`` is: call it, enter the result."""

    def __call__(
        self, *, plugins: Iterable[Plugin] = (), config: str = "", tls: bool = False
    ) -> AbstractAsyncContextManager[TestServer]:
        """See :func:`culver.testing.server.run_server`."""
        ...


@pytest.fixture
def culver(tmp_path_factory: pytest.TempPathFactory) -> StartServer:
    """Start a server in memory: ``async with culver(plugins=["cap"]) as server``."""

    def start(
        *, plugins: Iterable[Plugin] = (), config: str = "", tls: bool = False
    ) -> AbstractAsyncContextManager[TestServer]:
        # Imported when a test asks: pytest loads this module in every project that has culver.
        from culver.testing.server import run_server

        root: Path = tmp_path_factory.mktemp("culver")
        return run_server(root, plugins=plugins, config=config, tls=tls)

    return start
