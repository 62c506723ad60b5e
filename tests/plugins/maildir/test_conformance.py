"""Maildir passes the public conformance suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from culver.testing.storage import CHECKS, Check, Store, check_storage_format
from culver_plugins.maildir.format import MaildirFormat


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("index", ["", "MEMORY"])
async def test_maildir_conforms(check: Check, index: str, tmp_path: Path) -> None:
    await check(Store(MaildirFormat, tmp_path / "mail", {"INDEX": index} if index else None))


async def test_the_suite_names_what_failed(tmp_path: Path) -> None:
    class Forgetful(MaildirFormat):
        """Loses GUIDs."""

        def guids(self, box: object, uids: object) -> list[str]:
            del box
            return ["" for _ in uids]  # type: ignore[attr-defined]

    with pytest.raises(AssertionError, match="maildir: append_gives_back_what_was_saved: GUIDs"):
        await check_storage_format(Forgetful, tmp_path)
