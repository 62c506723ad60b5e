"""A whole server in memory: real configuration, plugins, auth and Maildir; no sockets."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

import trio
import trio.testing

from culver.auth.configured import local_auth
from culver.composition import Composition, compose
from culver.demo.certificate import make_certificate
from culver.net.session import Terms, make_connection, serve_connection
from culver.process.server import make_server
from culver.process.services import make_services, terms_of
from culver.process.sockets import Endpoint
from culver.testing.capture import capture_events
from culver.testing.imap_client import ImapClient
from culver.testing.lmtp_client import LmtpClient, NotDelivered

if TYPE_CHECKING:
    from culver.net.stream import StreamConnection
    from culver_events.event import Event

    E = TypeVar("E", bound=Event)

ACCOUNTS: Mapping[str, str] = {"alice": "secret", "bob": "secret"}
"""Users and passwords."""

Plugin = str | ModuleType | object
"""The name of an installed plugin, or a module (or object) with ``culver_register``."""

CONFIG = """\
protocols = imap lmtp
base_dir = {root}/run
mail_location = maildir:~/Maildir
mail_plugins = {plugins}
ssl = {ssl}
first_valid_uid = 0
first_valid_gid = 0
auth_failure_delay = 0
hostname = test.example
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = passwd-file
  args = {root}/users
  override_fields = home={root}/home/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


class TestServer:
    """A running server.  Made by :func:`run_server` and by the fixture ``culver``."""

    __test__ = False  # pytest takes classes of such a name for tests

    def __init__(self, root: Path, composition: Composition, nursery: trio.Nursery) -> None:
        self.root = root
        self.composition = composition
        self.nursery = nursery
        self.captured = capture_events(composition.bus)
        """All events since the start."""
        config, registry = composition.config, composition.registry
        auth = local_auth(config, registry, composition.scope)
        self.server = make_server(composition, auth)
        self.services = make_services(self.server, registry.protocols.names())
        self.terms = terms_of(self.server, self.services)
        self.live: set[StreamConnection] = set()
        """Connections that are open."""
        self._ended = trio.lowlevel.ParkingLot()

    def connect(
        self,
        service: str,
        *,
        tls: bool = False,
        local: tuple[str, int] = ("", 0),
        remote: tuple[str, int] = ("", 0),
        lockstep: bool = False,
    ) -> trio.abc.Stream:
        """The client's end of a new connection.

        Without addresses it is as from a unix socket, which is trusted.  ``tls``: the server
        expects a handshake at once.  ``lockstep``: a side that sends waits until the other has
        read, as with full socket buffers.
        """
        pair = trio.testing.lockstep_stream_pair if lockstep else trio.testing.memory_stream_pair
        client, theirs = pair()
        terms = self.terms(Endpoint(service=service, name=service, ssl=tls))
        connection = make_connection(terms, theirs, self.server.scope, local, remote)
        self.nursery.start_soon(self._serve, terms, connection)
        return client

    async def _serve(self, terms: Terms, connection: StreamConnection) -> None:
        try:
            await serve_connection(terms, connection, self.live)
        finally:
            self._ended.unpark_all()

    async def all_ended(self) -> None:
        """Wait until no connection is open and all closing events have been emitted."""
        while self.live:
            await self._ended.park()

    async def imap(self, user: str = "", password: str | None = None) -> ImapClient:
        """A client, logged in when a user is given."""
        client = ImapClient(self.connect("imap"))
        await client.greet()
        if user:
            secret = ACCOUNTS.get(user, "secret") if password is None else password
            answer = await client.login(user, secret)
            assert answer.ok, f"login of {user}: {answer.status} {answer.text}"
        return client

    async def lmtp(self) -> LmtpClient:
        """A client that has said LHLO."""
        client = LmtpClient(self.connect("lmtp"))
        await client.reply()
        await client.lhlo()
        return client

    async def deliver(self, user: str, mail: bytes, *, sender: str = "sender@example.org") -> None:
        """Deliver a mail to the user's INBOX, through LMTP.  Raises NotDelivered."""
        client = await self.lmtp()
        reply = (await client.deliver([user], mail, sender))[0]
        await client.quit()
        await client.aclose()
        if not reply.ok:
            raise NotDelivered(reply)

    def events(self, cls: type[E]) -> list[E]:
        """The events of a class that were emitted so far, in order."""
        return self.captured.of(cls)

    def home(self, user: str) -> Path:
        """The user's directory; the mail is in ``Maildir`` below it."""
        return self.root / "home" / user

    async def start_tls(self, client: ImapClient | LmtpClient) -> None:
        """Do the client's handshake, after the command for it was answered."""
        stream = trio.SSLStream(client.stream, tls_client(self.root), server_hostname="localhost")
        await stream.do_handshake()
        client.stream = stream


def make_composition(
    root: Path, *, plugins: Iterable[Plugin] = (), config: str = "", tls: bool = False
) -> Composition:
    """Accounts, directories and configuration below ``root``; ``config`` comes last and wins.

    Raises ConfigErrors and PluginError.
    """
    named = [plugin if isinstance(plugin, str) else plugin_name(plugin) for plugin in plugins]
    objects = [(plugin_name(each), each) for each in plugins if not isinstance(each, str)]
    for name in ("run", "home"):
        (root / name).mkdir(parents=True, exist_ok=True)
    lines = [f"{user}:{{PLAIN}}{password}::::::\n" for user, password in ACCOUNTS.items()]
    (root / "users").write_text("".join(lines), encoding="utf-8")
    text = CONFIG.format(root=root, plugins=" ".join(named), ssl="yes" if tls else "no")
    if tls:
        make_certificate(root / "cert.pem", root / "key.pem")
        text += f"ssl_cert = <{root}/cert.pem\nssl_key = <{root}/key.pem\n"
    return compose(text=text + config, plugins=objects)


def tls_client(root: Path) -> ssl.SSLContext:
    """A client's context that trusts the server's certificate; its name is ``localhost``."""
    return ssl.create_default_context(cafile=str(root / "cert.pem"))


def plugin_name(plugin: object) -> str:
    """What a plugin that was given as an object is called in the configuration: its ``name``,
    or the last word of its module that isn't ``plugin``."""
    name = getattr(plugin, "name", None)
    if isinstance(name, str):
        return name
    words = str(getattr(plugin, "__name__", type(plugin).__name__)).split(".")
    return words[-2] if words[-1] == "plugin" and len(words) > 1 else words[-1]


@asynccontextmanager
async def run_server(
    root: Path, *, plugins: Iterable[Plugin] = (), config: str = "", tls: bool = False
) -> AsyncGenerator[TestServer]:
    """A server while the block runs; sessions that are left are cancelled at its end.

    ``root`` is an empty directory; ``tls`` gives the server a certificate.
    """
    composition = make_composition(root, plugins=tuple(plugins), config=config, tls=tls)
    async with trio.open_nursery() as nursery:
        server = TestServer(root, composition, nursery)
        try:
            yield server
        finally:
            nursery.cancel_scope.cancel()
