"""Mails for tests."""

from __future__ import annotations


def mail(subject: str = "hello", body: str = "body\r\n", **headers: str) -> bytes:
    """A small mail; header names are given with ``_`` for ``-``: ``content_type="..."``."""
    fields = {"From": "sender@example.org", "To": "alice@example.org", "Subject": subject}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{head}\r\n{body}".encode()
