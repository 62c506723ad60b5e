"""Level 2: every IMAP transcript over memory streams, against a whole server."""

from pathlib import Path

import pytest
import trio
from tests.transcripts.dialogue import Dialogue
from tests.transcripts.imap_server import begin, config_of, prepare, wants_tls
from tests.transcripts.transcript import load

from culver.testing.pytest_plugin import StartServer
from culver.testing.server import tls_client

FILES = sorted((Path(__file__).parent / "imap").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_level_2(path: Path, culver: StartServer) -> None:
    transcript = load(path)
    tls = wants_tls(transcript)
    async with culver(config=config_of(transcript), tls=tls) as server:
        await prepare(transcript, server.connect("imap"))
        first = server.connect("imap")
        await begin(transcript, first)
        context = tls_client(server.root) if tls else None

        async def connect() -> trio.abc.Stream:
            return server.connect("imap")

        await Dialogue(transcript, first, connect, context).play()
