from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.parse import parse_message
from culver.mime.part import Part
from culver.mime.serialize import dump_parts, load_parts

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.eml"))


def test_the_layout_of_a_single_part_is_dovecots() -> None:
    root = parse_message(b"Subject: x\n\nbody\n")

    assert dump_parts(root) == (
        b"\x08\0\0\0"  # flags: text
        b"\x0c\0\0\0\0\0\0\0\x0e\0\0\0\0\0\0\0"  # header, physical and virtual
        b"\x05\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0"  # body
        b"\x01\0\0\0"  # body lines
    )


def test_children_have_their_position_and_are_counted() -> None:
    root = parse_message(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n")
    data = dump_parts(root)

    assert len(data) == 36 + 4 + 44 + 4
    assert data[36:40] == b"\1\0\0\0"
    assert int.from_bytes(data[44:52], "little") == root.children[0].header_start


def bare(part: Part) -> Part:
    """The part as far as it is kept."""
    kept = part.flags & 0x0C
    return Part(
        part.flags, part.header_start, part.header_size, 0, part.header_virtual, part.body_size,
        part.body_lines if kept else 0, part.body_virtual, [bare(c) for c in part.children],
    )  # fmt: skip


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_is_dumped_can_be_loaded(path: Path) -> None:
    root = parse_message(path.read_bytes())

    assert load_parts(dump_parts(root)) == bare(root)


@given(st.data())
def test_damaged_bytes_raise_value_error_or_load(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([p for p in CORPUS if p.stem in ("nested", "digest")]))
    dump = bytearray(dump_parts(parse_message(path.read_bytes())))
    for _ in range(data.draw(st.integers(1, 4))):
        dump[data.draw(st.integers(0, len(dump) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValueError):
        load_parts(bytes(dump))


def test_every_truncation_is_refused() -> None:
    path = next(p for p in CORPUS if p.stem == "nested")
    dump = dump_parts(parse_message(path.read_bytes()))

    for size in range(len(dump)):
        with pytest.raises(ValueError, match="not enough data"):
            load_parts(dump[:size])
    with pytest.raises(ValueError, match="1 bytes too many"):
        load_parts(dump + b"\0")


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (Part(flags=8, header_size=2, header_virtual=1), "virtual size is smaller"),
        (Part(flags=4), "0 children, not 1"),
        (Part(flags=1, children=[Part(header_size=1, header_virtual=1)]), "outside of its parent"),
    ],
)
def test_contradictions_are_refused(part: Part, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_parts(dump_parts(part))


def test_nesting_beyond_reason_is_refused() -> None:
    part = Part(flags=8)
    for _ in range(300):
        part = Part(flags=1, children=[part])

    with pytest.raises(ValueError, match="nested too deep"):
        load_parts(dump_parts(part))
