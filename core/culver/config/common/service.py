"""Services: what listens, as whom it runs, how many there are."""

from typing import Annotated, Final, Literal

from culver.config.settings import Block, Duration, Octal, Port, Size, SpaceList, doc

# What 2.3 writes for "the default of all services" and for "never".
DEFAULT_VSZ: Final = Size(2**64 - 1)
NEVER: Final = Duration(2**32 - 1)


class InetListenerBlock(Block, section="inet_listener"):
    """A TCP port."""

    address: Annotated[str, doc("Addresses, parted by spaces; empty = listen")] = ""
    port: Annotated[Port, doc("Port; 0 = off")] = Port(0)
    ssl: Annotated[bool, doc("Whether TLS begins at once")] = False
    haproxy: Annotated[bool, doc("Whether a PROXY header comes first")] = False
    reuse_port: Annotated[bool, doc("Whether each process has a socket of its own")] = False


class UnixListenerBlock(Block, section="unix_listener", name_setting="path"):
    """A unix socket; the name is its path below base_dir."""

    mode: Annotated[Octal, doc("Its mode; 0 = off")] = Octal(0o600)
    user: Annotated[str, doc("Its owner; empty = root")] = ""
    group: Annotated[str, doc("Its group; empty = root's")] = ""


class FifoListenerBlock(Block, section="fifo_listener", name_setting="path"):
    """A named pipe; the name is its path below base_dir."""

    mode: Annotated[Octal, doc("Its mode; 0 = off")] = Octal(0o600)
    user: Annotated[str, doc("Its owner; empty = root")] = ""
    group: Annotated[str, doc("Its group; empty = root's")] = ""


class ServiceBlock(Block, section="service"):
    """A service. The limits of Dovecot's processes bound the tasks that stand in their place."""

    protocol: Annotated[str, doc("It runs if this protocol is served; empty = always")] = ""
    type_: Annotated[
        Literal["", "startup", "login", "worker", "config", "log", "anvil"],
        doc("Part that it plays"),
    ] = ""
    executable: Annotated[str, doc("Program, relative to libexec_dir, and arguments")] = ""
    user: Annotated[str, doc("User it runs as; empty = root")] = ""
    group: Annotated[str, doc("Group it runs as; empty = the user's")] = ""
    privileged_group: Annotated[str, doc("Group that it may take for a moment")] = ""
    extra_groups: Annotated[SpaceList, doc("Further groups")] = SpaceList()
    chroot: Annotated[str, doc("Directory it is locked into, relative to base_dir")] = ""
    drop_priv_before_exec: Annotated[
        bool, doc("Whether privileges go before the program starts")
    ] = False
    process_min_avail: Annotated[int, doc("Processes that wait for work")] = 0
    process_limit: Annotated[int, doc("Processes at most; 0 = default_process_limit")] = 0
    client_limit: Annotated[
        int, doc("Connections of a process at most; 0 = default_client_limit")
    ] = 0
    service_count: Annotated[int, doc("Connections after which a process ends; 0 = never")] = 0
    idle_kill: Annotated[Duration, doc("Idle time after which a process ends; 0 = the default")] = (
        Duration(0)
    )
    vsz_limit: Annotated[
        Size, doc("Memory of a process; 2^64-1 = default_vsz_limit, 0 = any", unit="bytes")
    ] = DEFAULT_VSZ
    inet_listeners: Annotated[tuple[InetListenerBlock, ...], doc("Its TCP ports")] = ()
    unix_listeners: Annotated[tuple[UnixListenerBlock, ...], doc("Its unix sockets")] = ()
    fifo_listeners: Annotated[tuple[FifoListenerBlock, ...], doc("Its named pipes")] = ()
