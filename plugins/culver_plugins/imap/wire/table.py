"""All commands the server knows, and how a plugin adds one."""

from typing import Final

from msgspec import Struct

from culver_plugins.imap.wire import state
from culver_plugins.imap.wire.append import AppendBuilder
from culver_plugins.imap.wire.authenticate import Authenticate
from culver_plugins.imap.wire.cancelupdate import CancelUpdate
from culver_plugins.imap.wire.capability import Capability
from culver_plugins.imap.wire.check import Check
from culver_plugins.imap.wire.close import Close
from culver_plugins.imap.wire.command import CommandSpec
from culver_plugins.imap.wire.compress import Compress
from culver_plugins.imap.wire.copy import Copy
from culver_plugins.imap.wire.create import Create
from culver_plugins.imap.wire.delete import Delete
from culver_plugins.imap.wire.enable import Enable
from culver_plugins.imap.wire.examine import Examine
from culver_plugins.imap.wire.expunge import Expunge
from culver_plugins.imap.wire.fetch import Fetch
from culver_plugins.imap.wire.id import Id
from culver_plugins.imap.wire.idle import Idle
from culver_plugins.imap.wire.list import List
from culver_plugins.imap.wire.login import Login
from culver_plugins.imap.wire.logout import Logout
from culver_plugins.imap.wire.lsub import Lsub
from culver_plugins.imap.wire.move import Move
from culver_plugins.imap.wire.namespace import Namespace
from culver_plugins.imap.wire.noop import Noop
from culver_plugins.imap.wire.rename import Rename
from culver_plugins.imap.wire.replace import ReplaceBuilder, UidReplaceBuilder
from culver_plugins.imap.wire.search import Search
from culver_plugins.imap.wire.select import Select
from culver_plugins.imap.wire.sort import Sort
from culver_plugins.imap.wire.starttls import StartTls
from culver_plugins.imap.wire.state import State
from culver_plugins.imap.wire.status import Status
from culver_plugins.imap.wire.store import Store
from culver_plugins.imap.wire.subscribe import Subscribe
from culver_plugins.imap.wire.thread import Thread
from culver_plugins.imap.wire.unauthenticate import Unauthenticate
from culver_plugins.imap.wire.unselect import Unselect
from culver_plugins.imap.wire.unsubscribe import Unsubscribe
from culver_plugins.imap.wire.xlist import Xlist

_Spec = CommandSpec

