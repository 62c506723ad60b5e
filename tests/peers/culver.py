"""Our own server, started from the command line as an admin would."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.peers.need import require
from tests.peers.server import Server


class CulverProcess(Server):
    """`culver serve` with the interpreter that runs the tests."""

    kind = "culver"

    def argv(self, config_file: Path) -> Sequence[str]:
        """Skips the test where this build has no command line, or not the protocol asked for."""
        require("culver")
        for protocol in ("lmtp", "pop3"):
            if protocol in self.config.protocols:
                require(f"culver-{protocol}")
        return [sys.executable, "-m", "culver", "serve", "-c", str(config_file)]
