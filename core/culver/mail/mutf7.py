"""Modified UTF-7, in which mailbox names lie on the disk (RFC 3501 5.1.3)."""

from __future__ import annotations

import binascii
import re

_PLAIN = re.compile(r"[\x20-\x7e]+")
_OTHER = re.compile(r"[^\x20-\x7e]+")
_SHIFT = re.compile(r"&([^-]*)-")


def encode(name: str) -> str:
    """The name as mUTF-7: ASCII only, ``&`` as ``&-``."""
    escaped = name.replace("&", "&-")
    return escaped if _PLAIN.fullmatch(escaped) else _OTHER.sub(_encode_run, escaped)


def _encode_run(run: re.Match[str]) -> str:
    raw = run[0].encode("utf-16-be", "surrogatepass")
    coded = binascii.b2a_base64(raw, newline=False).rstrip(b"=").replace(b"/", b",")
    return f"&{coded.decode('ascii')}-"


def decode(name: str) -> str:
    """The Unicode name.  Raises ValueError when the text isn't what :func:`encode` writes: one
    name has exactly one spelling, or two folders would show as one."""
    if "&" not in name and name.isascii():
        return name
    try:
        decoded = _SHIFT.sub(_decode_run, name)
    except ValueError as error:  # of base64 and of UTF-16
        raise ValueError(f"not modified UTF-7: {name!r}") from error
    if encode(decoded) != name:
        raise ValueError(f"not modified UTF-7: {name!r}")
    return decoded


def _decode_run(run: re.Match[str]) -> str:
    coded = run[1]
    if not coded:
        return "&"
    padded = coded.replace(",", "/") + "=" * (-len(coded) % 4)
    return binascii.a2b_base64(padded.encode()).decode("utf-16-be")
