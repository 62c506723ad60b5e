"""A worker: serving, draining, stopping."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from culver.auth.configured import local_auth
from culver.process.server import make_server
from culver.process.worker import Worker
from culver.testing.imap_client import ConnectionEnded, ImapClient
from culver.testing.server import make_composition
from culver.testing.tcp import make_worker


def made(root: Path, config: str = "") -> tuple[Worker, int]:
    composition = make_composition(root, config=config)
    auth = local_auth(composition.config, composition.registry, composition.scope)
    worker, ports = make_worker(make_server(composition, auth), "imap")
    return worker, ports["imap"]


async def logged_in(port: int) -> ImapClient:
    alice = ImapClient(await trio.open_tcp_stream("127.0.0.1", port))
    await alice.greet()
    await alice.login("alice")
    return alice


async def test_stop_says_goodbye_and_closes(tmp_path: Path) -> None:
    worker, port = made(tmp_path)
    async with trio.open_nursery() as nursery:
        ready = trio.Event()
        nursery.start_soon(worker.run, ready.set)
        await ready.wait()
        alice = await logged_in(port)
        worker.stop()
        assert (await alice.read_line()).startswith(b"* BYE")
        with pytest.raises(ConnectionEnded):
            await alice.read()
        with pytest.raises(OSError, match=r"127\.0\.0\.1"):
            await trio.open_tcp_stream("127.0.0.1", port)
        await alice.aclose()


async def test_finish_lets_sessions_go_on(tmp_path: Path) -> None:
    worker, port = made(tmp_path)
    async with trio.open_nursery() as nursery:
        ready = trio.Event()
        nursery.start_soon(worker.run, ready.set)
        await ready.wait()
        alice = await logged_in(port)
        worker.finish()
        with pytest.raises(OSError, match=r"127\.0\.0\.1"):
            await trio.open_tcp_stream("127.0.0.1", port)
        assert (await alice.command("NOOP")).ok
        await alice.logout()
        await alice.aclose()
