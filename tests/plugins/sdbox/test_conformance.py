"""sdbox passes the public conformance suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from culver.testing.storage import CHECKS, Check, Store
from culver_plugins.sdbox.format import SdboxFormat


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_sdbox_conforms(check: Check, tmp_path: Path) -> None:
    await check(Store(SdboxFormat, tmp_path / "mail"))
