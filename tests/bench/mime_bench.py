"""How long it takes to describe a mail: `python tests/bench/mime_bench.py`; prints only."""

import base64
import random
import sys
from collections.abc import Callable
from email import message_from_bytes
from functools import partial
from time import perf_counter

from culver.mime.bodystructure import bodystructure
from culver.mime.crlf import to_crlf, virtual_size
from culver.mime.envelope import envelope
from culver.mime.headers import select_fields
from culver.mime.parse import parse_message
from culver.mime.search import body_contains
from culver.mime.serialize import dump_parts, load_parts

HEAD = b"Received: from mx.example.org by mail.example.net\n\tid 0123; Mon, 24 Jun 2019\n" * 8 + (
    b"From: Alice <alice@example.org>\nTo: Bob <bob@example.net>, carol@example.net\n"
    b"Subject: =?utf-8?q?gr=C3=BCn?=\nDate: Mon, 24 Jun 2019 12:00:00 +0200\n"
    b'Message-ID: <1@example.org>\nContent-Type: multipart/mixed; boundary="=_bound"\n\n'
)
TEXT = b"--=_bound\nContent-Type: text/plain; charset=utf-8\n\n" + b"text and more text\n" * 150
FILE = (
    b"--=_bound\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
)
SMALL = HEAD + TEXT + b"--=_bound--\n"
LARGE = (
    HEAD + TEXT + FILE + base64.encodebytes(random.Random(1).randbytes(740_000)) + b"--=_bound--\n"
)


def best(call: Callable[[], object]) -> float:
    """The least time of one call in milliseconds, over half a second."""
    least, until = 1e9, perf_counter() + 0.5
    while (start := perf_counter()) < until:
        call()
        least = min(least, (perf_counter() - start) * 1000)
    return least


def main() -> None:
    """Print a line for each operation and mail."""
    for name, mail in (("4 kB", SMALL), ("1 MB", LARGE), ("1 MB CRLF", to_crlf(LARGE))):
        root = parse_message(mail)
        dump = dump_parts(root)
        calls: dict[str, Callable[[], object]] = {
            "parse_message": partial(parse_message, mail),
            "envelope": partial(envelope, mail, root),
            "bodystructure": partial(bodystructure, mail, root),
            "dump_parts": partial(dump_parts, root),
            "load_parts": partial(load_parts, dump),
            "virtual_size": partial(virtual_size, mail),
            "to_crlf": partial(to_crlf, mail),
            "select_fields": partial(select_fields, mail, root, [b"from"]),
            "body_contains": partial(body_contains, mail, root, "nowhere"),
            "stdlib email": partial(message_from_bytes, mail),
        }
        for what, call in calls.items():
            sys.stdout.write(f"{name:10} {what:14} {best(call):9.4f} ms\n")


if __name__ == "__main__":
    main()
