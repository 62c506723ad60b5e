"""Load every installed plugin, for commands that speak of plugins and not of a configuration."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from culver.registry import Registry


def every_plugin() -> Registry:
    """What all installed plugins declare.

    One that can't be loaded is told on stderr and left out: it is no reason for not listing the
    others.
    """
    from culver.loader import PluginError, Plugins, installed

    plugins = Plugins()
    for name in sorted(installed()):
        try:
            plugins.load([name])
        except PluginError as error:
            print(f"culver: {error}", file=sys.stderr)
    return plugins.registry
