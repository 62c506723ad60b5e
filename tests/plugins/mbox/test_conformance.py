"""mbox passes the public conformance suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from culver.mail.location import MailLocation
from culver.mail.storagecontext import StorageContext
from culver.testing.storage import CHECKS, Check, Store, mailboxes_are_kept
from culver_plugins.mbox.format import MboxFormat


class NestedMbox(MboxFormat):
    """Mailboxes that can have children: a plain file can't, in any mbox store."""

    def __init__(self, location: MailLocation, context: StorageContext) -> None:
        options = {"DIRNAME": "mbox"}
        location = MailLocation(driver="mbox", path=location.path, options=options)
        super().__init__(location, context)


@pytest.mark.parametrize(
    "check", [c for c in CHECKS if c is not mailboxes_are_kept], ids=lambda check: check.__name__
)
async def test_mbox_conforms(check: Check, tmp_path: Path) -> None:
    await check(Store(MboxFormat, tmp_path / "mail"))


@pytest.mark.parametrize(
    "check",
    [c for c in CHECKS if c.__name__ != "processes_share_a_mailbox"],
    ids=lambda check: check.__name__,
)
async def test_mbox_with_directories_conforms(check: Check, tmp_path: Path) -> None:
    await check(Store(NestedMbox, tmp_path / "mail"))
