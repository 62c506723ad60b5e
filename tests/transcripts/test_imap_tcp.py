"""Level 3: every IMAP transcript over TCP, against a server that listens on loopback."""

from pathlib import Path

import pytest
import trio
from tests.transcripts.dialogue import Dialogue
from tests.transcripts.imap_server import begin, config_of, prepare, wants_tls
from tests.transcripts.transcript import load

from culver.testing.server import make_composition, tls_client
from culver.testing.tcp import run_worker

FILES = sorted((Path(__file__).parent / "imap").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_level_3(path: Path, tmp_path: Path) -> None:
    transcript = load(path)
    tls = wants_tls(transcript)
    composition = make_composition(tmp_path, config=config_of(transcript), tls=tls)
    async with run_worker(composition, "imap") as ports:

        async def connect() -> trio.SocketStream:
            return await trio.open_tcp_stream("127.0.0.1", ports["imap"])

        await prepare(transcript, await connect())
        first = await connect()
        await begin(transcript, first)
        context = tls_client(tmp_path) if tls else None
        await Dialogue(transcript, first, connect, context).play()
