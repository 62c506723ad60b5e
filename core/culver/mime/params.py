"""Content-Type and Content-Disposition values: a token or two, then parameters (RFC 2045 5.1).

Parameters stay as they are on the wire: pieces of RFC 2231 (`name*0`, `name*1*`) are joined, but
neither percent signs nor charsets are decoded, because BODYSTRUCTURE shows them that way.
`decode_param` is for those who want the text.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from culver.mime.charset import decode_text
from culver.mime.encoded_words import decode_rfc2047
from culver.mime.lexer import BROKEN, END, MORE, Lexer

Params = tuple[tuple[bytes, bytes], ...]
"""(name, value) pairs in the order in which BODYSTRUCTURE lists them; names keep their case."""

_PIECE_RE = re.compile(rb"([^*]*)\*(\d*)(\*?)", re.DOTALL)
_WORKAROUND_RE = re.compile(rb"[^; \t\r\n]*")

# What nearly all mails have: no comments, no escapes, no RFC 2231, nothing broken.
_TOKEN = rb"[A-Za-z0-9!#$%&'+\-.^_`{|}~]+"
_VALUE = rb'(?:"[^"\\\r\n\0]*"|' + _TOKEN + rb")"
_PARAM = rb"[ \t\r\n]*;[ \t\r\n]*(" + _TOKEN + rb")=(" + _VALUE + rb")"
_SIMPLE_PARAM_RE = re.compile(_PARAM)
_SIMPLE_RE = re.compile(
    b"[ \t\r\n]*(" + _TOKEN + b")/(" + _TOKEN + b")((?:" + _PARAM + rb")*)[ \t\r\n]*"
)


class ContentType(NamedTuple):
    """A Content-Type as Dovecot reads it: a broken one has an empty type and subtype."""

    type: bytes
    subtype: bytes
    params: Params

    def param(self, name: bytes) -> bytes | None:
        """The value of the first parameter of this name (lower case), or None."""
        return find_param(self.params, name)


def find_param(params: Params, name: bytes) -> bytes | None:
    """The value of the first parameter of this name (lower case), or None."""
    return next((value for key, value in params if key.lower() == name), None)


def parse_content_type(value: bytes) -> ContentType:
    """Read the value of a Content-Type field, folds included. Never fails."""
    simple = _SIMPLE_RE.fullmatch(value)
    if simple:
        pairs = _SIMPLE_PARAM_RE.findall(simple[3])
        return ContentType(simple[1], simple[2], tuple((k, v.strip(b'"')) for k, v in pairs))
    lexer = Lexer(value)
    kind, whole = _type_and_subtype(lexer)
    main, _, subtype = kind.partition(b"/")
    return ContentType(main, subtype, read_params(lexer) if whole else ())


def parse_disposition(value: bytes) -> tuple[bytes, Params] | None:
    """Read the value of a Content-Disposition field; None when it does not begin with a token."""
    lexer = Lexer(value)
    lexer.skip_space()
    out = bytearray()
    if lexer.token(out) == BROKEN:
        return None
    return bytes(out), read_params(lexer)


def _type_and_subtype(lexer: Lexer) -> tuple[bytes, bool]:
    """`type/subtype`, and whether parameters may follow.

    A value that stops inside the type keeps what was read ("text" is a text part to Dovecot);
    one that goes on with something else is thrown away whole.
    """
    out = bytearray()
    if lexer.skip_space() <= 0:
        return b"", False
    if lexer.token(out) <= 0 or not out:
        return bytes(out), False
    if not lexer.at(b"/"):
        return b"", False
    lexer.pos += 1
    if lexer.skip_space() <= 0:
        return b"", False
    out += b"/"
    before = len(out)
    if lexer.token(out) == BROKEN or len(out) == before or not _at_params(lexer):
        return b"", False
    return bytes(out), True


def _at_params(lexer: Lexer) -> bool:
    return lexer.pos >= lexer.end or lexer.at(b";")


def read_params(lexer: Lexer) -> Params:
    """The parameters from here to the end; whatever is not one is stepped over."""
    plain: list[tuple[bytes, bytes]] = []
    pieces: list[tuple[bytes, int, bool, bytes]] = []
    while True:
        ended, key, value = _read_param(lexer)
        if ended == END:
            break
        if ended == BROKEN:
            if lexer.pos >= lexer.end:
                break
            lexer.pos += 1
            continue
        piece = _PIECE_RE.fullmatch(key)
        if piece:
            pieces.append((piece[1], _index(piece[2]), bool(piece[3]) or key.endswith(b"*"), value))
        else:
            plain.append((key, value))
    return tuple(plain + _join_pieces(pieces))


def _index(digits: bytes) -> int:
    # A C unsigned int; the cap on digits keeps int() from being slow on a hostile name.
    return int(digits[:18] or b"0") & 0xFFFFFFFF


def _read_param(lexer: Lexer) -> tuple[int, bytes, bytes]:
    """One `; name=value`: MORE with both, END at the end, or BROKEN."""
    key, value = bytearray(), bytearray()
    if lexer.pos >= lexer.end:
        return END, b"", b""
    if not lexer.at(b";"):
        return BROKEN, b"", b""
    lexer.pos += 1
    if lexer.skip_space() <= 0 or lexer.token(key) <= 0 or not lexer.at(b"="):
        return BROKEN, b"", b""
    lexer.pos += 1
    ended = lexer.skip_space()
    if ended <= 0:
        pass
    elif lexer.at(b'"'):
        ended = lexer.quoted(value)
    elif lexer.at(b"="):
        # filename==?utf-8?b?...?=: mailers that forgot the quotes around an encoded word.
        found = _WORKAROUND_RE.match(lexer.data, lexer.pos, lexer.end)
        assert found is not None
        value += found[0]
        lexer.pos = found.end()
    else:
        ended = lexer.token(value)
    return (BROKEN if ended == BROKEN else MORE), bytes(key), bytes(value)


def _join_pieces(pieces: list[tuple[bytes, int, bool, bytes]]) -> list[tuple[bytes, bytes]]:
    """RFC 2231 3: put `name*0`, `name*1*` together; a set with a gap stays apart."""
    pieces.sort(key=lambda piece: piece[:2])
    joined: list[tuple[bytes, bytes]] = []
    start = 0
    while start < len(pieces):
        name = pieces[start][0].lower()
        stop = start
        while stop < len(pieces) and pieces[stop][0].lower() == name:
            stop += 1
        joined += _join_one(pieces[start:stop])
        start = stop
    return joined


def _join_one(run: list[tuple[bytes, int, bool, bytes]]) -> list[tuple[bytes, bytes]]:
    if [index for _, index, _, _ in run] != list(range(len(run))):
        return [
            (b"%s*%d%s" % (name, index, b"*" if extended else b""), value)
            for name, index, extended, value in run
        ]
    if not any(extended for _, _, extended, _ in run):
        return [(run[0][0], b"".join(value for _, _, _, value in run))]
    # Once one piece is percent-encoded all of the value is; a plain piece has to be made so.
    text = b"".join(v if extended else v.replace(b"%", b"%25") for _, _, extended, v in run)
    return [(run[0][0] + b"*", text if run[0][2] else b"''" + text)]


def decode_param(params: Params, name: bytes) -> str | None:
    """The text of a parameter (name in lower case), RFC 2231 and RFC 2047 decoded, or None."""
    extended = find_param(params, name + b"*")
    if extended is not None:
        charset, *_, text = extended.split(b"'", 2) if extended.count(b"'") > 1 else (b"", extended)
        return decode_text(unquote_to_bytes(text), charset)
    value = find_param(params, name)
    if value is None:
        return None
    return decode_rfc2047(value)
