"""The REPLACE command (RFC 8508 3)."""

from culver_plugins.imap.wire import sequence
from culver_plugins.imap.wire.append import Append, AppendBuilder, Progress
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.sequence import Ranges


class Replace(Append, frozen=True, kw_only=True):
    """Save one message in the place of another, which `ids` names; a UID when `uid` is set."""

    ids: Ranges
    uid: bool = False


class ReplaceBuilder(AppendBuilder):
    """As APPEND's, with the message to be replaced in front."""

    __slots__ = ()

    uid = False

    def head(self, lexer: Lexer, progress: Progress) -> None:
        """Read `SP seq-number SP mailbox`."""
        lexer.sp()
        start = lexer.position
        ids = lexer.sequence_set("message number")
        if len(ids) != 1 or ids[0][0] != ids[0][1] or ids == sequence.SAVED_RESULT:
            lexer.position = start
            lexer.fail("one message", "several")
        super().head(lexer, progress)
        progress.ids = ids

    def partial(self) -> Replace:
        """Return the command as far as it is known."""
        at = self.progress
        return Replace(at.mailbox or "", tuple(at.messages), ids=at.ids, uid=self.uid)

    def finish(self, lexer: Lexer) -> Replace:
        """Read the end. Raises ParseError when there is not exactly one message."""
        super().finish(lexer)
        if len(self.progress.messages) != 1:
            lexer.fail("one message", "several")
        return self.partial()


class UidReplaceBuilder(ReplaceBuilder):
    """The same behind UID."""

    __slots__ = ()

    uid = True
