"""Servers by the id that stands in a test's name."""

from tests.peers.config import ServerConfig
from tests.peers.culver import CulverProcess
from tests.peers.dovecot import Dovecot
from tests.peers.server import Server

KINDS: dict[str, type[Server]] = {kind.kind: kind for kind in (Dovecot, CulverProcess)}
"""What `--servers` may name."""


def make_server(kind: str, config: ServerConfig) -> Server:
    """A server that is not started yet; KeyError for an unknown kind."""
    return KINDS[kind](config)
