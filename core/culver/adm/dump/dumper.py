"""What a type of ``dump`` is; the table of those that are bundled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from culver.registry import Registry

BUNDLED: Final = ("index", "log", "mailboxlog")
"""In the order in which they look at a file; modules of culver.adm.dump with a DUMPER."""


class Dumper(ABC):
    """A type of file.  A plugin brings one: ``registry.command("adm-dump", "dbox", Dbox())``."""

    name: ClassVar[str]

    @abstractmethod
    def detect(self, path: str) -> bool:
        """Whether the file looks like one of this type.  Never raises."""

    @abstractmethod
    def dump(self, path: str, args: Sequence[str]) -> Iterator[str]:
        """The lines.  Raises AdmError for a file that can't be read."""


def dumpers(registry: Registry | None) -> Iterator[Dumper]:
    """Those of plugins, then the bundled ones."""
    for entry in registry.commands if registry is not None else ():
        if entry.value.protocol == "adm-dump" and isinstance(entry.value.value, Dumper):
            yield entry.value.value
    for name in BUNDLED:
        dumper: Dumper = import_module(f"culver.adm.dump.{name}").DUMPER
        yield dumper
