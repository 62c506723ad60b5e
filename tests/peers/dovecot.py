"""The Dovecot of the distribution."""

from collections.abc import Sequence
from pathlib import Path

from tests.peers.need import require, which
from tests.peers.process import run
from tests.peers.server import Server


class Dovecot(Server):
    """Debian's Dovecot 2.3, on ports and folders of its own."""

    kind = "dovecot"

    def argv(self, config_file: Path) -> Sequence[str]:
        """See dovecot(1); skips the test where Dovecot is missing."""
        for peer in ("dovecot", "dovecot-lmtp"):
            require(peer)
        if "pop3" in self.config.protocols:
            require("dovecot-pop3")
        return [_program("dovecot"), "-F", "-c", str(config_file)]

    def doveadm(self, *words: str) -> str:
        """What `doveadm WORDS...` prints for this server; PeerFailed where it ends with not 0.

        The server has to have been started once, so that its configuration lies there.
        """
        return run([_program("doveadm"), "-c", self.config_file, *words]).stdout

    def doveconf(self, *words: str) -> str:
        """What `doveconf WORDS...` prints for this server's configuration."""
        return run([_program("doveconf"), "-c", self.config_file, *words]).stdout


def _program(name: str) -> str:
    return which(name) or name
