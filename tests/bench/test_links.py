"""Where an answer ends, at every split of it."""

import socket
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from tests.bench.links import BadAnswer, ImapLink, LmtpLink
from tests.peers.ports import HOST


@contextmanager
def speaking(*answers: Sequence[bytes]) -> Generator[int]:
    """A server that says one list of pieces for each thing it is sent; the first unasked."""
    with socket.create_server((HOST, 0)) as listener, ThreadPoolExecutor(1) as pool:
        served = pool.submit(_serve, listener, answers)
        yield listener.getsockname()[1]
        served.result()


def _serve(listener: socket.socket, answers: Sequence[Sequence[bytes]]) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, pieces in enumerate(answers):
            if number and not connection.recv(65536):
                return
            for piece in pieces:
                connection.sendall(piece)
        while connection.recv(65536):
            pass


GREETING = [b"* OK hello\r\n"]
LOGGED_IN = [b"bench1 OK logged in\r\n"]
FETCHED = b"* 1 FETCH (BODY[] {24}\r\n bench2 NO not this\r\n\r\n)\r\nbench2 OK [X bench2] done\r\n"


@pytest.mark.parametrize("split", range(len(FETCHED) + 1))
def test_an_answer_at_every_split(split: int) -> None:
    pieces = [FETCHED[:split], FETCHED[split:]]
    with speaking(GREETING, LOGGED_IN, pieces) as port, ImapLink(port, "u", "p") as link:
        assert b"".join(link.answer("FETCH 1 BODY[]")) == FETCHED


@pytest.mark.parametrize("answer", [b"bench2 NO no\r\n", b"* 1 EXISTS\r\nbench2 BAD what\r\n"])
def test_a_refusal_is_not_measured(answer: bytes) -> None:
    with (
        speaking(GREETING, LOGGED_IN, [answer]) as port,
        ImapLink(port, "u", "p") as link,
        pytest.raises(BadAnswer, match="NOOP: "),
    ):
        link.command("NOOP")


def test_a_lost_connection_is_not_measured() -> None:
    with socket.create_server((HOST, 0)) as listener, ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: listener.accept()[0].close())
        with pytest.raises(BadAnswer, match="hung up"):
            ImapLink(listener.getsockname()[1], "u", "p")


def test_lmtp_reads_replies_of_several_lines_and_of_one_packet() -> None:
    hello = [b"250-bench\r\n250", b"-PIPELINING\r\n250 8BITMIME\r\n"]
    envelope = [b"250 sender\r\n250 recipient\r\n354 go\r\n"]
    answers = ([b"220 hi\r\n"], hello, envelope, [b"250 saved\r\n"])
    with speaking(*answers) as port, LmtpLink(port) as link:
        link.deliver("u", b"Subject: x\r\n\r\n.\r\n")


def test_lmtp_refusals_are_not_measured() -> None:
    refusal = [b"250 sender\r\n550 nobody\r\n"]
    with (
        speaking([b"220 hi\r\n"], [b"250 bench\r\n"], refusal) as port,
        LmtpLink(port) as link,
        pytest.raises(BadAnswer, match="550 nobody"),
    ):
        link.deliver("u", b"x\r\n")
