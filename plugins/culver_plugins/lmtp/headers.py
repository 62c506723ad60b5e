"""The headers that delivery puts on top of a mail."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime


def trace_headers(
    *,
    sender: str,
    recipient: str,
    delivered_to: str,
    helo: str,
    client_ip: str,
    hostname: str,
    session: str,
    with_tls: bool,
    received: bool,
) -> bytes:
    """Return-Path, Delivered-To, Received (RFC 5321 4.4), in Dovecot's order and shape.

    ``delivered_to`` and ``received`` leave their header out when empty or false.
    """
    lines = [f"Return-Path: <{sender}>"]
    if delivered_to:
        lines.append(f"Delivered-To: {delivered_to}")
    if received:
        peer = f" ([{client_ip}])" if client_ip else ""
        now = format_datetime(datetime.now(UTC))
        lines += [
            f"Received: from {helo}{peer}",
            f"\tby {hostname} with LMTP{'S' if with_tls else ''}",
            f"\tid {session}",
            f"\t(envelope-from <{sender}>)",
            f"\tfor <{recipient}>; {now}",
        ]
    return "".join(f"{line}\r\n" for line in lines).encode()
