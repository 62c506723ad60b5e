"""Relative IMAP URLs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.imap.wire.section import Section
from culver_plugins.imap.wire.url import ImapUrl, parse_url

URLS: list[tuple[bytes, ImapUrl]] = [
    (b"/INBOX/;UID=20", ImapUrl(20, "INBOX")),
    (b"/inbox;UIDVALIDITY=785799047/;UID=113330", ImapUrl(113330, "INBOX", 785799047)),
    (b"/gray%20council/sub/;UID=20/;SECTION=1.2",
     ImapUrl(20, "gray council/sub", None, Section((1, 2)))),
    (b"/%C3%A4/;uid=1/;section=HEADER.FIELDS%20(From)",
     ImapUrl(1, "\u00e4", None, Section((), "HEADER.FIELDS", (b"From",)))),
    (b";UID=20/;SECTION=1.2/;PARTIAL=0.1024", ImapUrl(20, None, None, Section((1, 2)), 0, 1024)),
    (b"/;UID=20", ImapUrl(20)),
    (b"/a/;UID=20/;PARTIAL=5", ImapUrl(20, "a", first=5)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "url"), URLS, ids=lambda row: repr(row)[:30])
def test_urls(text: bytes, url: ImapUrl) -> None:
    assert parse_url(text) == url


@pytest.mark.parametrize(
    "text",
    [b"", b"/INBOX", b"imap://a/INBOX/;UID=1", b"//a/b", b"/a/;UID=0", b"/a/;UID=x",
     b"/a/;UID=1/;SECTION=X", b"/a/;UID=1/;PARTIAL=x", b"/a?x/;UID=1", b"/%ff/;UID=1",
     b"/a/;UID=1/;SECTION=1]x", b"http://a/;UID=1/;SECTION="],
)  # fmt: skip
def test_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="URL"):
        parse_url(text)


@given(st.binary(max_size=40))
def test_garbage(text: bytes) -> None:
    try:
        url = parse_url(b"/a" + text + b";UID=1")
    except ValueError:
        return
    assert url.uid == 1
