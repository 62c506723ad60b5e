"""One invocation of a command, and what it may use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, BinaryIO

from culver.adm.codes import code_of, merged
from culver.adm.errors import AdmError, WrongUsage
from culver.adm.option import Given
from culver.adm.printer import Printer

if TYPE_CHECKING:
    from culver.auth.service import AuthService
    from culver.composition import Composition
    from culver.errors import CulverError
    from culver.mail.user import MailService


class Context:
    """What all commands of one process share: configuration, services, the exit code.

    Args:
        composition: None for commands that need no configuration.
        out: where results go.
        formatter: what ``-f`` says, empty for the command's own.
    """

    def __init__(
        self,
        composition: Composition | None,
        out: BinaryIO,
        *,
        formatter: str = "",
        hide_titles: bool = False,
        verbose: bool = False,
    ) -> None:
        self._composition = composition
        self.out = out
        self.formatter = formatter
        self.hide_titles = hide_titles
        self.verbose = verbose
        self.exit_code = 0
        self.user = ""
        """Whose turn it is: named in errors."""
        self._auth: AuthService | None = None
        self._mail: MailService | None = None

    @property
    def composition(self) -> Composition:
        """Configuration and plugins."""
        assert self._composition is not None, "the command said that it needs none"
        return self._composition

    @property
    def auth(self) -> AuthService:
        """The passdbs and userdbs of the configuration, in this process."""
        if self._auth is None:
            from culver.auth.configured import auth_service

            at = self.composition
            try:
                self._auth = auth_service(at.config, at.registry, at.scope)
            except ValueError as error:
                raise AdmError(str(error)) from error
        return self._auth

    @property
    def mail(self) -> MailService:
        """Opens users."""
        if self._mail is None:
            from culver.mail.mailservice import LocalMailService

            self._mail = LocalMailService(self.composition.config, self.composition.registry)
        return self._mail

    def error(self, text: str) -> None:
        """Tell the administrator; the exit code stays."""
        sys.stdout.flush()
        who = f"({self.user})" if self.user else ""
        print(f"culver adm{who}: Error: {text}", file=sys.stderr)

    def note(self, text: str) -> None:
        """Tell what is done, if ``-v`` asks for it."""
        if self.verbose:
            print(f"culver adm({self.user}): {text}", file=sys.stderr)

    def fail(self, text: str, error: CulverError | int) -> None:
        """Tell that something could not be done, and remember it in the exit code."""
        if isinstance(error, int):
            self.failed(error)
            self.error(text)
            return
        self.failed(code_of(error))
        self.error(f"{text}: {error}")

    def failed(self, code: int) -> None:
        """Remember a failure in the exit code."""
        self.exit_code = merged(self.exit_code, code)


class Call:
    """A command's options, arguments and output."""

    def __init__(
        self, context: Context, given: Given, args: list[str], formatter: str = ""
    ) -> None:
        self.context = context
        self.given = given
        self.args = args
        self.printer = Printer(
            context.formatter or formatter or "flow", context.out, hide_titles=context.hide_titles
        )

    def need(self, least: int, most: int | None = None) -> None:
        """Raise WrongUsage unless there are that many arguments."""
        if len(self.args) < least or (most is not None and len(self.args) > most):
            raise WrongUsage("")
