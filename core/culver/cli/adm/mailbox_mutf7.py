"""``mailbox mutf7 NAME ...``: names as IMAP writes them (RFC 3501 5.1.3), and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.codes import DATAERR
from culver.adm.command import AdmCommand
from culver.adm.option import Option

if TYPE_CHECKING:
    from culver.adm.call import Call


class MailboxMutf7(AdmCommand):
    """From UTF-8 (the default, ``-8``) or to UTF-8 (``-7``)."""

    name = "mailbox mutf7"
    usage = "[-7|-8] <name> [...]"
    options = (Option("to-utf8", "7"), Option("from-utf8", "8"))
    configured = False

    def run(self, call: Call) -> None:
        from culver.mail.mutf7 import decode, encode

        call.need(1)
        # The letters are Dovecot's, which name what is read.
        to_mutf7 = "from-utf8" in call.given or "to-utf8" not in call.given
        for name in call.args:
            try:
                print(encode(name) if to_mutf7 else decode(name), flush=True)
            except ValueError:
                print()  # a line for each name, whatever becomes of it
                call.context.fail(f"Mailbox name not valid mUTF-7: {name}", DATAERR)


COMMAND = MailboxMutf7
