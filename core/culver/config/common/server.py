"""Settings of the server as a whole."""

from typing import Annotated

from culver.config.settings import CommaList, Settings, Size, SpaceList, doc


class ServerSettings(Settings):
    """What the server offers, where it listens and where its files are."""

    protocols: Annotated[
        SpaceList, doc("Protocols that are served", example="imap pop3 lmtp sieve")
    ] = SpaceList(("imap", "pop3", "lmtp"))
    listen: Annotated[
        CommaList, doc("Addresses that are listened on", example="127.0.0.1, ::1")
    ] = CommaList(("*", "::"))
    base_dir: Annotated[str, doc("Where sockets and the pid file are")] = "/run/dovecot"
    state_dir: Annotated[str, doc("Where data that outlives a restart is")] = "/var/lib/dovecot"
    libexec_dir: Annotated[str, doc("Where the programs of services are")] = "/usr/lib/dovecot"
    instance_name: Annotated[str, doc("Name of this server among those of the machine")] = "dovecot"
    hostname: Annotated[
        str, doc("Name of this host in mails and greetings; empty = that of the machine")
    ] = ""
    import_environment: Annotated[
        SpaceList,
        doc("Environment variables that processes keep, NAME or NAME=value"),
    ] = SpaceList(
        ("TZ", "CORE_OUTOFMEM", "CORE_ERROR", "LISTEN_PID", "LISTEN_FDS", "NOTIFY_SOCKET")
    )
    shutdown_clients: Annotated[
        bool, doc("Whether a stop ends sessions; without, they may finish")
    ] = True
    verbose_proctitle: Annotated[
        bool, doc("Whether the title of a process says what it is doing")
    ] = False
    default_internal_user: Annotated[
        str, doc("User of the processes that are not trusted with mail")
    ] = "dovecot"
    default_internal_group: Annotated[str, doc("Group of default_internal_user")] = "dovecot"
    default_login_user: Annotated[
        str, doc("User of the processes that are trusted with nothing")
    ] = "dovenull"
    default_process_limit: Annotated[
        int, doc("Processes of a service that sets no process_limit")
    ] = 100
    default_client_limit: Annotated[
        int, doc("Connections per process of a service that sets no client_limit")
    ] = 1000
    default_vsz_limit: Annotated[
        Size, doc("Memory of a process of a service that sets no vsz_limit", unit="bytes")
    ] = Size(256 * 1024 * 1024)
