"""``user MASK ...``: where the mail of users is, or who there is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from culver.adm.codes import NOUSER, TEMPFAIL, USAGE
from culver.adm.command import AdmCommand
from culver.adm.errors import AdmError
from culver.adm.option import Option
from culver.cli.adm.auth_lookup import print_fields
from culver.cli.adm.auth_test import AUTH_OPTIONS, refuse_socket
from culver.errors import CulverError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from culver.adm.call import Call
    from culver.config.config import Config


class User(AdmCommand):
    """A mask with ``*`` or ``?`` lists names; a name shows what the userdbs and the settings
    come to."""

    name = "user"
    usage = "[-x <auth info>] [-f field] [-e <value>] [-u] <user mask> [<user mask> [...]]"
    options = (
        *AUTH_OPTIONS,
        Option("field", "f", takes_value=True),
        Option("expand-field", "e", takes_value=True),
        Option("userdb-only", "u"),
    )
    formatter = "tab"

    def run(self, call: Call) -> None:
        import trio

        call.need(1)
        refuse_socket(call)
        if "expand-field" in call.given:
            for other, letter in (("userdb-only", "u"), ("field", "f")):
                if other in call.given:
                    raise AdmError(f"-e can't be used with -{letter}", USAGE)
        trio.run(self._run, call)

    async def _run(self, call: Call) -> None:
        if any("*" in mask or "?" in mask for mask in call.args):
            await _list(call)
            return
        tabular = not any(n in call.given for n in ("field", "expand-field", "userdb-only"))
        if tabular:
            call.printer.header("field")
            call.printer.header("value")
            call.printer.start()
        for place, name in enumerate(call.args):
            if place:
                call.context.out.write(b"\n")
                call.context.out.flush()
            await _show(call, name)
        if tabular:
            call.printer.finish()


async def _list(call: Call) -> None:
    from culver.adm.users import list_users, mask_pattern

    patterns = [mask_pattern(mask) for mask in call.args]
    try:
        async for name in list_users(call.context, "*"):
            if any(pattern.fullmatch(name) for pattern in patterns):
                print(name)
    except CulverError as error:
        raise AdmError(f"user listing failed: {error}") from error


async def _show(call: Call, name: str) -> None:
    from culver.adm.authinfo import make_request

    try:
        request = make_request(call.given.all("auth-info"))
        record = await call.context.auth.lookup_user(request, name)
    except CulverError as error:
        call.context.fail(f"userdb lookup failed for {name}: {error}", TEMPFAIL)
        return
    if "userdb-only" in call.given:
        found = None if record is None else {"user": record.name, **record.fields}
        print_fields(call, "userdb", name, found)
    elif record is None:
        hidden = "field" in call.given or "expand-field" in call.given
        where = sys.stderr if hidden else sys.stdout
        print(f"\nuserdb lookup: user {name} doesn't exist", file=where, flush=True)
        call.context.failed(NOUSER)
    else:
        _print(call, name, record.name, record.fields)


def _print(call: Call, asked: str, name: str, fields: Mapping[str, str]) -> None:
    from culver.config.variables import template, user_variables

    rows = settings_of(call.context.composition.config, asked, name, fields)
    text = call.given.get("expand-field")
    if text:
        values = user_variables(name, **{k: v for k, v in rows if k in ("home", "uid", "gid")})
        print(template(text).expand(values))
        return
    wanted = call.given.get("field")
    for key, value in rows:
        if not wanted:
            call.printer.row(key, value)
        elif key == wanted:
            print(value)


def settings_of(
    config: Config, asked: str, name: str, fields: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Names and values: uid, gid, home and mail as they come out for the user, then what else
    the userdb says."""
    from culver.config.common.mail import MailSettings
    from culver.config.variables import user_variables

    settings = config.get(MailSettings)
    uid, gid = fields.get("uid") or settings.mail_uid, fields.get("gid") or settings.mail_gid
    values = user_variables(name, uid=uid, gid=gid)
    home = fields.get("home") or settings.mail_home.template.expand(values)
    values["home"] = home or None
    mail = fields.get("mail") or settings.mail_location.template.expand(values)
    rows = [("user", name)] if name != asked else []
    rows += [("uid", uid), ("gid", gid), ("home", home), ("mail", mail)]
    return rows + [(k, v) for k, v in fields.items() if k not in ("uid", "gid", "home", "mail")]


COMMAND = User
