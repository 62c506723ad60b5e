"""LMTP transcripts over memory streams and over TCP."""

from pathlib import Path

import pytest
import trio
from tests.transcripts.dialogue import Dialogue
from tests.transcripts.imap_server import config_of, prepare, wants_tls
from tests.transcripts.transcript import load

from culver.testing.pytest_plugin import StartServer
from culver.testing.server import make_composition, tls_client
from culver.testing.tcp import run_worker

FILES = sorted((Path(__file__).parent / "lmtp").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_level_2(path: Path, culver: StartServer) -> None:
    transcript = load(path)
    tls = wants_tls(transcript)
    async with culver(config=config_of(transcript), tls=tls) as server:
        await prepare(transcript, server.connect("imap"))

        async def connect() -> trio.abc.Stream:
            return server.connect("lmtp")

        context = tls_client(server.root) if tls else None
        await Dialogue(transcript, await connect(), connect, context).play()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_level_3(path: Path, tmp_path: Path) -> None:
    transcript = load(path)
    tls = wants_tls(transcript)
    composition = make_composition(tmp_path, config=config_of(transcript), tls=tls)
    async with run_worker(composition, "imap", "lmtp") as ports:
        await prepare(transcript, await trio.open_tcp_stream("127.0.0.1", ports["imap"]))

        async def connect() -> trio.SocketStream:
            return await trio.open_tcp_stream("127.0.0.1", ports["lmtp"])

        context = tls_client(tmp_path) if tls else None
        await Dialogue(transcript, await connect(), connect, context).play()
