"""The server itself: processes, reloads, faults, and free text for the log."""

from typing import Annotated, Literal

from culver_events.event import Event, Level, doc, event


@event(category="server", version=1)
class ServerStarted(Event):
    """All listeners are open and the server takes connections."""

    version: Annotated[str, doc("Version of culver")]
    protocols: Annotated[list[str], doc("Protocols that are served")]
    config_path: Annotated[str | None, doc("Configuration file")] = None
    startup_usecs: Annotated[int, doc("Time from start to the open listeners", unit="usecs")] = 0


@event(category="server", version=1)
class ServerStopping(Event):
    """The server was told to stop and drains its sessions."""

    reason: Annotated[str, doc("Who asked: a signal's name, or a command")]
    sessions: Annotated[int, doc("Sessions still open")] = 0


@event(category="server", version=1)
class ServerReloaded(Event):
    """The configuration was read again, or couldn't be (then the old one stays in force)."""

    changed: Annotated[list[str] | None, doc("Settings that differ now")] = None
    error: Annotated[str | None, doc("Why the old configuration stays")] = None

    @property
    def level(self) -> Level:
        """A reload that failed is an error; the record asks."""
        return "error" if self.error else "info"


@event(category="server", version=1, level="debug")
class WorkerStarted(Event):
    """A process was started."""

    worker: Annotated[str, doc("Kind of process: worker, auth, monitor, indexer")]
    pid: Annotated[int, doc("Process ID")]


@event(category="server", version=1, level="error")
class WorkerDied(Event):
    """A process ended that wasn't told to. It is replaced after `backoff_usecs`."""

    worker: Annotated[str, doc("Kind of process: worker, auth, monitor, indexer")]
    pid: Annotated[int, doc("Process ID")]
    exit_status: Annotated[int | None, doc("Exit status; absent after a signal")] = None
    signal: Annotated[str | None, doc("Signal that killed it, such as SIGKILL")] = None
    backoff_usecs: Annotated[int, doc("Delay before its replacement", unit="usecs")] = 0


@event(category="server", version=1, level="error")
class ListenerFailed(Event):
    """A listening socket couldn't be opened, or had to be closed."""

    listener: Annotated[str, doc("Name of the listener in the configuration")]
    address: Annotated[str, doc("host:port, or the path of the socket")]
    error: Annotated[str, doc("What the system said")]


@event(category="server", version=1, level="error")
class PluginFailed(Event):
    """A plugin raised or overran its deadline. The server went on without that call; repeated
    failures of the same part are reported at most once a minute."""

    plugin: Annotated[str, doc("Name of the plugin")]
    part: Annotated[str, doc("Which of its objects")]
    doing: Annotated[str, doc("What it was called for")]
    error: Annotated[str, doc("Type and text of the exception")]
    error_location: Annotated[str, doc("file:line where it was raised")] = ""
    failures: Annotated[int, doc("Failures since the last report, this one included")] = 1


@event(category="server", version=1)
class LogMessage(Event):
    """Free text for the log, where no event class says it better. The log line is the scope's
    prefix and the text."""

    level: Annotated[
        Literal["debug", "info", "warning", "error", "fatal", "panic"], doc("Loudness")
    ]
    text: Annotated[str, doc("The message, one line")]


@event(category="server", version=1, level="warning")
class ConfigWarning(Event):
    """The configuration says something that has no effect or isn't what it seems."""

    text: Annotated[str, doc("What is odd, and what to write instead")]
    setting: Annotated[str | None, doc("Name of the setting")] = None
    config_location: Annotated[str | None, doc("file:line of the setting")] = None
