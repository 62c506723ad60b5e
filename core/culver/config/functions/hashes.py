"""`%{sha256;rounds=N,truncate=BITS,salt=S,format=hex|hexuc|base64:field}`, and `pkcs5`."""

import base64
import hashlib
from collections.abc import Callable
from typing import Final, Literal, TypeAlias, cast, get_args

from msgspec import Struct, structs

from culver.config.functions.md4 import md4
from culver.config.modifiers import octets
from culver.config.variables import Context, Piece, Template, VariableError, compile_name

# 2.3 asks PBKDF2 for as many octets as the context of its SHA-512 takes (measured on amd64).
_PKCS5_LENGTH: Final = 336
_PKCS5_ROUNDS: Final = 2048


def _hash(name: str) -> Callable[[bytes], bytes]:
    return lambda data: hashlib.new(name, data, usedforsecurity=False).digest()


METHODS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "md4": md4,
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha384": _hash("sha384"),
    "sha512": _hash("sha512"),
    "sha3-256": _hash("sha3_256"),
    "sha3-512": _hash("sha3_512"),
    "size": lambda data: len(data).to_bytes(8, "big"),
    "pkcs5": _hash("sha256"),
}


_Format: TypeAlias = Literal["hex", "hexuc", "base64"]


class _Options(Struct, frozen=True):
    rounds: int = 1
    truncate: int = 0
    salt: Template | None = None
    format: _Format = "hex"


def compile_hash(method: str, arguments: str, field: str) -> Piece:
    """The lookup of a hash of a field. A bad argument raises `VariableError` when expanded."""
    lookup = compile_name(field)
    pkcs5 = method == "pkcs5"
    options = _try_read(arguments, _Options(rounds=_PKCS5_ROUNDS if pkcs5 else 1))

    def piece(context: Context) -> str:
        value = octets(lookup(context))
        if isinstance(options, VariableError):
            raise options
        salt = octets(options.salt.expand_in(context)) if options.salt else b""
        if pkcs5:
            salt = salt if options.salt else octets(field)
            digest = hashlib.pbkdf2_hmac("sha256", value, salt, options.rounds, _PKCS5_LENGTH)
        else:
            digest = _rounds(METHODS[method], value, salt, options.rounds)
        return _write(_truncate(digest, options.truncate), options.format)

    return piece


def _rounds(method: Callable[[bytes], bytes], data: bytes, salt: bytes, rounds: int) -> bytes:
    for _ in range(rounds):
        data = method(salt + data)
    return data


def _try_read(arguments: str, options: _Options) -> _Options | VariableError:
    try:
        return _read(arguments, options)
    except VariableError as error:
        return error


def _read(arguments: str, options: _Options) -> _Options:
    """Read `name=value,...`; the salt is the last one, whatever stands behind it."""
    for argument in arguments.split(","):
        name, has_value, value = argument.partition("=")
        if not has_value:
            continue
        if name == "rounds":
            options = structs.replace(options, rounds=_number(name, value))
            if not options.rounds:
                raise VariableError("Cannot parse hash arguments: rounds must be at least 1")
        elif name == "truncate":
            options = structs.replace(options, truncate=_number("truncbits", value))
        elif name == "salt":
            return structs.replace(options, salt=Template(value))
        elif name == "format":
            options = structs.replace(options, format=_format(value))
    return options


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise VariableError(f"Cannot parse hash arguments: '{text}' is not number for {name}")
    return int(text)


def _format(text: str) -> _Format:
    for form in get_args(_Format):
        if text == form:
            return cast("_Format", form)
    raise VariableError(f"Cannot parse hash arguments: '{text}' is not supported format")


def _truncate(digest: bytes, bits: int) -> bytes:
    """The first bits, moved to the right end of as few octets as hold them."""
    if not bits or bits >= len(digest) * 8:
        return digest
    return (int.from_bytes(digest, "big") >> (len(digest) * 8 - bits)).to_bytes(
        (bits + 7) // 8, "big"
    )


def _write(digest: bytes, form: str) -> str:
    # "hexuc" is lower case in 2.3, too: directories that exist were named by it.
    return base64.b64encode(digest).decode() if form == "base64" else digest.hex()
