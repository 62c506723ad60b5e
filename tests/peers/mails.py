"""Mails that tests and benchmarks deliver: the same for the same number, at any time."""

import random

_WORDS = ["alpha", "beta", "gamma", "delta", "kappa", "lambda", "omicron", "sigma", "omega"]
_BOUNDARY = "=_culver_part"


def _body(number: int, size: int) -> str:
    source = random.Random(number)
    lines = list[str]()
    length = 0
    while length < size:
        lines.append(" ".join(source.choices(_WORDS, k=10)))
        length += len(lines[-1]) + 2
    return "\r\n".join([*lines, ""])


def _headers(number: int, content_type: str) -> str:
    return (
        f"From: Sender {number} <sender{number}@example.com>\r\n"
        f"To: Reader <reader@example.com>\r\n"
        f"Subject: Mail number {number}\r\n"
        f"Date: Thu, {number % 28 + 1:02d} Jan 2026 10:00:00 +0000\r\n"
        f"Message-ID: <mail-{number}@example.com>\r\n"
        f"MIME-Version: 1.0\r\n"
        f"Content-Type: {content_type}\r\n"
        f"\r\n"
    )


def make_mail(number: int, size: int = 300) -> bytes:
    """A text/plain mail with CRLF line ends; its body has at least `size` bytes."""
    return (_headers(number, "text/plain; charset=us-ascii") + _body(number, size)).encode()


def make_multipart(number: int, size: int = 10_000) -> bytes:
    """A mail of a text, an alternative of it in HTML, and an attachment that takes up the rest."""
    parts = (
        ("text/plain; charset=utf-8", _body(number, size // 10)),
        ("text/html; charset=utf-8", f"<p>{_body(number + 1, size // 10)}</p>\r\n"),
        ('application/octet-stream; name="a.bin"', _body(number + 2, size * 8 // 10)),
    )
    text = "".join(
        f"--{_BOUNDARY}\r\nContent-Type: {kind}\r\n\r\n{body}\r\n" for kind, body in parts
    )
    mixed = f'multipart/mixed; boundary="{_BOUNDARY}"'
    return f"{_headers(number, mixed)}{text}--{_BOUNDARY}--\r\n".encode()
