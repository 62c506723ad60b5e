"""Cutting responses, at every split."""

from __future__ import annotations

import pytest

from culver.testing.imap_responses import Response, ResponseReader, Status

STREAM = (
    b"* OK [CAPABILITY A B] hello\r\n"
    b"* 1 FETCH (BODY[] {7}\r\na\r\n{3}\r X {0}\r\n)\r\n"
    b"+ \r\n"
    b"a OK done\r\n"
)
LINES = [
    b"* OK [CAPABILITY A B] hello",
    b"* 1 FETCH (BODY[] {7}\r\na\r\n{3}\r X {0}\r\n)",
    b"+ ",
    b"a OK done",
]


def test_at_every_split() -> None:
    for cut in range(len(STREAM)):
        reader = ResponseReader()
        found: list[bytes] = []
        for piece in (STREAM[:cut], STREAM[cut:]):
            reader.receive(piece)
            while (response := reader.next()) is not None:
                found.append(response.line)
        assert found == LINES, cut


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"a OK done", Status("OK", "", "", "done")),
        (b"* bye [unavailable] x y", Status("BYE", "UNAVAILABLE", "", "x y")),
        (b"a NO [COPYUID 1 2:3 4] x", Status("NO", "COPYUID", "1 2:3 4", "x")),
        (b"a BAD", Status("BAD", "", "", "")),
        (b"* 3 EXISTS", None),
        (b"* FLAGS (OK)", None),
    ],
)
def test_statuses(line: bytes, status: Status | None) -> None:
    assert Response(line).status() == status
    assert Response(line).tag in (b"a", b"*")
