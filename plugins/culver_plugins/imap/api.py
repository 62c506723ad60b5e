"""PUBLIC: what a plugin needs to add a command to IMAP.

    registry.command("imap", "XHELLO", ImapCommand(spec=CommandSpec(...), run=run))

``run(session, command)`` returns an :class:`Answer`; untagged lines go through
``session.write``.  Refused and Unavailable become NO with their code.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.command import Command, CommandSpec
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.state import State

__all__ = ["Answer", "Command", "CommandSpec", "ImapCommand", "Lexer", "State"]


class ImapCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command: how it is read, where it is legal, what it does, what it announces."""

    spec: CommandSpec
    run: Callable[[Any, Any], Awaitable[Answer]]
    capabilities: tuple[str, ...] = ()
    """Announced after login."""
