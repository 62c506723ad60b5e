"""Which mailboxes a query means, and what may be removed."""

import pytest

from culver.adm.errors import AdmError
from culver.adm.query.mailboxes import check_removal, mailbox_terms, possible
from culver.adm.query.parser import parse_query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", []),
        ("mailbox A seen", ["A"]),
        ("mailbox A mailbox B", ["A", "B"]),
        ("( mailbox A )", ["A"]),
        ("mailbox A or mailbox B", []),
        ("not mailbox A", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    found = mailbox_terms(parse_query(text.split()).term)

    assert [term.pattern for term in found] == expected


@pytest.mark.parametrize(
    ("text", "fitting"),
    [
        ("all", "INBOX A A/B"),
        ("mailbox A", "A"),
        ("mailbox inbox", "INBOX"),
        ("mailbox A*", "A A/B"),
        ("mailbox A%", "A"),
        ("not mailbox A", "INBOX A/B"),
        ("mailbox A or mailbox INBOX", "INBOX A"),
        ("mailbox A mailbox INBOX", ""),
        ("not ( mailbox A seen )", "INBOX A A/B"),
        ("mailbox A or seen", "INBOX A A/B"),
    ],
)
def test_possible(text: str, fitting: str) -> None:
    term = parse_query(text.split()).term

    assert [name for name in ("INBOX", "A", "A/B") if possible(term, name, "/")] == fitting.split()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("mailbox A all", ""),
        ("mailbox A uid 1", ""),
        ("mailbox-guid 00 seen", ""),
        ("( mailbox A seen ) or ( mailbox B all )", ""),
        ("seen ( mailbox A or mailbox B )", ""),
        ("all", "must contain MAILBOX"),
        ("mailbox A or seen", "must contain MAILBOX"),
        ("( mailbox A seen ) or all", "must contain MAILBOX"),
        ("mailbox A", "something else besides MAILBOX"),
        ("mailbox A or ( mailbox B seen )", "something else besides MAILBOX"),
        ("mailbox A or mailbox B", "something else besides MAILBOX"),
    ],
)
def test_removal(text: str, refusal: str) -> None:
    term = parse_query(text.split()).term

    if not refusal:
        check_removal(term, "expunge")
        return
    with pytest.raises(AdmError, match=f"expunge: .*{refusal}") as caught:
        check_removal(term, "expunge")
    assert caught.value.code == 64
