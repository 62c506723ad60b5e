"""The parts of a message: where each one lies and how large it is once served."""

from enum import IntFlag

import msgspec

from culver.mime.params import ContentType


class PartFlag(IntFlag):
    """What a part is. The values are those that Dovecot keeps in the cache field mime.parts."""

    MULTIPART = 0x01
    DIGEST = 0x02
    """multipart/digest: its parts are message/rfc822 unless they say otherwise (RFC 2046 5.1.5)"""
    RFC822 = 0x04
    TEXT = 0x08
    HAS_NULS = 0x20
    IS_MIME = 0x40
    """a part of a multipart, or a message with a Mime-Version or Content-Type field; in others no
    Content-* field counts"""
    OVERFLOW = 0x80
    """a limit was reached: what is inside was not looked at"""


# Plain ints for the hot paths: an IntFlag operation costs twenty times as much.
MULTIPART = int(PartFlag.MULTIPART)
DIGEST = int(PartFlag.DIGEST)
RFC822 = int(PartFlag.RFC822)
TEXT = int(PartFlag.TEXT)
HAS_NULS = int(PartFlag.HAS_NULS)
IS_MIME = int(PartFlag.IS_MIME)
OVERFLOW = int(PartFlag.OVERFLOW)


class Part(msgspec.Struct):
    """One MIME part, or the message itself (the root).

    Offsets and `*_size` count bytes from the start of the buffer as it is; `*_virtual` counts the
    same bytes with CRLF at every line end, which is what IMAP tells. The header contains its
    empty line; the body of a multipart contains its children, headers and boundaries included.
    A message/rfc822 part has exactly one child, the message that is its body.
    """

    flags: int = 0
    header_start: int = 0
    header_size: int = 0
    header_lines: int = 0
    header_virtual: int = 0
    body_size: int = 0
    body_lines: int = 0
    body_virtual: int = 0
    children: list["Part"] = []
    content: ContentType | None = None
    """the Content-Type, or None when there is none; not kept by `dump_parts`"""

    @property
    def body_start(self) -> int:
        """The offset of the first byte of the body."""
        return self.header_start + self.header_size

    @property
    def body_end(self) -> int:
        """The offset of the first byte after the body, which is also the end of the part."""
        return self.header_start + self.header_size + self.body_size

    @property
    def virtual_size(self) -> int:
        """The size of header and body in bytes as served; of the root this is RFC822.SIZE."""
        return self.header_virtual + self.body_virtual

    @property
    def is_multipart(self) -> bool:
        """Whether this is a multipart (possibly without a single child)."""
        return bool(self.flags & MULTIPART)

    @property
    def is_message(self) -> bool:
        """Whether this is a message/rfc822 whose message is the only child."""
        return bool(self.flags & RFC822)

    @property
    def is_text(self) -> bool:
        """Whether this is text/*, or counts as such because it does not say."""
        return bool(self.flags & TEXT)

    @property
    def media_type(self) -> bytes:
        """`type/subtype` in lower case, with RFC 2045's default."""
        if self.content is not None:
            return (self.content.type + b"/" + self.content.subtype).lower()
        return b"message/rfc822" if self.flags & RFC822 else b"text/plain"
