"""The mailboxes that a command walks through."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from culver.adm.codes import DATAERR
from culver.adm.errors import AdmError
from culver.adm.query.mailboxes import mailbox_terms, possible
from culver.errors import Refused, Unavailable
from culver.mail.match import matches

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.adm.query.resolve import Place
    from culver.adm.query.term import SearchQuery
    from culver.mail.mailbox import MailboxInfo
    from culver.mail.namespace import Namespace
    from culver.mail.uids import UidSet
    from culver.mail.user import MailUser


def check_names(names: Sequence[str]) -> None:
    """Raise AdmError DATAERR for a mailbox name that is no UTF-8."""
    for name in names:
        if any("\udc80" <= char <= "\udcff" for char in name):
            shown = name.encode("utf-8", "replace").decode()
            raise AdmError(f"Mailbox name not valid UTF-8: {shown}", DATAERR)


def separator_of(user: MailUser, name: str) -> str:
    """The separator in the namespace of a name."""
    return namespace_of(user, name).separator


def namespace_of(user: MailUser, name: str) -> Namespace:
    """The namespace with the longest prefix that fits; INBOX is of the one that has it."""
    if name.upper() == "INBOX":
        return next(n for n in user.namespaces if n.inbox)
    fitting = [n for n in user.namespaces if name.startswith(n.prefix)]
    return max(fitting or user.namespaces, key=lambda n: len(n.prefix))


async def existing(user: MailUser, *, private: bool = False) -> list[MailboxInfo]:
    """The mailboxes that can be opened and lie on the disk: not those that only the
    configuration wants.  With ``private`` none of shared and public namespaces."""
    found: list[MailboxInfo] = []
    for info in await user.mailboxes():
        namespace = namespace_of(user, info.name)
        if not info.selectable or (private and namespace.type != "private"):
            continue
        path = namespace.path_of(info.name)
        if path is not None and await namespace.format.mailboxes.exists(path):
            found.append(info)
    return found


async def matching(user: MailUser, masks: Sequence[str]) -> list[str]:
    """The names of existing mailboxes that any of the LIST patterns fits."""
    infos = await existing(user)
    return [info.name for info in infos if matches(masks, info.name, info.separator)]


async def _candidates(user: MailUser, query: SearchQuery) -> list[str]:
    terms = mailbox_terms(query.term)
    if terms and not any(term.wild for term in terms):
        # Named ones are opened even where a listing would not show them.
        names = dict.fromkeys(term.pattern for term in terms)
        return [n for n in names if possible(query.term, n, separator_of(user, n))]
    infos = await existing(user, private=not terms)
    return [i.name for i in infos if possible(query.term, i.name, i.separator)]


@contextlib.asynccontextmanager
async def opened(user: MailUser, name: str, *, write: bool = False) -> AsyncGenerator[Place]:
    """A mailbox with a view.  No message stops being recent because an administrator looked.

    Raises CulverError.
    """
    from culver.adm.query.resolve import Place

    box = await user.open(name)
    try:
        view = await box.open_view(read_only=True)
        # What a read-only view does not do is claiming; this one may change flags yet.
        view.read_only = not write
        yield Place(box, view, separator_of(user, name))
    finally:
        await box.close()


async def for_matches(
    call: Call,
    user: MailUser,
    query: SearchQuery,
    work: Callable[[Place, UidSet], Awaitable[None]],
    *,
    write: bool = False,
    missing_ok: bool = True,
) -> None:
    """Do the work in every mailbox, with its messages that match, perhaps none.

    A mailbox that doesn't exist is passed over if that is ``missing_ok``; where something fails
    it is told, and the others get their turn.
    """
    for name in await _candidates(user, query):
        try:
            async with opened(user, name, write=write) as place:
                uids = await place.search(query)
                call.context.note(f"{name}: {len(uids)} messages match")
                await work(place, uids)
        except Refused as error:
            if error.code != "NONEXISTENT" or not missing_ok:
                call.context.fail(f"Mailbox {name}", error)
        except Unavailable as error:
            call.context.fail(f"Mailbox {name}", error)
