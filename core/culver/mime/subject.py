"""The base subject (RFC 5256 2.1), by which SORT and THREAD compare subjects."""

import re

from culver.mime.casemap import casemap
from culver.mime.encoded_words import decode_rfc2047

_SPACE_RE = re.compile(r"[ \t\r\n]+")
_TRAILER_RE = re.compile(r"(?:\(fwd\)|[ \t])+\Z", re.IGNORECASE)
_BLOB = r"\[[^\[\]]*\][ \t]*"
# subj-leader = (*subj-blob subj-refwd) / WSP
_LEADER_RE = re.compile(rf"(?:{_BLOB})*(?:re|fwd?)[ \t]*(?:{_BLOB})?:|[ \t]+", re.IGNORECASE)
_BLOB_RE = re.compile(_BLOB)
_FORWARD_RE = re.compile(r"\[fwd:(.*)\]\Z", re.IGNORECASE | re.DOTALL)

MAX_SUBJECT = 1000
"""Characters that are looked at; a subject with thousands of "Re:" is no subject."""


def base_subject(value: bytes) -> tuple[str, bool]:
    """The base of a Subject field's raw value, and whether it is a reply or a forward.

    The base is a key to be compared with other bases, not a text to be shown: it is upper-cased
    by i;unicode-casemap.
    """
    text = casemap(_SPACE_RE.sub(" ", decode_rfc2047(value))[:MAX_SUBJECT])
    is_reply = False
    while True:
        stripped = _TRAILER_RE.sub("", text)
        is_reply |= ")" in text[len(stripped) :]  # more than white space: a "(fwd)"
        text, replied = _strip_leaders(stripped)
        is_reply |= replied
        forward = _FORWARD_RE.match(text)
        if not forward:
            return text, is_reply
        text, is_reply = forward[1], True


def _strip_leaders(text: str) -> tuple[str, bool]:
    """Steps 3 to 5: leaders, and blobs as long as something is left behind them."""
    at, is_reply = 0, False
    while True:
        leader = _LEADER_RE.match(text, at)
        if leader:
            is_reply |= leader[0].endswith(":")
            at = leader.end()
            continue
        blob = _BLOB_RE.match(text, at)
        if not blob or blob.end() == len(text):
            return text[at:], is_reply
        at = blob.end()
