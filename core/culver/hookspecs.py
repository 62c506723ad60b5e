"""The hooks, in the order in which they are called.  All are synchronous and run at start-up only.

Hooks hand over typed objects; the objects do the work later.  Requests never travel through
pluggy: it calls synchronously, costs microseconds, and the first plugin that raises would keep
the rest from hearing of the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from culver.registry import Registry

hookspec = pluggy.HookspecMarker("culver")
hookimpl = pluggy.HookimplMarker("culver")


@hookspec
def culver_register(registry: Registry) -> None:
    """Declare everything that the plugin brings: settings, events, services, drivers, layers.

    Called once per process start and once more at every reload, each time with a fresh
    registry, before the configuration is checked.  Not ``firstresult``; wrappers make no sense.
    Must not open files or sockets: the configuration isn't known yet.
    """
