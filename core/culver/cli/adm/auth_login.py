"""``auth login USER [PASSWORD]``: authenticate, then ask the userdbs as a login does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.codes import NOPERM
from culver.adm.command import AdmCommand
from culver.adm.option import Option
from culver.cli.adm.auth_test import AUTH_OPTIONS, authenticate
from culver.errors import CulverError

if TYPE_CHECKING:
    from culver.adm.call import Call


class AuthLogin(AdmCommand):
    """What a protocol service would learn of the user."""

    name = "auth login"
    usage = "[-x <auth info>] [-M <master user>] <user> [<password>]"
    options = (*AUTH_OPTIONS, Option("master-user", "M", takes_value=True))

    def run(self, call: Call) -> None:
        import trio

        trio.run(self._run, call)

    async def _run(self, call: Call) -> None:
        found = await authenticate(call)
        if found is None:
            call.context.failed(NOPERM)
            return
        _, request = found
        auth = call.context.auth
        auth.logins.add("adm", request)
        try:
            record = await auth.lookup_login("adm")
        except CulverError as error:
            call.context.fail("userdb lookup failed", error)
            return
        if record is None:
            call.context.fail("userdb lookup failed: user not found", NOPERM)
            return
        print(f"userdb extra fields:\n  {record.name}")
        for name, value in record.fields.items():
            print(f"  {name}={value}" if value else f"  {name}")


COMMAND = AuthLogin
