"""Settings that Dovecot doesn't have: all begin with ``culver_``."""

from __future__ import annotations

from typing import Annotated, Literal

from culver.config.settings import Settings, SpaceList, doc


class CulverSettings(Settings, prefix="culver"):
    """What only culver can be told."""

    plugins: Annotated[
        SpaceList, doc("Plugins to load that no other setting names (drivers, sinks, commands)")
    ] = SpaceList()
    log_format: Annotated[
        Literal["dovecot", "json", "logfmt"], doc("How a log line is written")
    ] = "dovecot"
    log_hide: Annotated[SpaceList, doc("Fields of events that no log line shows")] = SpaceList()
    stop_timeout: Annotated[int, doc("Seconds that a stop waits for workers")] = 10
