"""Which programs of other projects a test needs, and what is said where one is missing."""

import importlib.util
import os
import shutil
from dataclasses import dataclass

import pytest

SCRIPT = "contrib/peers.sh"

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Peer:
    """One thing a test may need: a program, or a module of Python."""

    program: str = ""
    module: str = ""
    package: str = ""
    """The package of Debian that brings it; empty where `contrib/peers.sh` has no part in it."""

    def present(self) -> bool:
        """Whether it is there now."""
        if self.module:
            return _importable(self.module)
        return which(self.program) is not None


PEERS = {
    "curl": Peer(program="curl", package="curl"),
    "dovecot": Peer(program="dovecot", package="dovecot-imapd"),
    "dovecot-lmtp": Peer(program="/usr/lib/dovecot/lmtp", package="dovecot-lmtpd"),
    "dovecot-pop3": Peer(program="/usr/lib/dovecot/pop3", package="dovecot-pop3d"),
    "dovecot-sieve": Peer(program="/usr/lib/dovecot/managesieve", package="dovecot-managesieved"),
    "fetchmail": Peer(program="fetchmail", package="fetchmail"),
    "getmail": Peer(program="getmail", package="getmail6"),
    "imapclient": Peer(module="imapclient"),
    "mbsync": Peer(program="mbsync", package="isync"),
    "offlineimap": Peer(program="offlineimap", package="offlineimap3"),
    "swaks": Peer(program="swaks", package="swaks"),
    "culver": Peer(module="culver.__main__"),
    "culver-lmtp": Peer(module="culver_plugins.lmtp.plugin"),
    "culver-pop3": Peer(module="culver_plugins.pop3.plugin"),
}
"""Every peer by the name that `need` takes."""

NOT_YET = {"culver-pop3": "culver does not speak POP3 yet"}
"""Parts of culver itself that do not exist: no script can install them, so CI skips them too."""

missing: dict[str, int] = {}
"""Peers that were asked for in this run and not found, with the number of tests they cost."""


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def which(program: str) -> str | None:
    """The program's path; also looked for where servers are and a user's PATH does not lead."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}")


def _reason(name: str, peer: Peer) -> str:
    if peer.package:
        return f"peer missing: {name} ({SCRIPT} installs it)"
    return f"peer missing: {name} (no module {peer.module})"


def require(name: str) -> None:
    """Skip the test that runs where the peer is missing; where CI is set, fail it.

    KeyError for a name that is not in `PEERS`.
    """
    peer = PEERS[name]
    if peer.present():
        return
    missing[name] = missing.get(name, 0) + 1
    if name in NOT_YET:
        pytest.skip(NOT_YET[name])
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(_reason(name, peer))
    pytest.fail(f"{_reason(name, peer)}; CI is set, so it has to be there", pytrace=False)


def need(*names: str) -> pytest.MarkDecorator:
    """Mark a test that runs only where these peers are; KeyError for one not in `PEERS`."""
    for name in names:
        PEERS[name]
    return pytest.mark.peer(*names)


def report() -> list[str]:
    """The lines of the block at a run's end: a peer each, empty where all were there."""
    return [f"{_reason(name, PEERS[name])}: {count} tests" for name, count in missing.items()]
