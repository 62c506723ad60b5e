"""Which reference pages there are."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint
from importlib.util import find_spec

import culver_events.reference
from culver.loader import Plugins, installed
from culver.reference import cli, hooks, settings
from culver_events.registry import default_registry

DISTRIBUTION = "culver"


def pages() -> dict[str, str]:
    """File name to text, for culver and the plugins that come with it.

    Other installed plugins don't count: the pages are the same on every machine.
    """
    bundled = bundled_plugins()
    plugins = Plugins()
    plugins.load(bundled)
    found = {
        "cli.md": cli.markdown(),
        "events.md": culver_events.reference.markdown(default_registry()),
        "hooks.md": hooks.markdown(),
        "settings.md": settings.markdown(plugins.registry),
    }
    for entry in bundled.values():
        found |= {name: page() for name, page in _pages_of(entry).items()}
    return found


def bundled_plugins() -> dict[str, EntryPoint]:
    """Plugins of this distribution by name, sorted."""
    return {
        name: entry
        for name, entry in sorted(installed().items())
        if entry.dist is not None and entry.dist.name == DISTRIBUTION
    }


def _pages_of(entry: EntryPoint) -> dict[str, Callable[[], str]]:
    """A plugin may bring pages: PAGES in the module ``reference`` beside its own."""
    name = f"{entry.module.rpartition('.')[0]}.reference"
    if find_spec(name) is None:
        return {}
    found: dict[str, Callable[[], str]] = import_module(name).PAGES
    return found
