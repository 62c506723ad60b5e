"""The letters before a `%` variable, and the cutting to an offset and a width after them."""

import hashlib
import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias


class Shape(NamedTuple):
    """`[offset.]width`: octets to skip (from the end if negative), octets to keep, 0 = all.

    A negative width is cut from the end; with `zeros` the width pads with "0" and cuts nothing.
    The hashes H and N take the width as their modulus and the offset as their width.
    """

    offset: int = 0
    width: int = 0
    zeros: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing is cut or padded."""
        return not self.offset and not self.width


Modifier: TypeAlias = Callable[[str, Shape], tuple[str, Shape]]

_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TO_LOWER: Final = str.maketrans(_UPPER, _UPPER.lower())
_TO_UPPER: Final = str.maketrans(_UPPER.lower(), _UPPER)
_TO_ESCAPE: Final = re.compile(r"([\"'\\])")
_UINT32: Final = 2**32 - 1
_UINT64: Final = 2**64 - 1


def octets(text: str) -> bytes:
    """The octets of a value; those that are no UTF-8 come back as they were."""
    return text.encode("utf-8", "surrogateescape")


def from_octets(data: bytes) -> str:
    """The text of octets, the other way of `octets`."""
    return data.decode("utf-8", "surrogateescape")


def cut(text: str, shape: Shape) -> str:
    """Apply offset and width, after all letters."""
    if shape.is_plain:
        return text
    data = octets(text)
    if shape.offset >= 0 or len(data) > -shape.offset:
        data = data[shape.offset :]
    if shape.zeros:
        data = data.rjust(shape.width, b"0")
    elif shape.width > 0:
        data = data[: shape.width]
    elif shape.width < 0:
        # 2.3 subtracts from the length and takes a negative result for "no limit".
        keep = len(data) + shape.width
        data = data[:keep] if keep >= 0 else data
    return from_octets(data)


def old_hash(data: bytes) -> int:
    """The 32-bit hash of P. J. Weinberger (`%H`)."""
    value = 0
    for octet in data:
        value = ((value << 4) + octet) & _UINT32
        high = value & 0xF0000000
        if high:
            value ^= (high >> 24) ^ high
    return value


def new_hash(data: bytes) -> int:
    """The first 64 bits of the MD5 (`%N`)."""
    return int.from_bytes(hashlib.md5(data, usedforsecurity=False).digest()[:8], "big")


def _hashed(value: int, shape: Shape) -> tuple[str, Shape]:
    return f"{value & _UINT32:x}".rjust(shape.offset, "0"), Shape(0, 0, shape.zeros)


def _old_hash(text: str, shape: Shape) -> tuple[str, Shape]:
    value = old_hash(octets(text))
    return _hashed(value % (shape.width & _UINT32) if shape.width else value, shape)


def _new_hash(text: str, shape: Shape) -> tuple[str, Shape]:
    value = new_hash(octets(text))
    return _hashed(value % (shape.width & _UINT64) if shape.width else value, shape)


def _md5(text: str) -> str:
    return hashlib.md5(octets(text), usedforsecurity=False).hexdigest()


def _hex(text: str) -> str:
    """A decimal number of 64 bits in hexadecimal; what is none counts as 0."""
    number = int(text) if re.fullmatch(r"[0-9]{1,20}", text, re.ASCII) else 0
    return f"{number:x}" if number <= _UINT64 else "0"


def _reverse(text: str) -> str:
    return from_octets(octets(text)[::-1])


def _pure(change: Callable[[str], str]) -> Modifier:
    return lambda text, shape: (change(text), shape)


MODIFIERS: Final[dict[str, Modifier]] = {
    "L": _pure(lambda text: text.translate(_TO_LOWER)),
    "U": _pure(lambda text: text.translate(_TO_UPPER)),
    "E": _pure(lambda text: _TO_ESCAPE.sub(r"\\\1", text)),
    "X": _pure(_hex),
    "R": _pure(_reverse),
    "H": _old_hash,
    "N": _new_hash,
    "M": _pure(_md5),
    "D": _pure(lambda text: text.replace(".", ",dc=")),
    "T": _pure(lambda text: text.rstrip(" \t\n\r\v\f")),
}
