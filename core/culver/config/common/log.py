"""Where log lines go and how they look."""

from typing import Annotated

from culver.config.settings import Settings, doc


class LogSettings(Settings):
    """Where log lines go and how they look."""

    log_path: Annotated[
        str, doc("Log of errors: a file, `syslog`, or `/dev/stderr`", example="/dev/stderr")
    ] = "syslog"
    info_log_path: Annotated[str, doc("Log of information; empty = log_path")] = ""
    debug_log_path: Annotated[str, doc("Log of debugging; empty = info_log_path")] = ""
    syslog_facility: Annotated[str, doc("Facility of syslog")] = "mail"
    log_timestamp: Annotated[
        str, doc("What a line in a file begins with, as strftime(3) has it")
    ] = "%b %d %H:%M:%S "
    log_debug: Annotated[
        str, doc("Filter of the events that are logged as debugging", example="category=auth")
    ] = ""
    log_core_filter: Annotated[str, doc("Filter of the events that end in a core dump")] = ""
    process_shutdown_filter: Annotated[
        str, doc("Filter of the events after which a process ends, its clients served")
    ] = ""
    verbose_ssl: Annotated[bool, doc("Whether the steps of TLS are logged")] = False
