"""``save [FILE]``: a mail from a file or from standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from culver.adm.command import MailCommand
from culver.adm.errors import AdmError
from culver.adm.option import Option
from culver.errors import CulverError
from culver.mail.newmail import NewMail

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser


class Save(MailCommand):
    """The mail is whole: header, empty line, body."""

    name = "save"
    usage = "[-m mailbox] [<file>]"
    options = (Option("mailbox", "m", takes_value=True),)

    def prepare(self, call: Call) -> None:
        call.need(0, 1)
        self.body = _read(call.args[0] if call.args else "-")

    async def run_user(self, call: Call, user: MailUser) -> None:
        name = call.given.get("mailbox", "INBOX")
        try:
            box = await user.open(name)
        except CulverError as error:
            call.context.fail(f"Failed to open mailbox {name}", error)
            return
        try:
            await box.append([NewMail(body=self.body)])
        except CulverError as error:
            call.context.fail("Saving failed", error)
        finally:
            await box.close()


def _read(path: str) -> bytes:
    try:
        if path == "-":
            return sys.stdin.buffer.read()
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise AdmError(f"read({path}) failed: {error.strerror}") from error


COMMAND = Save
