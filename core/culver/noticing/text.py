"""Pieces of log lines that several renderers use."""

import re
from typing import Final

from culver_events.event import FieldValue

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_BARE: Final = re.compile(r'[^\s"=\\]+').fullmatch


def one_line(text: str) -> str:
    """The text without line ends and other control characters: names come from the network, and a
    log line must not be forged by one."""
    return _CONTROL.sub("?", text)


def plain(value: FieldValue) -> str:
    """A field as text: yes/no, lists separated by blanks."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else str(value)


def pairs(fields: dict[str, FieldValue]) -> str:
    """`name=value name="two words"` of all fields that aren't empty."""
    texts = ((name, plain(value)) for name, value in fields.items())
    return " ".join(f"{name}={_quoted(text)}" for name, text in texts if text)


def _quoted(text: str) -> str:
    if _BARE(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
