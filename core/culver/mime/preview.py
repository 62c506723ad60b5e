"""PREVIEW (RFC 8970): the first 200 characters of the text a reader would see."""

import re
from html import unescape

from culver.mime.crlf import Buffer
from culver.mime.decode import body_text
from culver.mime.part import MULTIPART, RFC822, TEXT, Part

MAX_PREVIEW = 200
"""Characters: RFC 8970 3.1 allows 256 at most and suggests 200, which Dovecot uses."""

# Enough text for a preview even behind a large style sheet or a long quotation.
_MAX_LOOKED_AT = 64 * 1024

_QUOTE_RE = re.compile(r"^>[^\n]*\n?", re.MULTILINE)
_SPACE_RE = re.compile(r"[\s\u00a0\u200b-\u200d\ufeff\u034f]+")
_HIDDEN_RE = re.compile(
    r"<(style|script|head|title|blockquote)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG_RE = re.compile(r"<[^<>]*(?:>|\Z)")


def preview(buf: Buffer, root: Part) -> str:
    """The preview of a message, on one line; empty when it has no text.

    Quoted lines are left out unless there is nothing else.
    """
    part = _text_part(root)
    if part is None:
        return ""
    text = body_text(buf, part)[:_MAX_LOOKED_AT]
    if part.media_type == b"text/html":
        text = unescape(_TAG_RE.sub(" ", _HIDDEN_RE.sub(" ", text)))
    own = _one_line(_QUOTE_RE.sub("", text.replace("\r\n", "\n")))
    return (own or _one_line(text.replace(">", " ")))[:MAX_PREVIEW].rstrip()


def _one_line(text: str) -> str:
    return _SPACE_RE.sub(" ", text).strip()


def _text_part(part: Part) -> Part | None:
    """The first text part, by preference text/plain of an alternative; not inside of messages."""
    if part.flags & TEXT:
        return part if part.media_type in (b"text/plain", b"text/html") else None
    if part.flags & RFC822 or not part.flags & MULTIPART:
        return None
    found = [text for child in part.children if (text := _text_part(child)) is not None]
    if part.media_type == b"multipart/alternative":
        return next(
            (p for p in found if p.media_type == b"text/plain"), found[0] if found else None
        )
    return found[0] if found else None
