"""IMAP commands and hibernation; POP3 commands beside them."""

from typing import Annotated

from culver_events.event import Event, doc, event, personal


@event(category="imap", version=1, level="debug", groups=("imap_command",))
class ImapCommandFinished(Event):
    """An IMAP command was answered. Exactly one per command, a BAD one included."""

    tagged_reply_state: Annotated[str, doc("OK, NO or BAD")]
    tagged_reply: Annotated[str, doc("The whole tagged reply, without the tag"), personal]
    last_run_time: Annotated[int | None, doc("When it last ran", unit="usecs")] = None
    running_usecs: Annotated[int, doc("Time spent running", unit="usecs")] = 0
    lock_wait_usecs: Annotated[int, doc("Time spent waiting for locks", unit="usecs")] = 0
    net_in_bytes: Annotated[int, doc("Received for the command", unit="bytes")] = 0
    net_out_bytes: Annotated[int, doc("Sent for the command", unit="bytes")] = 0


@event(category="imap", version=1, level="debug", groups=("imap_command", "imap_id"))
class ImapIdReceived(Event):
    """A client sent the ID command, before or after login. Its parameters are in the scope as
    `id_param_NAME`, refused ones as `id_invalidN`."""

    internal: Annotated[str | None, doc("Parameters meant for us that a trusted proxy sent")] = None
    external: Annotated[str | None, doc("All other parameters, joined"), personal] = None
    trusted: Annotated[bool, doc("Whether the client is in login_trusted_networks")] = False


@event(category="imap-hibernate", version=1, level="debug", groups=("imap_client",))
class ImapClientHibernated(Event):
    """An idle session let go of its memory, or failed to (then `error` says why)."""

    mailbox: Annotated[str | None, doc("Selected mailbox"), personal] = None
    error: Annotated[str | None, doc("Why it couldn't hibernate")] = None


@event(category="imap-hibernate", version=1, level="debug", groups=("imap_client",))
class ImapClientUnhibernated(Event):
    """A hibernated session came back, or failed to."""

    reason: Annotated[str, doc("What woke it: mailbox_changes, idle_done, idle_bad_reply ...")]
    hibernation_usecs: Annotated[int, doc("Time in hibernation", unit="usecs")]
    mailbox: Annotated[str | None, doc("Selected mailbox"), personal] = None
    error: Annotated[str | None, doc("Why it couldn't come back")] = None


@event(category="pop3", version=1, level="debug", groups=("pop3_command",))
class Pop3CommandFinished(Event):
    """A POP3 command was answered. Exactly one per command."""

    reply: Annotated[str, doc("First line of the reply"), personal]
    net_in_bytes: Annotated[int, doc("Received for the command", unit="bytes")] = 0
    net_out_bytes: Annotated[int, doc("Sent for the command", unit="bytes")] = 0
