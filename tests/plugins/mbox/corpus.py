"""mbox files as they are found in the wild, each awkward in its own way."""

from __future__ import annotations

from typing import Final

_A: Final = b"From a@b Thu Nov 29 22:33:52 2001\n"
_B: Final = b"From c@d Fri Nov 30 01:02:03 2001\n"
_MAIL: Final = b"Subject: one\nMessage-ID: <1@x>\n\nbody one\n"
_NEXT: Final = b"Subject: two\nMessage-ID: <2@x>\n\nbody two\n"
_BASE: Final = b"X-IMAPbase: 1000000000 0000000002 kw\n"


def _mail(line: bytes, mail: bytes = _MAIL) -> bytes:
    return line + mail + b"\n"


CORPUS: Final[dict[str, bytes]] = {
    "plain": _mail(_A) + _mail(_B, _NEXT),
    "one mail": _mail(_A),
    "no trailing newline": _mail(_A) + _B + _NEXT[:-1],
    "one trailing newline": _mail(_A) + _B + _NEXT,
    "three trailing newlines": _mail(_A) + _B + _NEXT + b"\n\n\n",
    "crlf": (_mail(_A) + _mail(_B, _NEXT)).replace(b"\n", b"\r\n"),
    "crlf without end": (_mail(_A) + _B + _NEXT[:-1]).replace(b"\n", b"\r\n"),
    "crlf mail, lf lines": _A + _MAIL.replace(b"\n", b"\r\n") + b"\n" + _mail(_B, _NEXT),
    "no empty line between": _A + _MAIL + _B + _NEXT,
    "from in body": _mail(_A, _MAIL + b"\nFrom here on it is text.\nFrom a@b\n") + _mail(_B, _NEXT),
    "quoted from in body": _mail(_A, _MAIL + b"\n>From a@b Thu Nov 29 22:33:52 2001\n"),
    "from line in body, length right": (
        _A + b"Subject: x\nContent-Length: 40\n\nab\n\n" + _A + b"c\n\n" + _mail(_B, _NEXT)
    ),
    "from line in body, length wrong": (
        _A + b"Subject: x\nContent-Length: 41\n\nab\n\n" + _A + b"c\n\n" + _mail(_B, _NEXT)
    ),
    "length beyond the end": _mail(_A, b"Subject: x\nContent-Length: 99999\n\nab\n") + _mail(_B),
    "length over two mails": (
        _A + b"Subject: x\nContent-Length: 79\n\nab\n\n" + _mail(_B, _MAIL) + _mail(_B, _NEXT)
    ),
    "two lengths": _mail(_A, b"Content-Length: 3\nContent-Length: 9\nSubject: x\n\nab\n"),
    "length is no number": _mail(_A, b"Content-Length: x\nSubject: x\n\nab\n") + _mail(_B),
    "body begins with a from line": _A + b"Subject: x\n\n" + _mail(_B, _NEXT),
    "header only": _A + b"Subject: x\n\n\n" + _mail(_B, _NEXT),
    "header ends at a from line": _A + b"Subject: x\n" + _mail(_B, _NEXT),
    "header ends with the file": _mail(_A) + _B + b"Subject: x\n",
    "from line and no more": _mail(_A) + _B,
    "no header": _A + b"\nbody\n\n" + _mail(_B, _NEXT),
    "nothing at all": _A + b"\n" + _mail(_B, _NEXT),
    "8-bit": _mail(_A, b"Subject: \xe4\xf6\xfc \xff\n\n\xa0\xff\xfe\n") + _mail(_B, _NEXT),
    "huge header": _mail(_A, b"Subject: x\nX-Fill: " + b"y " * 40000 + b"\n\nbody\n") + _mail(_B),
    "many header lines": _mail(_A, b"".join(b"X-%d: y\n" % n for n in range(3000)) + _MAIL),
    "folded": _mail(
        _A,
        b"Subject: x\n y\nReceived: from a\n\tby b\nReceived: c\nDate: d\nDelivered-To: e\n\nb\n",
    ),
    "received after date": _mail(_A, b"Date:   d \nMessage-ID:<1@x>\nReceived:\n a\n b\n\nb\n"),
    "with uids": (
        _mail(_A, _BASE + b"X-UID: 1\nStatus: RO\nX-Status: AF\nX-Keywords: kw\n" + _MAIL)
        + _mail(_B, b"X-UID: 2\nStatus: O\n" + _NEXT)
    ),
    "uids in between": _mail(_A, b"Subject: x\n" + _BASE + b"X-UID: 1\nTo: y\n\nb\n") + _mail(_B),
    "uid too large": _mail(_A, _BASE + b"X-UID: 1\n" + _MAIL) + _mail(_B, b"X-UID: 77\n" + _NEXT),
    "uids descend": _mail(_A, _BASE + b"X-UID: 2\n" + _MAIL) + _mail(_B, b"X-UID: 1\n" + _NEXT),
    "uid twice": _mail(_A, _BASE + b"X-UID: 1\n" + _MAIL) + _mail(_B, b"X-UID: 1\n" + _NEXT),
    "uid is no number": _mail(_A, _BASE + b"X-UID: one\n" + _MAIL) + _mail(_B),
    "uids without base": _mail(_A, b"X-UID: 9\n" + _MAIL) + _mail(_B, b"X-UID: 12\n" + _NEXT),
    "base in the second": _mail(_A) + _mail(_B, _BASE + b"X-UID: 2\n" + _NEXT),
    "base with short uid": _mail(_A, b"X-IMAPbase: 1000000000 7\nX-UID: 3\n" + _MAIL),
    "broken base": _mail(_A, b"X-IMAPbase: x y\nX-UID: 3\n" + _MAIL),
    "unknown keyword": _mail(_A, _BASE + b"X-UID: 1\nX-Keywords: kw other\n" + _MAIL),
    "flags twice": _mail(_A, _BASE + b"X-UID: 1\nStatus: R\nStatus: RO\nX-Status: TD\n" + _MAIL),
    "status in the middle": _mail(_A, b"Status: RO\nSubject: x\nX-Status: F\nTo: y\n\nb\n"),
    "pseudo message": (
        _A + b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
        b"X-IMAP: 1000000000 0000000005\nStatus: RO\n\nThis text\n\n"
        + _mail(_B, b"X-UID: 3\n" + _MAIL)
    ),
    "x-imap in the second": _mail(_A, _BASE + _MAIL) + _mail(_B, b"X-IMAP: 1 0000000009\nA: b\n\n"),
    "header without colon": _mail(_A, b"Subject: x\nno header\nTo: y\n\nb\n") + _mail(_B),
    "sender in quotes": _mail(b'From "a b" Thu Nov 29 22:33:52 2001\n') + _mail(_B),
    "day of one digit": _mail(b"From a@b Thu Nov  9 22:33:52 2001\n") + _mail(_B),
    "no seconds": _mail(b"From a@b Thu Nov 29 22:33 2001\n") + _mail(_B),
    "zone after": _mail(b"From a@b Thu Nov 29 22:33:52 2001 +0300\n") + _mail(_B),
    "zone before": _mail(b"From a@b Thu Nov 29 22:33:52 -0500 2001\n") + _mail(_B),
    "named zone": _mail(b"From a@b Thu Nov 29 22:33:52 CET 2001\n") + _mail(_B),
    "remote from": _mail(b"From a@b Thu Nov 29 22:33:52 2001 remote from uucp\n") + _mail(_B),
    "date header": _mail(b"From a@b Thu, 9 Nov 2002 22:33:52\n") + _mail(_B),
    "date header, zone": _mail(b"From a@b Thu, 29 Nov 2002 22:33:52 +0100\n") + _mail(_B),
    "two spaces": _mail(b"From a@b  Thu Nov 29 22:33:52 2001\n") + _mail(_B),
}
"""Name to content.  Dovecot is asked what it holds."""