# The flags are Dovecot's: they decide which pipelined commands may run side by side (R5-015).
# By UID and by number are two commands: the first may see messages renumbered, the second not.
_COMMANDS: Final[dict[str, CommandSpec]] = {
    "APPEND": _Spec(builder=AppendBuilder, breaks_seqs=True, breaks_mailbox=True),
    "AUTHENTICATE": _Spec(parse=Authenticate.parse, blocks=True),
    "CANCELUPDATE": _Spec(parse=CancelUpdate.parse),
    "CAPABILITY": _Spec(parse=Capability.parse),
    "CHECK": _Spec(parse=Check.parse, breaks_seqs=True),
    "CLOSE": _Spec(parse=Close.parse, breaks_mailbox=True, blocks=True),
    "COMPRESS": _Spec(parse=Compress.parse, blocks=True),
    "COPY": _Spec(parse=Copy.parse, uses_seqs=True, breaks_seqs=True),
    "CREATE": _Spec(parse=Create.parse),
    "DELETE": _Spec(parse=Delete.parse, breaks_mailbox=True),
    "ENABLE": _Spec(parse=Enable.parse),
    "EXAMINE": _Spec(parse=Examine.parse, breaks_mailbox=True, blocks=True),
    "EXPUNGE": _Spec(parse=Expunge.parse, breaks_seqs=True),
    "FETCH": _Spec(parse=Fetch.parse, uses_seqs=True),
    "ID": _Spec(parse=Id.parse),
    "IDLE": _Spec(parse=Idle.parse, breaks_seqs=True, breaks_mailbox=True),
    "LIST": _Spec(parse=List.parse),
    "LOGIN": _Spec(parse=Login.parse, blocks=True),
    "LOGOUT": _Spec(parse=Logout.parse, breaks_mailbox=True, blocks=True),
    "LSUB": _Spec(parse=Lsub.parse),
    "MOVE": _Spec(parse=Move.parse, uses_seqs=True, breaks_seqs=True),
    "NAMESPACE": _Spec(parse=Namespace.parse),
    "NOOP": _Spec(parse=Noop.parse, breaks_seqs=True),
    "RENAME": _Spec(parse=Rename.parse),
    "REPLACE": _Spec(builder=ReplaceBuilder, uses_seqs=True, breaks_seqs=True),
    "SEARCH": _Spec(parse=Search.parse, uses_seqs=True),
    "SELECT": _Spec(parse=Select.parse, breaks_mailbox=True, blocks=True),
    "SORT": _Spec(parse=Sort.parse, uses_seqs=True),
    "STARTTLS": _Spec(parse=StartTls.parse, blocks=True),
    "STATUS": _Spec(parse=Status.parse),
    "STORE": _Spec(parse=Store.parse, uses_seqs=True),
    "SUBSCRIBE": _Spec(parse=Subscribe.parse),
    "THREAD": _Spec(parse=Thread.parse, uses_seqs=True),
    "UID COPY": _Spec(parse=Copy.parse_uid, breaks_seqs=True),
    "UID EXPUNGE": _Spec(parse=Expunge.parse_uid, breaks_seqs=True),
    "UID FETCH": _Spec(parse=Fetch.parse_uid, breaks_seqs=True),
    "UID MOVE": _Spec(parse=Move.parse_uid, breaks_seqs=True),
    "UID REPLACE": _Spec(builder=UidReplaceBuilder, breaks_seqs=True),
    "UID SEARCH": _Spec(parse=Search.parse_uid, breaks_seqs=True),
    "UID SORT": _Spec(parse=Sort.parse_uid, breaks_seqs=True),
    "UID STORE": _Spec(parse=Store.parse_uid, breaks_seqs=True),
    "UID THREAD": _Spec(parse=Thread.parse_uid, breaks_seqs=True),
    "UNAUTHENTICATE": _Spec(parse=Unauthenticate.parse, breaks_mailbox=True, blocks=True),
    "UNSELECT": _Spec(parse=Unselect.parse, breaks_mailbox=True, blocks=True),
    "UNSUBSCRIBE": _Spec(parse=Unsubscribe.parse),
    "XLIST": _Spec(parse=Xlist.parse),
}


class Entry(Struct, frozen=True):
    """A command's name in upper case, and what is known about it."""

    name: str
    spec: CommandSpec


class CommandTable:
    """The commands of one server; filled at start-up, shared by all its machines."""

    __slots__ = ("_entries", "transitions")

    def __init__(self) -> None:
        self.transitions = {each: dict(row) for each, row in state.TRANSITIONS.items()}
        self._entries = {name.encode(): Entry(name, spec) for name, spec in _COMMANDS.items()}

    def add(self, name: str, spec: CommandSpec) -> None:
        """Add a command, legal in `spec.states`, which it does not change.

        `name` is upper case, with `UID ` in front for the UID form. Raises ValueError when the
        name is taken, when it is not upper case, or when the spec can't be parsed or used.
        """
        key = name.encode("ascii")
        if key in self._entries:
            raise ValueError(f"IMAP command {name} exists already")
        if name != name.upper() or (spec.parse is None) == (spec.builder is None):
            raise ValueError(f"IMAP command {name}: upper case, and either parse or builder")
        if not spec.states or State.LOGOUT in spec.states:
            raise ValueError(f"IMAP command {name}: legal in which states?")
        self._entries[key] = Entry(name, spec)
        for each in spec.states:
            self.transitions[each][name] = each

    def find(self, name: bytes) -> Entry | None:
        """Look a name up; `name` is in upper case."""
        return self._entries.get(name)

    def names(self) -> list[str]:
        """Return all names, sorted."""
        return sorted(entry.name for entry in self._entries.values())
