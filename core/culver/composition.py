"""From a configuration file to everything that a process needs before it forks or listens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from culver.bus import Bus
from culver.config.common import COMMON
from culver.config.config import Config
from culver.config.load import load, loads
from culver.config.parser import Parser, resolve_host
from culver.config.schema import Declarations
from culver.config.vocabulary import Vocabulary
from culver.loader import Plugins
from culver.process.endpoints import default_services
from culver.settings import CulverSettings
from culver.words import Words
from culver_events.registry import default_registry
from culver_events.scope import Scope


class Composition:
    """Configuration, loaded plugins, bus and root scope.

    Made before any fork: what it imports is shared by all processes.
    """

    def __init__(self, config: Config, plugins: Plugins, remarks: Iterable[str] = ()) -> None:
        self.config = config
        self.plugins = plugins
        self.registry = plugins.registry
        self.again: Callable[[], Composition] | None = None
        """Reads the same configuration once more, for a reload.  Raises as :func:`compose`."""
        self.remarks = tuple(remarks)
        """Warnings that are not the configuration checker's."""
        events = default_registry()
        for entry in self.registry.all_events:
            events.register(entry.value)
        self.bus = Bus(events)
        self.scope = Scope(emitter=self.bus)


def compose(
    path: str | None = None,
    *,
    text: str | None = None,
    overrides: dict[str, str] | None = None,
    plugins: Iterable[tuple[str, Any]] = (),
) -> Composition:
    """Read the configuration, load the plugins that it names, check it with what they declare.

    ``text`` is a configuration in memory instead of ``path``; ``plugins`` are (name, module)
    pairs to load besides, for tests.  Raises ConfigErrors and PluginError.
    """

    def read(parser: Parser) -> None:
        if text is not None:
            parser.read_text(text, "<text>")
        elif path is not None:
            parser.read(path)

    loaded = Plugins()
    words = _words(read)
    for name, module in plugins:
        loaded.add(name, module)
        words.mail_plugins.pop(name, None)
    loaded.load(words.plugins())
    remarks = list(words.remarks())
    declared = declarations(loaded)
    if text is not None:
        config = loads(text, declared, overrides, one_line=True)
    else:
        config = load(path, declared, overrides)
    composition = Composition(config, loaded, remarks)
    composition.again = partial(compose, path, text=text, overrides=overrides, plugins=plugins)
    return composition


def declared_for(path: str | None) -> Declarations:
    """What the kernel and the plugins that a configuration names declare.  The configuration is
    not checked.  Raises ConfigErrors for bad syntax, PluginError."""

    def read(parser: Parser) -> None:
        if path is not None:
            parser.read(path)

    loaded = Plugins()
    loaded.load(_words(read).plugins())
    return declarations(loaded)


def _words(read: Callable[[Parser], None]) -> Words:
    parser = Parser(Vocabulary(COMMON), resolve_host)
    read(parser)
    return Words(parser.layers)


def declarations(plugins: Plugins) -> Declarations:
    """What the kernel and these plugins declare."""
    registry = plugins.registry
    return Declarations(
        settings=(
            *COMMON.settings,
            CulverSettings,
            *(entry.value for entry in registry.all_settings),
        ),
        blocks=(*COMMON.blocks, *(entry.value for entry in registry.all_blocks)),
        defaults=(*COMMON.defaults, *default_services(registry)),
    )
