"""crypt(3) of the system's libcrypt.  ctypes lets other threads run meanwhile."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Final

_NAMES: Final = ("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so")
# struct crypt_data: 32 KiB in libxcrypt, 128 KiB and a bit in glibc.
_DATA_BYTES: Final = 256 * 1024
_OUTPUT_BYTES: Final = 384  # CRYPT_OUTPUT_SIZE of libxcrypt


class CryptError(Exception):
    """The library refuses the setting, or there is no library."""


@cache
def _library() -> ctypes.CDLL:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.crypt_r.restype = ctypes.c_char_p
        library.crypt_r.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
        return library
    raise CryptError(f"no library for crypt(3) was found: none of {', '.join(_NAMES)}")


def crypt(password: bytes, setting: bytes) -> bytes:
    """Hash with the method and salt that ``setting`` (or a whole earlier hash) names.

    Takes milliseconds to seconds.  Raises :class:`CryptError`.
    """
    if b"\0" in password or b"\0" in setting:
        raise CryptError("crypt(3) takes no NUL")
    data = ctypes.create_string_buffer(_DATA_BYTES)
    result: bytes | None = _library().crypt_r(password, setting, data)
    # Failure tokens start with an asterisk, so that they can't equal a hash (crypt(5)).
    if result is None or result.startswith(b"*"):
        raise CryptError("crypt(3) does not know this kind of hash")
    return result


def gensalt(prefix: bytes, rounds: int, random: bytes) -> bytes:
    """A setting for :func:`crypt`; libxcrypt only.  Raises :class:`CryptError`."""
    library = _library()
    try:
        make = library.crypt_gensalt_rn
    except AttributeError:
        raise CryptError("this libcrypt has no crypt_gensalt_rn") from None
    make.restype = ctypes.c_char_p
    make.argtypes = (
        ctypes.c_char_p,
        ctypes.c_ulong,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
    )
    output = ctypes.create_string_buffer(_OUTPUT_BYTES)
    setting: bytes | None = make(prefix, rounds, random, len(random), output, _OUTPUT_BYTES)
    if setting is None:
        raise CryptError(f"crypt(3) makes no salts for {prefix.decode()!r}")
    return setting
