"""System flags as bits and as text (RFC 3501 2.3.2)."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

# The bits are those of Dovecot's index files, so that a flags column needs no translation.
ANSWERED: Final = 0x01
FLAGGED: Final = 0x02
DELETED: Final = 0x04
SEEN: Final = 0x08
DRAFT: Final = 0x10
RECENT: Final = 0x20

_NAMES: Final = (
    (ANSWERED, b"\\Answered"),
    (FLAGGED, b"\\Flagged"),
    (DELETED, b"\\Deleted"),
    (SEEN, b"\\Seen"),
    (DRAFT, b"\\Draft"),
    (RECENT, b"\\Recent"),
)

FLAG_TEXTS: Final[tuple[bytes, ...]] = tuple(
    b" ".join(name for bit, name in _NAMES if bits & bit) for bits in range(64)
)
"""The inside of `FLAGS (...)` for each of the 64 combinations of bits."""

FLAG_BITS: Final[dict[bytes, int]] = {name.upper(): bit for bit, name in _NAMES}
"""Upper case name, with its backslash, to bit."""


class FlagList(Struct, frozen=True):
    """The flags that a client sent.

    `bits` are system flags; `keywords` keep the client's spelling and order, each once, compared
    without regard to case (RFC 3501 2.3.2).
    """

    bits: int = 0
    keywords: tuple[str, ...] = ()


def bits_text(bits: int, keywords: Iterable[bytes] = ()) -> bytes:
    """Return what stands between the parentheses of a FLAGS item; bits above 0x20 are ignored."""
    text = FLAG_TEXTS[bits & 0x3F]
    words = b" ".join(keywords)
    return text + b" " + words if text and words else text or words


def flag_list(names: Iterable[bytes]) -> FlagList:
    r"""Sort names into bits and keywords.

    Raises ValueError, with the name as its argument, for `\Recent`, which no client may set, and
    for a name with a backslash that is no system flag.
    """
    bits = 0
    keywords: dict[str, str] = {}
    for name in names:
        if name.startswith(b"\\"):
            bit = FLAG_BITS.get(name.upper(), RECENT)
            if bit == RECENT:
                raise ValueError(name.decode("ascii"))
            bits |= bit
        else:
            word = name.decode("ascii")
            keywords.setdefault(word.lower(), word)
    return FlagList(bits, tuple(keywords.values()))
