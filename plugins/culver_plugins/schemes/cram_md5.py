"""What CRAM-MD5 needs to know of a password: HMAC-MD5 half done (RFC 2195 section 2)."""

from __future__ import annotations

import hashlib
import math
import struct
from hmac import compare_digest
from typing import Final

from culver.auth.scheme import PasswordScheme
from culver_plugins.schemes.plain import to_bytes

_START: Final = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
_MASK: Final = 0xFFFFFFFF
_SHIFTS: Final = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))
_SINES: Final = tuple(int(abs(math.sin(i + 1)) * 2**32) & _MASK for i in range(64))
# Which word of the block each of the 64 steps takes (RFC 1321 3.4).
_STRIDES: Final = ((1, 0), (5, 1), (3, 5), (7, 0))
_WORDS: Final = tuple((_STRIDES[i // 16][0] * i + _STRIDES[i // 16][1]) % 16 for i in range(64))
_BLOCK: Final = 64


def md5_state(block: bytes) -> bytes:
    """MD5's state after one block of 64 bytes: what hashlib doesn't show (RFC 1321 3.4)."""
    words = struct.unpack("<16I", block)
    a, b, c, d = _START
    for i in range(64):
        if i < 16:
            mixed = (b & c) | (~b & d)
        elif i < 32:
            mixed = (d & b) | (~d & c)
        elif i < 48:
            mixed = b ^ c ^ d
        else:
            mixed = c ^ (b | (~d & _MASK))
        total = (a + mixed + _SINES[i] + words[_WORDS[i]]) & _MASK
        shift = _SHIFTS[i // 16][i % 4]
        rotated = (total << shift | total >> (32 - shift)) & _MASK
        a, d, c, b = d, c, b, (b + rotated) & _MASK
    state = zip(_START, (a, b, c, d), strict=True)
    return struct.pack("<4I", *[(old + new) & _MASK for old, new in state])


class CramMd5Scheme(PasswordScheme):
    """Raw data is the state of the outer and of the inner MD5 after the key."""

    names = ("CRAM-MD5", "HMAC-MD5")
    encoding = "hex"
    size = 32
    cheap = True
    weak = True

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Same states?"""
        return compare_digest(_states(password), stored)

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """The states."""
        return _states(password)


def _states(password: str) -> bytes:
    key = to_bytes(password)
    if len(key) > _BLOCK:
        key = hashlib.md5(key, usedforsecurity=False).digest()
    key = key.ljust(_BLOCK, b"\0")
    outer = bytes(byte ^ 0x5C for byte in key)
    inner = bytes(byte ^ 0x36 for byte in key)
    return md5_state(outer) + md5_state(inner)
