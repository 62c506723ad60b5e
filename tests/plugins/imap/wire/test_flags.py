"""System flags: bits as in the index file, words as on the wire."""

import pytest

from culver_plugins.imap.wire import flags
from culver_plugins.imap.wire.flags import FlagList


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        (0x00, b""),
        (0x01, b"\\Answered"),
        (0x02, b"\\Flagged"),
        (0x04, b"\\Deleted"),
        (0x08, b"\\Seen"),
        (0x10, b"\\Draft"),
        (0x20, b"\\Recent"),
        (0x29, b"\\Answered \\Seen \\Recent"),
        (0x3F, b"\\Answered \\Flagged \\Deleted \\Seen \\Draft \\Recent"),
    ],
)
def test_texts(bits: int, text: bytes) -> None:
    assert flags.FLAG_TEXTS[bits] == text
    assert flags.bits_text(bits) == text


@pytest.mark.parametrize("bits", range(0x20))
def test_every_combination_is_read_back(bits: int) -> None:
    assert flags.flag_list(flags.FLAG_TEXTS[bits].split()) == FlagList(bits)


@pytest.mark.parametrize(
    ("bits", "keywords", "text"),
    [
        (0x08, (b"$Forwarded",), b"\\Seen $Forwarded"),
        (0, (b"a", b"b"), b"a b"),
        (0x140, (), b""),
    ],
)
def test_keywords(bits: int, keywords: tuple[bytes, ...], text: bytes) -> None:
    assert flags.bits_text(bits, keywords) == text


def test_case_does_not_matter_and_the_first_spelling_stays() -> None:
    names = [b"\\sEEN", b"Work", b"$x", b"WORK", b"\\DELETED"]

    assert flags.flag_list(names) == FlagList(0x0C, ("Work", "$x"))


@pytest.mark.parametrize("name", [b"\\Recent", b"\\recent", b"\\Nonsense", b"\\*", b"\\"])
def test_flags_that_no_client_may_set(name: bytes) -> None:
    with pytest.raises(ValueError, match=r"^\\"):
        flags.flag_list([name])
