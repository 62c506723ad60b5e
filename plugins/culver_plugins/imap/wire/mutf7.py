"""Modified UTF-7, the encoding of mailbox names (RFC 3501 5.1.3)."""

import binascii
import re

# Printable US-ASCII stands for itself, but for "&".
_PLAIN = re.compile(r"[\x20-\x25\x27-\x7e]*+")
_ENCODED = re.compile(r"[^\x20-\x7e]++|&")
_TOKEN = re.compile(rb"([\x20-\x25\x27-\x7e]++)|&-|&([A-Za-z0-9+,]++)-(?!&[^-])")


def encode(name: str) -> bytes:
    """Return the wire form of a mailbox name.

    Raises ValueError for a lone surrogate or a NUL: neither has a wire form.
    """
    if _PLAIN.fullmatch(name):
        return name.encode("ascii")
    if "\0" in name:
        raise ValueError("NUL in a mailbox name")
    return _ENCODED.sub(_shifted, name).encode("ascii")


def _shifted(run: re.Match[str]) -> str:
    text = run[0]
    if text == "&":
        return "&-"
    packed = binascii.b2a_base64(text.encode("utf-16-be"), newline=False)
    return f"&{packed.rstrip(b'=').replace(b'/', b',').decode()}-"


def decode(name: bytes) -> str:
    """Return the mailbox name that a wire form stands for.

    Strict, so that one mailbox has one name: raises ValueError for 8-bit octets, a shift that is
    not closed, bits left over, half a surrogate pair, NUL, printable US-ASCII that was encoded
    although it stands for itself, and a shift right behind another.
    """
    if b"&" not in name:
        text = name.decode("ascii")
        if not _PLAIN.fullmatch(text):
            raise ValueError("control character in a mailbox name")
        return text
    parts: list[str] = []
    position = 0
    while position < len(name):
        token = _TOKEN.match(name, position)
        if token is None:
            raise ValueError(f"not modified UTF-7 at octet {position}")
        parts.append(_token(token))
        position = token.end()
    return "".join(parts)


def _token(token: re.Match[bytes]) -> str:
    if token[1] is not None:
        return token[1].decode("ascii")
    return "&" if token[2] is None else _unshifted(token[2])


def _unshifted(packed: bytes) -> str:
    # The decoder forgives leftover bits and needless shifts; encoding the text again does not.
    data = binascii.a2b_base64(packed.replace(b",", b"/") + b"=" * (-len(packed) % 4))
    text = data.decode("utf-16-be")
    if encode(text) != b"&" + packed + b"-":
        raise ValueError("mailbox name encoded in another way than the only one")
    return text
