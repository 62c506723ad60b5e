"""What log lines and events tell of a mail: its Message-ID, sender and subject."""

from __future__ import annotations

from culver.plugin import Buffer, mime_headers

LOOKED_AT = 256 * 1024
"""Bytes in which the fields are looked for: a mail without an empty line is all header."""

FIELDS = {b"message-id": "message_id", b"from": "message_from", b"subject": "message_subject"}


def message_fields(body: Buffer) -> dict[str, str | int]:
    """The fields by their names in events; absent headers are left out."""
    found: dict[str, str | int] = {"message_size": len(body)}
    looked_at = min(len(body), LOOKED_AT)
    for field in mime_headers.fields(body, 0, mime_headers.header_end(body, 0, looked_at)):
        name = FIELDS.get(field.name.lower())
        if name is not None:
            found[name] = mime_headers.decode_rfc2047(mime_headers.unfold(field.value)).strip()
    return found
