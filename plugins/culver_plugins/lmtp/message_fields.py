"""What log lines and events tell of a mail: its Message-ID, sender and subject."""

from __future__ import annotations

from culver.plugin import Buffer, mime_headers

FIELDS = {b"message-id": "message_id", b"from": "message_from", b"subject": "message_subject"}


def message_fields(body: Buffer) -> dict[str, str | int]:
    """The fields by their names in events; absent headers are left out."""
    found: dict[str, str | int] = {"message_size": len(body)}
    for field in mime_headers.fields(body, 0, mime_headers.header_end(body)):
        name = FIELDS.get(field.name.lower())
        if name is not None:
            found[name] = mime_headers.decode_rfc2047(mime_headers.unfold(field.value)).strip()
    return found
