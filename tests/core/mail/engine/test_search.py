"""SEARCH: every key, and the same answers however they are combined."""

from __future__ import annotations

import datetime
import time
from pathlib import Path

import pytest

from culver.mail import query as q
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.flags import FLAGGED, RECENT, SEEN
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import STAR, UidSet
from culver.mail.view import View
from culver.testing.storage import Store
from culver_plugins.maildir.format import MaildirFormat

DAY = datetime.date(2001, 2, 3).toordinal()
NOON = int(datetime.datetime(2001, 2, 3, 12).timestamp())


def body(subject: str, sent: str, text: str) -> bytes:
    date = f"Date: {sent}\r\n" if sent else ""
    return f"Subject: {subject}\r\n{date}\r\n{text}\r\n".encode()


MAILS = [
    NewMail(body=body("Hallo Welt", "Sat, 3 Feb 2001 23:30:00 -0800", "eins"), received=NOON),
    NewMail(
        body=body("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Sun, 4 Feb 2001 00:30:00 +0900", "zwei"),
        received=NOON + 86400,
        flags=SEEN,
        keywords=("Work",),
    ),
    NewMail(
        body=body("third", "", "drei " + "x" * 500), received=NOON - 86400, flags=SEEN | FLAGGED
    ),
]


@pytest.fixture
async def box(tmp_path: Path) -> EngineMailbox:
    store = Store(MaildirFormat, tmp_path / "mail")
    await store.create(INBOX)
    opened = await store.open()
    await opened.append(MAILS)
    return opened


@pytest.fixture
async def view(box: EngineMailbox) -> View:
    return await box.open_view(read_only=False)


TABLE: list[tuple[q.Query, list[int]]] = [
    (q.All(), [1, 2, 3]),
    (q.Flags(SEEN), [2, 3]),
    (q.Flags(SEEN | FLAGGED), [3]),
    (q.Flags(RECENT), [1, 2, 3]),
    (q.Keyword("WORK"), [2]),
    (q.Keyword("none"), []),
    (q.Uids(((2, STAR),)), [2, 3]),
    (q.Seqs(((1, 1), (3, 3))), [1, 3]),
    (q.SavedResult(), [2]),
    (q.Date("received", "on", DAY), [1]),
    (q.Date("received", "before", DAY), [3]),
    (q.Date("received", "since", DAY), [1, 2]),
    (q.Date("sent", "on", DAY), [1]),
    (q.Date("sent", "since", DAY + 1), [2]),
    (q.Date("sent", "before", DAY), []),
    (q.Date("saved", "since", DAY + 365), [1, 2, 3]),
    (q.Age("older", 3600), [1, 2, 3]),
    (q.Age("younger", 3600), []),
    (q.Age("younger", int(time.time()) - NOON + 3600), [1, 2]),
    (q.Size("larger", 400), [3]),
    (q.Size("smaller", 400), [1, 2]),
    (q.Header("Subject", "WELT"), [1]),
    (q.Header("subject", "grüße"), [2]),
    (q.Header("date", ""), [1, 2]),
    (q.Header("x-none", ""), []),
    (q.Body("ZWEI"), [2]),
    (q.Body("Welt"), []),
    (q.Text("Welt"), [1]),
    (q.Modseq(1), [1, 2, 3]),
    (q.Guid("none"), []),
    (q.And((q.Body("e"), q.Flags(SEEN))), [2, 3]),
    (q.And((q.Header("subject", "t"), q.Body("drei"))), [3]),
    (q.And(()), [1, 2, 3]),
    (q.Or((q.Body("eins"), q.Flags(FLAGGED))), [1, 3]),
    (q.Or((q.Body("eins"), q.And((q.Flags(SEEN), q.Text("zwei"))))), [1, 2]),
    (q.Not(q.Body("eins")), [2, 3]),
    (q.Or((q.Header("subject", "third"), q.Not(q.Flags(SEEN)))), [1, 3]),
]


@pytest.mark.parametrize(("query", "wanted"), TABLE, ids=lambda value: str(value)[:60])
async def test_table(box: EngineMailbox, view: View, query: q.Query, wanted: list[int]) -> None:
    for again in (query, query, q.Not(q.Not(query)), q.And((query, query)), q.Or((query, query))):
        found = await box.search(view, again, saved=UidSet([2]))
        assert list(found) == wanted
    rest = await box.search(view, q.Not(query), saved=UidSet([2]))
    assert list(rest) == [uid for uid in (1, 2, 3) if uid not in wanted]


async def test_messages_that_the_view_does_not_know_are_not_found(
    box: EngineMailbox, view: View
) -> None:
    await box.append([NewMail(body=b"Subject: new\n\neins\n")])
    assert list(await box.search(view, q.Text("eins"))) == [1]
    await box.sync(view)
    assert list(await box.search(view, q.Text("eins"))) == [1, 4]
