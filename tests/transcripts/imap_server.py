"""A server as the head of an IMAP transcript wants it."""

from pathlib import Path

import trio
from tests.transcripts.transcript import Transcript

from culver.testing.imap_client import ImapClient

MAILS = Path(__file__).parent / "mails"


def wants_tls(transcript: Transcript) -> bool:
    """Whether there is a handshake in it."""
    return any(getattr(step, "name", "") == "tls" for step in transcript.steps)


def config_of(transcript: Transcript) -> str:
    """The lines of configuration."""
    return "".join(f"{line}\n" for line in transcript.values("config"))


async def prepare(transcript: Transcript, stream: trio.abc.Stream) -> None:
    """Make alice's mailboxes and mails, over a connection of its own."""
    alice = ImapClient(stream)
    await alice.greet()
    assert (await alice.login("alice")).ok
    for name in transcript.values("mailbox"):
        assert (await alice.command(f"CREATE {name}")).ok
    for value in transcript.values("mail"):
        mailbox, file, *flags = value.split()
        mail = (MAILS / file).read_bytes()
        assert (await alice.append(mailbox, mail, " ".join(flags))).ok
    await alice.logout()
    await alice.aclose()


async def begin(transcript: Transcript, stream: trio.abc.Stream) -> None:
    """Bring the first connection into the state that the head names."""
    state = "".join(transcript.values("state"))
    if not state:
        return
    alice = ImapClient(stream)
    await alice.greet()
    assert (await alice.login("alice")).ok
    if state == "selected":
        assert (await alice.select("INBOX")).ok
