"""The metrics page over a stream: methods, paths, keep-alive, and clients that misbehave."""

import pytest
import trio
import trio.testing

from culver.noticing.endpoint import MetricsEndpoint

GET = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


async def talk(*pieces: bytes, eof: bool = True) -> bytes:
    """Send the pieces to an endpoint and return all it answers."""
    ours, theirs = trio.testing.memory_stream_pair()
    answer = bytearray()

    async def collect() -> None:
        async for chunk in ours:
            answer.extend(chunk)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(MetricsEndpoint(lambda: "# EOF\n", "text/x").serve, theirs)
        nursery.start_soon(collect)
        for piece in pieces:
            await ours.send_all(piece)
            await trio.testing.wait_all_tasks_blocked()
        if eof:
            await ours.send_eof()
    return bytes(answer)


@pytest.mark.parametrize("at", range(1, len(GET)))
async def test_the_page_at_every_split(at: int) -> None:
    answer = await talk(GET[:at], GET[at:])

    assert answer == (b"HTTP/1.1 200 \r\nContent-Type: text/x\r\nContent-Length: 6\r\n\r\n# EOF\n")


async def test_a_connection_is_kept() -> None:
    assert (await talk(GET + GET, GET)).count(b"# EOF\n") == 3


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        (b"GET / HTTP/1.1", b"404", b"See /metrics\n"),
        (b"GET /metrics?x=1 HTTP/1.1", b"200", b"# EOF\n"),
        (b"HEAD /metrics HTTP/1.1", b"200", b""),
        (b"HEAD / HTTP/1.1", b"404", b""),
        (b"DELETE /metrics HTTP/1.1", b"405", b""),
    ],
)
async def test_other_requests(request_line: bytes, status: bytes, body: bytes) -> None:
    answer = await talk(request_line + b"\r\nHost: x\r\n\r\n")

    assert answer.split()[1] == status
    assert answer.partition(b"\r\n\r\n")[2] == body


async def test_a_body_is_read_over() -> None:
    post = b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    answer = await talk(post + GET)

    assert [answer.count(b"405 "), answer.count(b"200 ")] == [1, 1]


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\r\n\r\n", b"GET\r\n\r\n", b"a b c d\r\n\r\n"])
async def test_garbage_gets_400_and_the_end(garbage: bytes) -> None:
    assert (await talk(garbage, eof=False)).startswith(b"HTTP/1.1 400 ")


async def test_a_client_that_leaves_in_the_middle() -> None:
    assert (
        await talk(b"GET /met")
    ) == b"HTTP/1.1 400 \r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


async def test_a_silent_client_is_left(autojump_clock: trio.testing.MockClock) -> None:
    assert await talk(b"GET ", eof=False) == b""


async def test_a_client_that_reads_nothing_is_left(
    autojump_clock: trio.testing.MockClock,
) -> None:
    ours, theirs = trio.testing.lockstep_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(MetricsEndpoint(lambda: "x", "text/x").serve, theirs)
        await ours.send_all(GET)


async def test_a_broken_client_is_left() -> None:
    ours, theirs = trio.testing.lockstep_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(MetricsEndpoint(lambda: "x", "text/x").serve, theirs)
        await ours.send_all(GET)
        await ours.aclose()
