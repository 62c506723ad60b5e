"""Identifiers of mailboxes and messages (RFC 8474) from the GUIDs that the storage keeps."""

from __future__ import annotations

import base64
import binascii


def email_id(guid: str) -> bytes:
    """EMAILID of a message: its GUID in the letters that RFC 8474 4.3 allows.

    Reversible, so that SEARCH EMAILID is a search for a GUID; copies keep theirs.
    """
    return b"M" + base64.urlsafe_b64encode(guid.encode()).rstrip(b"=")


def guid_of(identifier: str) -> str | None:
    """The GUID that an EMAILID stands for, or None when it stands for none."""
    text = identifier[1:]
    try:
        guid = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return guid if email_id(guid) == identifier.encode() else None
