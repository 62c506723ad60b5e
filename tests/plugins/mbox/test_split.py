"""Cutting files into mails: at every size of what is read at once, and garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plugins.mbox.corpus import CORPUS

from culver_plugins.mbox import fileview, split
from culver_plugins.mbox.fileview import FileView

LINE = b"From a@b Thu Nov 29 22:33:52 2001\n"


def cut(data: bytes) -> list[tuple[bytes, bytes]]:
    """Header and body of each mail."""
    view = FileView.of_bytes(data)
    found = [
        (view.read(s.header, s.ends), view.read(s.body, s.end)) for s, _, _ in split.split(view)
    ]
    headers = [header for _, header, _ in split.split(view)]
    assert headers == [header for header, _ in found]
    return found


@pytest.mark.parametrize(
    ("data", "mails"),
    [
        (b"", []),
        (LINE, [(b"", b"")]),
        (LINE[:-1], [(b"", b"")]),
        (LINE + b"\n", [(b"", b"")]),
        (LINE + b"a: b\n", [(b"a: b", b"")]),
        (LINE + b"a: b\n\n", [(b"a: b\n", b"")]),
        (LINE + b"a: b\n\nc\n\n", [(b"a: b\n", b"c\n")]),
        (LINE + b"a: b\n\nc\n", [(b"a: b\n", b"c")]),
        (LINE + b"a: b\n\nc", [(b"a: b\n", b"c")]),
        (LINE + b"a: b\r\n\r\nc\r\n\r\n", [(b"a: b\r\n", b"c\r\n")]),
        (LINE + b"a: b\n" + LINE + b"c: d\n\ne\n\n", [(b"a: b", b""), (b"c: d\n", b"e\n")]),
        (LINE + b"a: b\n\n" + LINE + b"\nd\n\n", [(b"a: b\n", b""), (b"", b"d\n")]),
        (LINE + b"\nFrom me\n\n" + LINE, [(b"", b"From me\n"), (b"", b"")]),
        (
            LINE + b"Content-Length: 35\n\n\n" + LINE + b"\n" + LINE,
            [(b"Content-Length: 35\n", b"\n" + LINE), (b"", b"")],
        ),
        (
            LINE + b"Content-Length: 34\n\n" + LINE + b"\n" + LINE,
            [(b"Content-Length: 34\n", LINE), (b"", b"")],
        ),
        (
            LINE + b"Content-Length: 33\n\n" + LINE + b"\n" + LINE,
            [(b"Content-Length: 33\n", b""), (b"", b""), (b"", b"")],
        ),
    ],
)
def test_mails_of_a_file(data: bytes, mails: list[tuple[bytes, bytes]]) -> None:
    assert cut(data) == mails


@pytest.mark.parametrize("chunk", [50, 51, 52, 53, 97, 101, 257, 1021])
@pytest.mark.parametrize("name", [n for n in CORPUS if len(CORPUS[n]) < 4000])
def test_how_much_is_read_at_once_makes_no_difference(
    name: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = cut(CORPUS[name])
    monkeypatch.setattr(fileview, "_CHUNK", chunk)
    monkeypatch.setattr(split, "_WINDOW", chunk - 17)

    assert cut(CORPUS[name]) == expected


@pytest.mark.parametrize("data", [b"\n" + LINE, b"x", b"From here on\n", b"\xff" * 100])
def test_what_is_no_mbox(data: bytes) -> None:
    with pytest.raises(split.NotAnMbox, match="offset 0"):
        cut(data)


_PIECES = st.sampled_from(
    [LINE, LINE[:-1] + b"\r\n", b"\n", b"\r\n", b"From ", b"a: b\n", b"Content-Length: 36\n", b"x"]
)


@given(st.lists(_PIECES | st.binary(max_size=5), max_size=30))
def test_garbage_is_cut_without_loss(pieces: list[bytes]) -> None:
    data = LINE + b"".join(pieces)
    view = FileView.of_bytes(data)
    at = 0
    for span, _, _ in split.split(view):
        assert data[at : span.start] in (b"", b"\n", b"\r\n")
        assert span.start < span.header <= span.ends <= span.body <= span.end
        assert data[span.ends : span.body] in (b"", b"\n", b"\r\n")
        at = span.end
    assert data[at:] in (b"", b"\n", b"\r\n")


def test_a_file_that_others_truncate_is_only_shorter() -> None:
    view = FileView(lambda length, offset: b"abc"[offset : offset + length], 1000)

    assert view.read(1, 900) == b"bc"
    assert view.find(b"bc", 0, 1000) == 1
    assert view.find(b"zz", 0, 1000) == -1
