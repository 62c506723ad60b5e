"""`%{encrypt;algo=aes-256-cbc,key=HEX,iv=HEX:field}` and `decrypt`, of Dovecot's plugin
var_expand_crypt. The result is `IV$DATA$` (or only DATA with `noiv=yes`), hex or base64.
"""

import base64
import binascii
import os
import re
from typing import Any, Final

from msgspec import Struct, structs

from culver.config.modifiers import from_octets, octets
from culver.config.variables import Context, Piece, Template, VariableError, compile_name

_ALGORITHM: Final = re.compile(r"aes-?(128|192|256)-(cbc|ctr)", re.I)


class _Options(Struct, frozen=True):
    algo: str = "AES-256-CBC"
    key: Template = Template("")
    iv: Template = Template("")
    noiv: bool = False
    base64: bool = False


def compile_crypt(word: str, arguments: str, field: str) -> Piece:
    """The lookup of an encrypted or decrypted field. Errors come when expanded."""
    lookup = compile_name(field)
    options = _read(arguments)

    def piece(context: Context) -> str:
        value = lookup(context)
        if not value:
            return ""
        key = _unhex(options.key.expand_in(context))
        iv = _unhex(options.iv.expand_in(context))
        run = _encrypt if word == "encrypt" else _decrypt
        return run(options, key, iv, value)

    return piece


def _read(arguments: str) -> _Options:
    options = _Options()
    for argument in arguments.split(","):
        name, _, value = argument.partition("=")
        if name in ("algo", "algorithm"):
            options = structs.replace(options, algo=value)
        elif name == "key":
            options = structs.replace(options, key=Template(value))
        elif name == "iv":
            options = structs.replace(options, iv=Template(value))
        elif name == "noiv":
            options = structs.replace(options, noiv=value.lower() == "yes")
        elif name == "format":
            options = structs.replace(options, base64=value == "base64")
    return options


def _encrypt(options: _Options, key: bytes, iv: bytes, value: str) -> str:
    iv = iv or os.urandom(16)
    data = _run(options.algo, key, iv, octets(value), decrypt=False)
    text = _dump(data, options)
    return text if options.noiv else f"{_dump(iv, options)}${text}$"


def _decrypt(options: _Options, key: bytes, iv: bytes, value: str) -> str:
    if not iv and "$" in value:
        head, value = value.split("$", 2)[:2]
        iv = _load(head, options)
    if not iv:
        raise VariableError("decrypt: IV missing")
    return from_octets(_run(options.algo, key, iv, _load(value, options), decrypt=True))


def _run(algorithm: str, key: bytes, iv: bytes, data: bytes, *, decrypt: bool) -> bytes:
    """Run the cipher with PKCS7 padding where it works in blocks. Raises `VariableError`."""
    match = _ALGORITHM.fullmatch(algorithm)
    if not match:
        raise VariableError(
            f"crypt: Invalid cipher {algorithm} (allowed: aes-128, 192 or 256, -cbc or -ctr)"
        )
    if len(iv) != 16:
        raise VariableError(f"crypt: IV length invalid ({len(iv)} != 16)")
    if len(key) * 8 != int(match[1]):
        raise VariableError(f"crypt: Key length invalid ({len(key)} != {int(match[1]) // 8})")
    try:
        cipher, padding = _cipher(match[2].lower(), key, iv)
    except ImportError as error:
        raise VariableError(f"crypt: the package cryptography is missing: {error}") from error
    try:
        if decrypt:
            return _unpadded(cipher.decryptor(), data, padding)
        return _padded(cipher.encryptor(), data, padding)
    except ValueError as error:
        raise VariableError(f"crypt: {error}") from error


def _cipher(mode: str, key: bytes, iv: bytes) -> tuple[Any, Any]:
    """The cipher object and the padding of its mode (None for a stream mode)."""
    from cryptography.hazmat.primitives import padding
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    kinds: dict[str, Any] = {"cbc": modes.CBC, "ctr": modes.CTR}
    cipher = Cipher(algorithms.AES(key), kinds[mode](iv))
    return cipher, padding.PKCS7(128) if mode == "cbc" else None


def _padded(encryptor: Any, data: bytes, padding: Any) -> bytes:
    if padding is not None:
        padder = padding.padder()
        data = padder.update(data) + padder.finalize()
    return bytes(encryptor.update(data) + encryptor.finalize())


def _unpadded(decryptor: Any, data: bytes, padding: Any) -> bytes:
    data = decryptor.update(data) + decryptor.finalize()
    if padding is None:
        return data
    unpadder = padding.unpadder()
    return bytes(unpadder.update(data) + unpadder.finalize())


def _dump(data: bytes, options: _Options) -> str:
    return base64.b64encode(data).decode() if options.base64 else data.hex()


def _load(text: str, options: _Options) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if options.base64 else bytes.fromhex(text)
    except (ValueError, binascii.Error) as error:
        raise VariableError(f"decrypt: the data is damaged: {error}") from error


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise VariableError("crypt: key and iv must be hexadecimal") from error
