"""The commands of ``culver adm`` by name: nothing is imported until one is called."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from culver.adm.command import AdmCommand
    from culver.registry import Registry

COMMANDS: Final = {
    "auth login": "auth_login",
    "auth lookup": "auth_lookup",
    "auth test": "auth_test",
    "batch": "batch",
    "config": "config",
    "copy": "copy",
    "deduplicate": "deduplicate",
    "dump": "dump",
    "expunge": "expunge",
    "fetch": "fetch",
    "flags add": "flags_add",
    "flags remove": "flags_remove",
    "flags replace": "flags_replace",
    "force-resync": "force_resync",
    "help": "help",
    "import": "import_",
    "index": "index",
    "mailbox create": "mailbox_create",
    "mailbox delete": "mailbox_delete",
    "mailbox list": "mailbox_list",
    "mailbox mutf7": "mailbox_mutf7",
    "mailbox rename": "mailbox_rename",
    "mailbox status": "mailbox_status",
    "mailbox subscribe": "mailbox_subscribe",
    "mailbox unsubscribe": "mailbox_unsubscribe",
    "move": "move",
    "pw": "pw",
    "save": "save",
    "search": "search",
    "user": "user",
}
"""Name to module in culver.cli.adm, which has it in COMMAND: a class, made anew for each call."""

_LONGEST: Final = 3
"""Words of a name."""


def bundled(name: str) -> AdmCommand:
    """A new object of a command of the table."""
    module = import_module(f"culver.cli.adm.{COMMANDS[name]}")
    command: AdmCommand = module.COMMAND()
    return command


def find(words: Sequence[str], registry: Registry | None = None) -> tuple[AdmCommand, int] | None:
    """The command with the most words that ``words`` start with, and how many those are.

    With a registry the commands of its plugins are found too.
    """
    for count in range(min(_LONGEST, len(words)), 0, -1):
        name = " ".join(words[:count])
        if name in COMMANDS:
            return bundled(name), count
        if registry is not None and (command := of_plugin(name, registry)) is not None:
            return command, count
    return None


def of_plugin(name: str, registry: Registry) -> AdmCommand | None:
    """What a plugin registered for ``adm``: an AdmCommand, or a class of one."""
    from culver.adm.command import AdmCommand

    extension = registry.commands.find(f"adm {name}")
    found = None if extension is None else extension.value
    if isinstance(found, type) and issubclass(found, AdmCommand):
        return found()
    return found if isinstance(found, AdmCommand) else None


def names(prefix: str = "", registry: Registry | None = None) -> list[str]:
    """All names, or those that start with the words of ``prefix``."""
    found = set(COMMANDS)
    if registry is not None:
        found |= {n.removeprefix("adm ") for n in registry.commands.names() if n[:4] == "adm "}
    return sorted(name for name in found if not prefix or name.startswith(f"{prefix} "))
