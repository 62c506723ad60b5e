"""The lines of the auth protocol: escapes, splits, garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.auth.params import apply_params, request_params
from culver.auth.protocol import (
    MAX_LINE,
    LineBuffer,
    ProtocolError,
    check_version,
    decode,
    decode_data,
    decode_fields,
    encode,
    encode_fields,
    escape,
    request_id,
    unescape,
)
from culver.auth.request import AuthRequest

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("text", "wire"),
    [("a\tb", "a\1tb"), ("\0\1\r\n", "\0010\0011\1r\1n"), ("plain", "plain"), ("", "")],
)
def test_escapes(text: str, wire: str) -> None:
    assert escape(text) == wire
    assert unescape(wire) == text


@given(st.lists(TEXTS, min_size=1))
def test_lines_come_back(words: list[str]) -> None:
    line = encode(*words)
    assert line.count(b"\n") == 1
    assert decode(line[:-1]) == words


@given(st.dictionaries(TEXTS.filter(lambda t: t and "=" not in t), TEXTS))
def test_fields_come_back(fields: dict[str, str]) -> None:
    assert decode_fields(encode_fields(fields)) == fields


def test_every_split_gives_the_same_lines() -> None:
    data = b"VERSION\t1\t2\nCPID\t7\n\nAUTH\t1\tPLAIN\n"
    for at in range(len(data)):
        buffer = LineBuffer()
        assert buffer.feed(data[:at]) + buffer.feed(data[at:]) == data.split(b"\n")[:-1]
    buffer = LineBuffer()
    assert [line for i in range(len(data)) for line in buffer.feed(data[i : i + 1])] == [
        b"VERSION\t1\t2",
        b"CPID\t7",
        b"",
        b"AUTH\t1\tPLAIN",
    ]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_long_lines_are_refused(end: bytes) -> None:
    LineBuffer().feed(b"x" * MAX_LINE + end)
    with pytest.raises(ProtocolError):
        LineBuffer().feed(b"x" * (MAX_LINE + 1) + end)


@pytest.mark.parametrize("text", ["0", "", "-1", "x", "4294967296", "\xb2", "9" * 99])
def test_bad_ids(text: str) -> None:
    with pytest.raises(ProtocolError):
        request_id(text)


@pytest.mark.parametrize("line", [b"VERSION", b"VERSION\t2\t0", b"CPID\t1", b"VERSION\t1\tx", b""])
def test_bad_versions(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        check_version(decode(line))


@pytest.mark.parametrize("text", ["*", "a", "ab=c", "é"])
def test_bad_base64(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_data(text)


@given(st.binary())
def test_garbage_only_raises_what_is_documented(data: bytes) -> None:
    for line in LineBuffer().feed(data):
        assert decode(line)


def test_params_come_back() -> None:
    request = AuthRequest(
        service="imap",
        session="s\t1",
        local_ip="::1",
        remote_ip="192.0.2.1",
        local_port=143,
        remote_port=9,
        secured="tls",
        local_name="mail.example",
        no_penalty=True,
        final_response_ok=True,
    )
    words = decode(encode("X", *request_params(request))[:-1])[1:]
    copy = AuthRequest(service="imap", final_response_ok=False)
    apply_params(copy, decode_fields(words))
    assert list(request_params(copy)) == list(request_params(request))


def test_forward_fields_survive_a_failed_lookup() -> None:
    request = AuthRequest(service="imap")
    apply_params(request, {"forward_fields": "a=1\tb", "lport": "99999", "rport": "x", "new": ""})
    request.passdb.set("other", "x")
    request.passdb.undo()
    assert request.passdb.visible() == {"forward_a": "1", "forward_b": ""}
    assert (request.local_port, request.remote_port) == (0, 0)
