"""A command that another plugin adds."""

from __future__ import annotations

from typing import Any

from culver.plugin import Refused, Registry, hookimpl
from culver.testing.pytest_plugin import StartServer
from culver_plugins.imap.api import Answer, Command, CommandSpec, ImapCommand, Lexer, State


class Hello(Command, frozen=True):
    """XHELLO name."""

    who: str


def parse(lexer: Lexer) -> Hello:
    lexer.sp()
    return Hello(lexer.mailbox())


async def run(session: Any, command: Hello) -> Answer:
    if command.who == "nobody":
        raise Refused("NOPERM", "Not to nobody")
    session.write(b"* XHELLO %b\r\n" % command.who.encode())
    return Answer(b"Greeted.")


class HelloPlugin:
    """Declares it."""

    name = "hello"

    @hookimpl
    def culver_register(self, registry: Registry) -> None:
        spec = CommandSpec(parse=parse, states=frozenset({State.AUTHENTICATED, State.SELECTED}))
        registry.command(
            "imap", "XHELLO", ImapCommand(spec=spec, run=run, capabilities=("XHELLO",))
        )
        registry.capability("imap", "XMORE")


async def test_a_new_command(culver: StartServer) -> None:
    async with culver(plugins=[HelloPlugin()]) as server:
        client = await server.imap()
        assert (await client.command("XHELLO world")).status == "BAD"
        answer = await client.login("alice")
        assert {"XHELLO", "XMORE"} <= set(answer.arguments.split())
        answer = await client.command("xhello world")
        assert (answer.ok, answer.text, answer.untagged) == (True, "Greeted.", (b"XHELLO world",))
        assert (await client.command("XHELLO nobody")).code == "NOPERM"
        assert (await client.command("XHELLO")).status == "BAD"
