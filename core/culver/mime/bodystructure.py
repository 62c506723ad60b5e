"""BODY and BODYSTRUCTURE (RFC 3501 7.4.2), as sent and as kept in the cache imap.bodystructure.

Texts are the inside of the outermost parentheses, as in `culver.mime.envelope`.
"""

import msgspec

from culver.mime.crlf import Buffer
from culver.mime.envelope import envelope
from culver.mime.headers import fields
from culver.mime.lexer import BROKEN, NUL_REPLACEMENT, Lexer
from culver.mime.params import ContentType, Params, parse_content_type, parse_disposition
from culver.mime.part import DIGEST, IS_MIME, MULTIPART, RFC822, TEXT, Part
from culver.mime.quote import nstring, nstring_on_one_line

_US_ASCII = b'"charset" "us-ascii"'

# A multipart has at least one part in the grammar; one that has none shows an empty text.
_EMPTY_BODY = b'("text" "plain" (%b) NIL NIL "7bit" 0 0' % _US_ASCII
_EXTENSION_NILS = b" NIL NIL NIL NIL"


class Content(msgspec.Struct):
    """The Content-* fields of a part: the first of each, raw, None when it is missing."""

    type: ContentType | None = None
    id: bytes | None = None
    description: bytes | None = None
    encoding: bytes | None = None
    md5: bytes | None = None
    disposition: tuple[bytes, Params] | None = None
    language: list[bytes] = []
    location: bytes | None = None


def read_content(buf: Buffer, part: Part) -> Content:
    """The Content-* fields of the part's header; none of them counts unless it is MIME."""
    content = Content()
    if not part.flags & IS_MIME:
        return content
    for field in fields(buf, part.header_start, part.body_start):
        name = field.name.lower()
        if name.startswith(b"content-"):
            _set_field(content, name[8:], field.value)
    return content


def _set_field(content: Content, name: bytes, value: bytes) -> None:
    match name:
        case b"type" if content.type is None:
            content.type = parse_content_type(value)
        case b"transfer-encoding" if content.encoding is None:
            content.encoding = _encoding(value)
        case b"disposition" if content.disposition is None or not content.disposition[1]:
            # Dovecot lets a later field win as long as there were no parameters.
            content.disposition = _later_disposition(content.disposition, value)
        case b"language" if not content.language:
            content.language = _languages(value)
        case b"id" | b"description" | b"md5" | b"location":
            if getattr(content, name.decode()) is None:
                setattr(content, name.decode(), value.replace(b"\0", NUL_REPLACEMENT))
        case _:
            pass


def _later_disposition(
    earlier: tuple[bytes, Params] | None, value: bytes
) -> tuple[bytes, Params] | None:
    return parse_disposition(value) or earlier


def _encoding(value: bytes) -> bytes | None:
    """Content-Transfer-Encoding: one token and nothing else (RFC 2045 6.1), else as if absent."""
    lexer, out = Lexer(value), bytearray()
    lexer.skip_space()
    if lexer.token(out) == BROKEN or lexer.skip_space() != 0 or not out:
        return None
    return bytes(out)


def _languages(value: bytes) -> list[bytes]:
    """Content-Language (RFC 3282 2): tags with commas between them."""
    lexer, found = Lexer(value), list[bytes]()
    lexer.skip_space()
    while True:
        out = bytearray()
        if lexer.atom(out) == BROKEN:
            return found
        found.append(bytes(out))
        if not lexer.at(b","):
            return found
        lexer.pos += 1
        lexer.skip_space()


def body(buf: Buffer, part: Part) -> bytes:
    """BODY: the structure without extension data."""
    return _structure(buf, part, None, False)


def bodystructure(buf: Buffer, part: Part) -> bytes:
    """BODYSTRUCTURE: with MD5, disposition, language and location."""
    return _structure(buf, part, None, True)


