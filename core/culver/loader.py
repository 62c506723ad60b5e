"""Find, check and load plugins.

A plugin is a module (or object) with a ``culver_register`` hook, found through the entry point
group ``culver.plugins``.  Only those that the configuration names are imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from culver import hookspecs
from culver.registry import RegistrationError, Registry

GROUP = "culver.plugins"

API_VERSION = (1, 0)
"""Major: something was taken away or changed.  Minor: something was added."""

ALWAYS = ("sasl", "schemes")
"""Named by no setting of their own: ``auth_mechanisms`` and hashes refer to what they hold."""


class PluginError(Exception):
    """A plugin can't be loaded.  Names it, and says what to do."""


def installed() -> dict[str, EntryPoint]:
    """Every installed plugin by its name in the configuration."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def plugin_name(word: str) -> str:
    """The plugin behind a word of the configuration: driver ``passwd-file`` is ``passwd_file``."""
    return word.strip().lower().replace("-", "_")


class Plugins:
    """The loaded plugins and what they declared.

    Raises :exc:`PluginError` for one that is missing, broken, or made for another API.
    """

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager("culver")
        self.manager.add_hookspecs(hookspecs)
        self.registry = Registry()

    def load(self, words: Iterable[str]) -> None:
        """Import and register the plugins behind these words, in this order, each once."""
        known = installed()
        for word in words:
            name = plugin_name(word)
            if self.manager.has_plugin(name):
                continue
            if name not in known:
                raise PluginError(
                    f"plugin {word!r} is not installed; installed are: {', '.join(sorted(known))}"
                )
            self.add(name, _import(known[name]))

    def load_known(self, words: Iterable[str]) -> None:
        """Like :meth:`load`, but words that no plugin is named after are left to others."""
        known = installed()
        self.load(word for word in words if plugin_name(word) in known)

    def add(self, name: str, plugin: Any) -> None:
        """Register one plugin: a module or an object with the hook."""
        _check_api(name, plugin)
        try:
            self.manager.register(plugin, name)
        except (pluggy.PluginValidationError, TypeError, ValueError) as error:
            raise PluginError(f"plugin {name}: {error}") from error
        others = [other for other in self.manager.get_plugins() if other is not plugin]
        hook = self.manager.subset_hook_caller("culver_register", others)
        self.registry.plugin = name
        try:
            hook(registry=self.registry)
        except RegistrationError as error:
            raise PluginError(str(error)) from error
        except Exception as error:
            raise PluginError(
                f"plugin {name}: culver_register failed: {type(error).__name__}: {error}"
            ) from error
        finally:
            self.registry.plugin = ""

    def names(self) -> tuple[str, ...]:
        """Loaded plugins in the order they were loaded."""
        return tuple(name for name, _ in self.manager.list_name_plugin())


def _import(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        raise PluginError(
            f"plugin {entry.name}: importing {entry.value} failed: {type(error).__name__}: {error}"
        ) from error


def _check_api(name: str, plugin: Any) -> None:
    """``requires_api = "1.0"``: the oldest API that the plugin works with."""
    wanted = getattr(plugin, "requires_api", None)
    if wanted is None:
        return
    try:
        major, minor = (int(part) for part in str(wanted).split("."))
    except ValueError:
        raise PluginError(
            f'plugin {name}: requires_api is {wanted!r}; it has to be like "1.0"'
        ) from None
    have = f"{API_VERSION[0]}.{API_VERSION[1]}"
    if major != API_VERSION[0] or minor > API_VERSION[1]:
        raise PluginError(
            f"plugin {name} is made for plugin API {wanted}, this culver has {have}:"
            f" install a release of the plugin or of culver that fits"
        )
