"""The selected mailbox of a session."""

from __future__ import annotations

from culver.plugin import Mailbox, MailboxStatus, UidSet, View
from culver_plugins.imap.contexts import Contexts
from culver_plugins.imap.wire import sequence
from culver_plugins.imap.wire.sequence import Ranges


class Selected:
    """Mailbox, view, and what the client was told of it."""

    __slots__ = ("contexts", "keywords", "mailbox", "saved", "uid_next", "uid_validity", "view")

    def __init__(self, mailbox: Mailbox, view: View, status: MailboxStatus) -> None:
        self.mailbox = mailbox
        self.view = view
        self.uid_validity = status.uid_validity
        self.uid_next = max(status.uid_next, int(view.uids[-1]) + 1 if len(view) else 1)
        """As of the SELECT."""
        self.keywords: dict[str, bytes] = {}
        """Keywords the client knows from FLAGS, by their lower case."""
        self.learn(status.keywords)
        self.contexts = Contexts()
        """Searches with UPDATE."""
        self.saved = UidSet()
        """The result of the last SEARCH RETURN (SAVE), ``$`` (RFC 5182)."""

    def learn(self, keywords: tuple[str, ...]) -> bool:
        """Note keywords; True when one of them is new to the client."""
        before = len(self.keywords)
        for word in keywords:
            self.keywords.setdefault(word.lower(), word.encode())
        return len(self.keywords) > before

    def uids(self, ids: Ranges, *, uid: bool) -> UidSet:
        """The view's UIDs of a command's set: UIDs, sequence numbers, or ``$``."""
        view = self.view
        if ids == sequence.SAVED_RESULT:
            return self.saved & UidSet(view.uids)
        if uid:
            largest = int(view.uids[-1]) if len(view) else 0
            return view.select_uids(sequence.resolve(ids, largest))
        return view.select_seqs(sequence.resolve(ids, len(view)))

    def beyond(self, ids: Ranges) -> bool:
        """Whether a sequence set names a message that isn't there: BAD (RFC 3501 9 seq-number)."""
        if ids == sequence.SAVED_RESULT:
            return False
        resolved = sequence.resolve(ids, len(self.view))
        return not resolved or resolved[-1][1] > len(self.view)