def is_plain_7bit(buf: Buffer, root: Part) -> bool:
    """Whether the structure is the default: ASCII text/plain in 7bit and no Content-* to tell.

    Dovecot keeps one flag for such a mail instead of imap.bodystructure.
    """
    content = read_content(buf, root)
    kind = content.type
    if not root.flags & TEXT or root.children:
        return False
    if kind is not None and (kind.subtype.lower() != b"plain" or not _is_ascii(kind.params)):
        return False
    others = (content.id, content.description, content.md5, content.location, content.disposition)
    if any(value is not None for value in others) or content.language:
        return False
    return content.encoding is None or content.encoding.lower() == b"7bit"


def _is_ascii(params: Params) -> bool:
    return not params or (
        len(params) == 1
        and (params[0][0].lower(), params[0][1].lower()) == (b"charset", b"us-ascii")
    )


def _structure(buf: Buffer, part: Part, parent: Part | None, extended: bool) -> bytes:
    content = read_content(buf, part)
    if part.flags & MULTIPART:
        return _multipart(buf, part, content, extended)
    return _single(buf, part, parent, content, extended)


def _multipart(buf: Buffer, part: Part, content: Content, extended: bool) -> bytes:
    children = b"".join(b"(%b)" % _structure(buf, c, part, extended) for c in part.children)
    kind = content.type or ContentType(b"multipart", b"mixed", ())
    text = children or _EMPTY_BODY + (_EXTENSION_NILS if extended else b"") + b")"
    text += b" " + nstring(kind.subtype)
    return text + b" " + _params(kind.params) + _common(content) if extended else text


def _single(
    buf: Buffer, part: Part, parent: Part | None, content: Content, extended: bool
) -> bytes:
    kind, is_text = _kind(part, parent, content)
    params = content.type.params if content.type else ()
    out = [
        kind,
        _params(params, is_text),
        nstring_on_one_line(content.id),
        nstring_on_one_line(content.description),
        b'"7bit"' if content.encoding is None else nstring(content.encoding),
        b"%d" % part.body_virtual,
    ]
    if is_text:
        out.append(b"%d" % part.body_lines)
    elif part.flags & RFC822:
        child = part.children[0]
        out.append(b"(%b)" % envelope(buf, child))
        out.append(b"(%b)" % _structure(buf, child, part, extended))
        out.append(b"%d" % part.body_lines)
    text = b" ".join(out)
    return text + b" " + nstring_on_one_line(content.md5) + _common(content) if extended else text


def _kind(part: Part, parent: Part | None, content: Content) -> tuple[bytes, bool]:
    """Type and subtype as sent, and whether a line count follows."""
    if part.flags & RFC822:
        return b'"message" "rfc822"', False
    if _is_cut_off(parent, content):
        # text/plain would need a line count that mime.parts does not keep for it.
        return b'"application" "octet-stream"', False
    if content.type is None:
        return b'"text" "plain"', True
    kind = nstring(content.type.type) + b" " + nstring(content.type.subtype)
    return kind, content.type.type.lower() == b"text"


def _is_cut_off(parent: Part | None, content: Content) -> bool:
    """Whether the part should have had children, had a limit not been reached."""
    if content.type is None:
        return parent is not None and bool(parent.flags & DIGEST)
    kind = content.type.type.lower()
    return kind == b"multipart" or (
        kind == b"message" and content.type.subtype.lower() == b"rfc822"
    )


def _params(params: Params, default_charset: bool = False) -> bytes:
    pairs = [nstring(name) + b" " + nstring(value) for name, value in params]
    if default_charset and all(name.lower() != b"charset" for name, _ in params):
        pairs.append(_US_ASCII)
    return b"(%b)" % b" ".join(pairs) if pairs else b"NIL"


def _common(content: Content) -> bytes:
    """Disposition, language and location, each with a space before it."""
    disposition = language = b"NIL"
    if content.disposition is not None:
        name, params = content.disposition
        disposition = b"(%b %b)" % (nstring(name), _params(params))
    if content.language:
        language = b"(%b)" % b" ".join(map(nstring, content.language))
    return b" %b %b %b" % (disposition, language, nstring_on_one_line(content.location))
