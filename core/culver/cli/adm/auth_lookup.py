"""``auth lookup USER ...``: what the passdbs say of users, without a password."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from culver.adm.codes import NOUSER, TEMPFAIL
from culver.adm.command import AdmCommand
from culver.adm.option import Option
from culver.cli.adm.auth_test import AUTH_OPTIONS, refuse_socket
from culver.errors import CulverError

if TYPE_CHECKING:
    from culver.adm.call import Call


class AuthLookup(AdmCommand):
    """Prints extra fields."""

    name = "auth lookup"
    usage = "[-x <auth info>] [-f field] <user> [<user> [...]]"
    options = (*AUTH_OPTIONS, Option("field", "f", takes_value=True))

    def run(self, call: Call) -> None:
        import trio

        call.need(1)
        refuse_socket(call)
        trio.run(self._run, call)

    async def _run(self, call: Call) -> None:
        from culver.adm.authinfo import make_request

        for place, user in enumerate(call.args):
            if place:
                print()
            request = make_request(call.given.all("auth-info"))
            try:
                fields = await call.context.auth.lookup_pass(request, user)
            except CulverError as error:
                call.context.fail(f"passdb lookup failed for {user}: {error}", TEMPFAIL)
                continue
            print_fields(call, "passdb", user, fields)


def print_fields(call: Call, what: str, user: str, fields: Mapping[str, str] | None) -> None:
    """Fields of a user, or the one that ``-f`` names; None: there is no such user."""
    wanted = call.given.get("field")
    if fields is None:
        where = sys.stderr if wanted else sys.stdout
        print(f"{what} lookup: user {user} doesn't exist", file=where)
        call.context.failed(NOUSER)
    elif wanted:
        if wanted in fields:
            print(fields[wanted])
    else:
        print(f"{what}: {user}")
        for name, value in fields.items():
            print(f"  {name:<10}: {value}" if value else f"  {name:<10}")


COMMAND = AuthLookup
