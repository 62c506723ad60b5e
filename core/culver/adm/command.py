"""PUBLIC through culver.plugin: what a command of ``culver adm`` is.

A plugin brings one with ``registry.command("adm", "altmove", AltmoveCommand())``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from culver.adm.option import MAIL_OPTIONS, Option

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser

MAIL_USAGE = "[-u <user>|-A] [-S <socket_path>]"


class AdmCommand(ABC):
    """``culver adm NAME``.

    Raises :class:`culver.adm.errors.WrongUsage` where the arguments make no sense and
    :class:`culver.adm.errors.AdmError` where it can't go on.
    """

    name: ClassVar[str]
    """One to three words: ``mailbox list``."""
    usage: ClassVar[str]
    """What follows the name, as doveadm writes it."""
    options: ClassVar[tuple[Option, ...]] = ()
    formatter: ClassVar[str] = ""
    """The output format unless ``-f`` names another; empty: the command prints no rows."""
    ordered: ClassVar[bool] = False
    """Options end at the first argument."""
    raw: ClassVar[bool] = False
    """It reads options itself: all words are arguments."""
    configured: ClassVar[bool] = True
    """It needs the configuration; one that does not still works when that is broken."""

    @abstractmethod
    def run(self, call: Call) -> None:
        """Do it, with ``trio.run`` where something has to be waited for.

        Failures that don't end it are told with ``call.context.fail``.
        """


class MailCommand(AdmCommand):
    """A command that is run for one user, or for one after the other (``-A``, ``-F``).

    One object serves one invocation: what :meth:`prepare` reads of the arguments it keeps.
    """

    @abstractmethod
    def prepare(self, call: Call) -> None:
        """Check the arguments and declare the columns, before any user is looked up."""

    @abstractmethod
    async def run_user(self, call: Call, user: MailUser) -> None:
        """Do it for one user, as whom the process acts.  A CulverError ends it for this user."""

    def all_options(self) -> tuple[Option, ...]:
        """Its own, and those of all mail commands."""
        return (*MAIL_OPTIONS, *self.options)

    def run(self, call: Call) -> None:
        import trio

        from culver.adm.users import run_for_users

        trio.run(run_for_users, self, call)
