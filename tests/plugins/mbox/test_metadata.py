"""The headers of the storage: read, hidden, written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mail import flags as f
from culver_plugins.mbox.digest import guid_of
from culver_plugins.mbox.metadata import (
    PADDING,
    Base,
    Metadata,
    content_length,
    read_metadata,
    visible,
    write_metadata,
)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"", Metadata()),
        (b"Subject: Status: R\nX-Statuses: A\n", Metadata()),
        (b"Status: RO\n", Metadata(flags=f.SEEN, old=True)),
        (b"status:O\r\n", Metadata(old=True)),
        (b"Status: ZU\n", Metadata()),
        (
            b"X-Status: AFTD\n",
            Metadata(flags=f.ANSWERED | f.FLAGGED | f.DRAFT | f.DELETED),
        ),
        (b"X-UID: 17\n", Metadata(uid=17)),
        (b"X-UID: 17 \r\nX-UID: 18\n", Metadata(uid=17)),
        (b"X-UID: 0\n", Metadata()),
        (b"X-UID: 1x\n", Metadata()),
        (b"X-UID: 4294967295\n", Metadata()),
        (b"X-Keywords: a b\n\tc   \n", Metadata(keywords=("a", "b", "c"))),
        (b"X-IMAPbase: 5 0000000007 a\n b\n", Metadata(base=Base(5, 7, ("a", "b")))),
        (b"X-IMAP: 5 0000000007\n", Metadata(base=Base(5, 7), pseudo=True)),
        (b"X-IMAPbase: 0 7\n", Metadata()),
        (b"X-IMAPbase: 5\n", Metadata()),
        (b"X-IMAPbase: 5 4294967295\n", Metadata()),
        (b"X-UID: 3", Metadata(uid=3)),
        (b"To: a\n X-UID: 3\nX-UID : 4\n", Metadata(uid=4)),
    ],
)
def test_what_headers_say(header: bytes, said: Metadata) -> None:
    assert read_metadata(header) == said


def test_clients_see_none_of_them() -> None:
    header = b"A: b\nStatus: RO\nX-UID: 1\nC: d\n e\nX-KEYWORDS: a\n\tb\nContent-length: 1\nX: y\n"

    assert visible(header) == b"A: b\nC: d\n e\nX: y\n"
    assert visible(b"X-UID: 1") == b""
    assert visible(b"X-Status-Not: 1\n") == b"X-Status-Not: 1\n"


@pytest.mark.parametrize(
    ("header", "length"),
    [
        (b"Content-Length: 5\n", 5),
        (b"a: b\r\ncontent-length :  5 \r\n", 5),
        (b"Content-Length: 5", 5),
        (b"Content-Length: x\n", None),
        (b"Content-Length: -1\n", None),
        (b"X-Content-Length: 1\n", None),
        (b"Content-Length: " + b"9" * 30 + b"\n", None),
    ],
)
def test_content_length(header: bytes, length: int | None) -> None:
    assert content_length(header) == length


_WORDS = st.lists(st.from_regex(r"[!-~]{1,12}", fullmatch=True), max_size=5, unique=True)


@given(
    uid=st.integers(1, 2**31),
    flags=st.integers(0, f.STORED_FLAGS),
    old=st.booleans(),
    keywords=_WORDS,
    base=st.none() | st.builds(Base, st.integers(1, 2**32 - 1), st.integers(0, 2**31)),
    room=st.integers(-1, 500),
    eol=st.sampled_from([b"\n", b"\r\n"]),
)
def test_what_is_written_is_read(
    uid: int,
    flags: int,
    old: bool,
    keywords: list[str],
    base: Base | None,
    room: int,
    eol: bytes,
) -> None:
    said = Metadata(uid, flags, old, tuple(keywords), base)
    own = b"Subject: x" + eol
    written = write_metadata(own, said, body_size=7, eol=eol, room=room)

    assert read_metadata(written) == said
    assert visible(written) == own
    assert content_length(written) == 7
    assert written.count(b"\n") == written.count(eol)
    if len(written) != room:
        assert b":" + b" " * PADDING in written.replace(b" ".join(map(str.encode, keywords)), b"")


def test_a_written_header_has_the_length_of_its_room() -> None:
    said = Metadata(uid=1, flags=f.SEEN, keywords=("a",))
    least = len(write_metadata(b"", said, body_size=0)) - PADDING

    lengths = {len(write_metadata(b"", said, body_size=0, room=r)) - r for r in range(least, 200)}
    assert lengths == {0}
    assert len(write_metadata(b"", said, body_size=0, room=least - 1)) == least + PADDING


@given(st.binary(max_size=200))
def test_garbage_is_no_error(header: bytes) -> None:
    read_metadata(header)
    assert read_metadata(visible(header)) == Metadata()
    assert len(guid_of(header)) == len(guid_of(header, "all")) == 32


def test_the_guid_is_that_of_headers_no_server_changes() -> None:
    header = b"Date: d\nMessage-ID: <1@x>\nSubject: x\n"

    assert guid_of(header) == guid_of(b"X-UID: 3\nStatus: RO\n" + header)
    assert guid_of(header) == guid_of(header.replace(b"Subject: x", b"Subject: y"))
    assert guid_of(header) != guid_of(header.replace(b"<1@x>", b"<2@x>"))
    assert guid_of(header, "all") == guid_of(b"X-UID: 3\nStatus: RO\n" + header, "all")
    assert guid_of(header, "all") != guid_of(header.replace(b": x", b": y"), "all")
