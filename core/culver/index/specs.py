"""The extensions that Dovecot registers, with the sizes it gives them."""

from typing import Final

import msgspec


class ExtensionSpec(msgspec.Struct, frozen=True):
    """An extension as a transaction introduces it; sizes in bytes."""

    name: str
    header_size: int = 0
    record_size: int = 0
    record_align: int = 0


MODSEQ: Final = ExtensionSpec("modseq", 16, 8, 8)
CACHE: Final = ExtensionSpec("cache", 0, 4, 4)
HDR_VSIZE: Final = ExtensionSpec("hdr-vsize", 16)
HDR_POP3_UIDL: Final = ExtensionSpec("hdr-pop3-uidl", 4)
VSIZE: Final = ExtensionSpec("vsize", 0, 4, 4)
DBOX_HDR: Final = ExtensionSpec("dbox-hdr", 24)
MDBOX_HDR: Final = ExtensionSpec("mdbox-hdr", 24)
MDBOX: Final = ExtensionSpec("mdbox", 0, 8, 4)
GUID: Final = ExtensionSpec("guid", 0, 16, 1)
MAP: Final = ExtensionSpec("map", 4, 12, 4)
REF: Final = ExtensionSpec("ref", 0, 2, 2)
MAILDIR: Final = ExtensionSpec("maildir", 36)
BOX_NAME: Final = ExtensionSpec("box-name", 0)
