"""``auth test USER [PASSWORD]``: would this login succeed?"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from culver.adm.codes import NOPERM, USAGE
from culver.adm.command import AdmCommand
from culver.adm.errors import AdmError
from culver.adm.option import Option

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.auth.client import Success
    from culver.auth.request import AuthRequest

AUTH_OPTIONS = (
    Option("socket-path", "a", takes_value=True),
    Option("auth-info", "x", takes_value=True),
)


class AuthTest(AdmCommand):
    """Authenticates with PLAIN by the passdbs of the configuration, in this process."""

    name = "auth test"
    usage = "[-x <auth info>] [-M <master user>] <user> [<password>]"
    options = (*AUTH_OPTIONS, Option("master-user", "M", takes_value=True))

    def run(self, call: Call) -> None:
        import trio

        trio.run(self._run, call)

    async def _run(self, call: Call) -> None:
        if await authenticate(call) is None:
            call.context.failed(NOPERM)


def refuse_socket(call: Call) -> None:
    """Raise AdmError where another process was to be asked."""
    if "socket-path" in call.given:
        raise AdmError("-a: the databases are asked by this process itself; leave it out", USAGE)


async def authenticate(call: Call) -> tuple[Success, AuthRequest] | None:
    """Print what the passdbs say of user and password; None when they refuse."""
    from culver.adm.authinfo import make_request
    from culver.auth.client import Challenge, Success

    call.need(1, 2)
    refuse_socket(call)
    user = call.args[0]
    password = call.args[1] if len(call.args) > 1 else _ask()
    request = make_request(call.given.all("auth-info"))
    exchange = call.context.auth.begin("PLAIN", request)
    who = call.given.get("master-user", user)
    outcome = await exchange.step("\0".join((user, who, password)).encode())
    if isinstance(outcome, Challenge):
        raise AdmError("passdb expects SASL continuation")
    if isinstance(outcome, Success):
        print(f"passdb: {user} auth succeeded")
        print(f"extra fields:\n  user={outcome.user}")
        for name, value in outcome.fields.items():
            print(f"  {name}={value}" if value else f"  {name}")
        if outcome.data:
            print(f"  resp={base64.b64encode(outcome.data).decode()}")
        return outcome, request
    print(f"passdb: {user} auth failed")
    print(f"extra fields:\n  user={user}")
    if outcome.code == "temporary":
        print("  temp")
    return None


def _ask() -> str:
    from getpass import getpass

    return getpass("Password: ")


COMMAND = AuthTest
