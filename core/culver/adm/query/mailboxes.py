"""Which mailboxes a query speaks of, and whether it is safe to remove what it finds."""

from __future__ import annotations

from culver.adm.codes import USAGE
from culver.adm.errors import AdmError
from culver.adm.query.term import AllOf, AnyOf, InMailbox, InMailboxGuid, Negated, Term
from culver.mail.match import matches

_MAILBOX = InMailbox | InMailboxGuid


def mailbox_terms(term: Term) -> list[InMailbox]:
    """The MAILBOX keys that every match has to meet one of; empty: any mailbox.

    Alternatives and negations are not looked into: then every mailbox is walked through.
    """
    if isinstance(term, InMailbox):
        return [term]
    if isinstance(term, AllOf):
        return [found for each in term.terms for found in mailbox_terms(each)]
    return []


def possible(term: Term, name: str, separator: str) -> bool:
    """Whether a mailbox of this name can hold a match."""
    match term:
        case InMailbox():
            return fits(term, name, separator)
        case Negated(InMailbox() as inner):
            return not fits(inner, name, separator)
        case AllOf():
            return all(possible(each, name, separator) for each in term.terms)
        case AnyOf():
            return any(possible(each, name, separator) for each in term.terms)
        case _:
            return True


def fits(term: InMailbox, name: str, separator: str) -> bool:
    """Whether the mailbox is meant.  INBOX compares without case."""
    if term.wild:
        return matches([term.pattern], name, separator)
    return term.pattern == name or term.pattern.upper() == name.upper() == "INBOX"


def check_removal(term: Term, command: str) -> None:
    """Refuse a query that could remove more than its writer thinks.  Raises AdmError USAGE."""
    if not _names_mailbox(term):
        raise AdmError(
            f"{command}: To avoid accidents, search query must contain MAILBOX in all search"
            " branches",
            USAGE,
        )
    if not _names_messages(term):
        raise AdmError(
            f"{command}: To avoid accidents, each branch in search query must contain something"
            ' else besides MAILBOX (e.g. just add "all" if you want everything)',
            USAGE,
        )


def _names_mailbox(term: Term) -> bool:
    match term:
        case AllOf():
            return any(_names_mailbox(each) for each in term.terms)
        case AnyOf():
            return all(_names_mailbox(each) for each in term.terms)
        case Negated():
            return _names_mailbox(term.term)
        case _:
            return isinstance(term, _MAILBOX)


def _names_messages(term: Term) -> bool:
    match term:
        case AllOf():
            return any(_names_messages(each) for each in term.terms)
        case AnyOf():
            return all(_names_messages(each) for each in term.terms)
        case Negated():
            return _names_messages(term.term)
        case _:
            return not isinstance(term, _MAILBOX)
