"""Put together what was found in several steps."""

from __future__ import annotations

from culver.mail.rows import join_rows
from culver.mail.storage import Found


def merge(first: Found, second: Found) -> Found:
    """Both, as one told after the other."""
    if not first:
        return second
    if not second:
        return first
    return Found(
        appeared=join_rows(first.appeared, second.appeared),
        changed=join_rows(first.changed, second.changed),
        expunged=first.expunged | second.expunged,
    )
