"""Headers that delivery adds."""

from __future__ import annotations

import re
from typing import Any

from culver_plugins.lmtp.headers import trace_headers

GIVEN: dict[str, Any] = {
    "sender": "s@example.org",
    "recipient": "r@example.org",
    "delivered_to": "r@example.org",
    "helo": "mta.example",
    "client_ip": "192.0.2.1",
    "hostname": "test.example",
    "session": "abc:1",
    "with_tls": False,
    "received": True,
}


def test_all() -> None:
    text = trace_headers(**GIVEN).decode()
    assert re.fullmatch(
        r"Return-Path: <s@example.org>\r\n"
        r"Delivered-To: r@example.org\r\n"
        r"Received: from mta.example \(\[192.0.2.1\]\)\r\n"
        r"\tby test.example with LMTP\r\n"
        r"\tid abc:1\r\n"
        r"\t\(envelope-from <s@example.org>\)\r\n"
        r"\tfor <r@example.org>; \w+, \d+ \w+ \d{4} \d\d:\d\d:\d\d \+0000\r\n",
        text,
    )


def test_the_least() -> None:
    text = trace_headers(**GIVEN | {"sender": "", "delivered_to": "", "received": False})
    assert text == b"Return-Path: <>\r\n"


def test_over_tls_from_a_unix_socket() -> None:
    text = trace_headers(**GIVEN | {"with_tls": True, "client_ip": ""}).decode()
    assert "from mta.example\r\n\tby test.example with LMTPS\r\n" in text
