"""Where protocols listen, and opening it."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from culver.process.endpoints import endpoints
from culver.process.sockets import CannotListen, Endpoint, open_endpoint
from culver.testing.server import make_composition


def names(root: Path, config: str, *, tls: bool = False) -> set[str]:
    composition = make_composition(root, config=config, tls=tls)
    found = endpoints(composition.config, composition.registry)
    return {f"{each.name} {each}".replace(str(root), "") for each in found}


def test_defaults(tmp_path: Path) -> None:
    assert names(tmp_path, "listen = 127.0.0.1\n", tls=True) == {
        "imap 127.0.0.1:143", "imaps 127.0.0.1:993", "lmtp /run/lmtp",
    }  # fmt: skip


def test_no_tls_no_imaps(tmp_path: Path) -> None:
    assert names(tmp_path, "listen = ::1\nprotocols = imap\n") == {"imap [::1]:143"}


def test_as_configured(tmp_path: Path) -> None:
    config = """
listen = 127.0.0.1, 127.0.0.2
service imap-login {
  inet_listener imap {
    port = 1143
    address = 127.0.0.3
  }
}
service lmtp {
  inet_listener lmtp {
    port = 24
  }
  unix_listener lmtp {
    mode = 0
  }
}
"""
    assert names(tmp_path, config) == {
        "imap 127.0.0.3:1143", "lmtp 127.0.0.1:24", "lmtp 127.0.0.2:24",
    }  # fmt: skip


def test_port_zero_is_off(tmp_path: Path) -> None:
    config = "protocols = imap\nservice imap-login {\n inet_listener imap {\n port = 0\n }\n}\n"
    assert names(tmp_path, config) == set()


def test_unix_sockets_get_their_mode_and_replace_dead_ones(tmp_path: Path) -> None:
    endpoint = Endpoint(service="x", name="x", path=str(tmp_path / "s"), mode=0o640)
    open_endpoint(endpoint).close()
    with open_endpoint(endpoint):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o640
        with pytest.raises(CannotListen, match="another program listens there"):
            open_endpoint(endpoint)


@pytest.mark.parametrize(
    ("endpoint", "error"),
    [
        (Endpoint(service="imap", name="imap", path="/nowhere/s"), "directory of the socket"),
        (Endpoint(service="imap", name="imap", address="192.0.2.77"), "no such address"),
    ],
)
def test_what_can_not_be_opened(endpoint: Endpoint, error: str) -> None:
    with pytest.raises(CannotListen, match=error):
        open_endpoint(endpoint)


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        endpoint = Endpoint(service="imap", name="imap", address="127.0.0.1", port=port)
        with pytest.raises(CannotListen, match=f"imap: can't listen on 127.0.0.1:{port}"):
            open_endpoint(endpoint)


def test_ipv6() -> None:
    with open_endpoint(Endpoint(service="x", name="x", address="::1")) as sock:
        assert sock.family == socket.AF_INET6
