"""For whom a mail command is run."""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from culver.adm.codes import NOUSER, TEMPFAIL, USAGE, code_of
from culver.adm.errors import AdmError
from culver.auth.request import AuthRequest
from culver.errors import CulverError, Unavailable

if TYPE_CHECKING:
    from culver.adm.call import Call, Context
    from culver.adm.command import MailCommand
    from culver.mail.user import MailUser

SERVICE = "doveadm"
"""``%s`` in lookups, and the word of ``protocol doveadm { }``: Dovecot's, since configurations
name it."""


async def run_for_users(command: MailCommand, call: Call) -> None:
    """Run a mail command for the users that its options name."""
    context, given = call.context, call.given
    if "socket-path" in given:
        raise AdmError("-S: this culver has no doveadm socket to ask; leave it out", USAGE)
    many = "all-users" in given or "user-file" in given or _is_mask(given.get("user"))
    if many:
        call.printer.header("username", title="Username", hidden=True, sticky=True)
    command.prepare(call)
    call.printer.start()
    if many:
        await _run_many(command, call)
    else:
        context.user = given.get("user") or _own_name()
        await _run_one(command, call, "user" in given)
    call.printer.finish()


def _own_name() -> str:
    name = os.environ.get("USER", "")
    if not name:
        raise AdmError("USER environment is missing and -u option not used", USAGE)
    return name


async def _run_many(command: MailCommand, call: Call) -> None:
    context = call.context
    try:
        async for name in _names(call):
            context.user = name
            call.printer.stick("username", name)
            await _run_one(command, call, True, gone_is_fine=True)
    except Unavailable as error:
        context.user = ""
        context.fail("Failed to iterate through some users", error)
    context.user = ""


async def _names(call: Call) -> AsyncIterator[str]:
    path = call.given.get("user-file")
    if path:
        for name in _lines(path):
            yield name
        return
    async for name in list_users(call.context, call.given.get("user") or "*"):
        yield name


def _lines(path: str) -> list[str]:
    try:
        if path == "-":
            return sys.stdin.read().splitlines()
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except OSError as error:
        raise AdmError(f"open({path}) failed: {error.strerror}") from error


def _is_mask(text: str) -> bool:
    return "*" in text or "?" in text


def mask_pattern(mask: str) -> re.Pattern[str]:
    """``*`` and ``?`` of a user mask; letters compare without case, brackets are themselves."""
    return re.compile(fnmatch.translate(mask.replace("[", "[[]")), re.IGNORECASE)


async def list_users(context: Context, mask: str) -> AsyncIterator[str]:
    """The users of the userdbs that a mask fits.  Raises Unavailable."""
    pattern = mask_pattern(mask)
    try:
        async for name in context.auth.list_users(AuthRequest(service=SERVICE)):
            if pattern.fullmatch(name):
                yield name
    except ValueError as error:
        raise Unavailable("UNAVAILABLE", "Internal error", str(error)) from error


async def _run_one(
    command: MailCommand, call: Call, lookup: bool, *, gone_is_fine: bool = False
) -> None:
    context = call.context
    try:
        found = await lookup_fields(context, context.user, lookup)
        if found is None:
            if gone_is_fine:
                print("User no longer exists, skipping", file=sys.stderr)
            else:
                context.fail("User doesn't exist", NOUSER)
            return
        name, fields = found
        await _with_user(command, call, name, fields)
    except CulverError as error:
        context.failed(code_of(error))
        context.error(str(error))
    except OSError as error:
        context.fail(str(error), TEMPFAIL)


async def _with_user(command: MailCommand, call: Call, name: str, fields: dict[str, str]) -> None:
    from culver.adm.identity import acting_as

    context = call.context
    with acting_as(fields, context.composition.config):
        user = await open_user(context, name, fields)
        try:
            await command.run_user(call, user)
        finally:
            await user.close()


async def lookup_fields(
    context: Context, name: str, lookup: bool = True
) -> tuple[str, dict[str, str]] | None:
    """The user's name as the userdb has it, and its fields; None for an unknown user.

    Without ``lookup`` they come from the environment, as doveadm's without ``-u``.  Raises
    Unavailable.
    """
    if not lookup:
        home = os.environ.get("HOME", "")
        return name, {"home": home} if home else {}
    record = await context.auth.lookup_user(AuthRequest(service=SERVICE), name)
    return None if record is None else (record.name, dict(record.fields))


async def open_user(context: Context, name: str, fields: dict[str, str]) -> MailUser:
    """The user's mail.  The caller closes it.  Raises Unavailable."""
    scope = context.composition.scope.child(user=name, service=SERVICE)
    return await context.mail.user(name, dict(fields), scope)
