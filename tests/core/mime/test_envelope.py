from hypothesis import given
from hypothesis import strategies as st

from culver.mime.envelope import ENVELOPE_FIELDS, envelope
from culver.mime.parse import parse_message


def of(mail: bytes) -> bytes:
    return envelope(mail, parse_message(mail))


def test_rfc_3501s_example() -> None:
    mail = b"""\
Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
From: Terry Gray <gray@cac.washington.edu>
Subject: IMAP4rev1 WG mtg summary and minutes
To: imap@cac.washington.edu
cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
Message-Id: <B27397-0100000@cac.washington.edu>

"""
    gray = b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    assert of(mail) == (
        b'"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" '
        + gray * 3
        + b'((NIL NIL "imap" "cac.washington.edu")) '
        b'((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) '
        b'NIL NIL "<B27397-0100000@cac.washington.edu>"'
    )


def test_nothing_is_ten_nils() -> None:
    assert of(b"\nbody") == b" ".join([b"NIL"] * len(ENVELOPE_FIELDS))


def test_lists_are_merged_and_texts_replaced() -> None:
    answer = of(b"To: a@b\nSubject: 1\nTO: c@d\nSubject: 2\n\n")

    assert b'((NIL NIL "a" "b")(NIL NIL "c" "d"))' in answer
    assert answer.startswith(b'NIL "2" ')


@given(st.text('ab@<>,;:"\\() \n\r\0é', max_size=60))
def test_garbage_gives_ten_fields(text: str) -> None:
    answer = of(b"From: " + text.encode() + b"\nSubject: " + text.encode() + b"\n\n")

    assert answer.count(b"NIL") >= 1
