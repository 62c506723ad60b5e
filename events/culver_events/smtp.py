"""LMTP and submission: commands, transactions, and the mails that are handed on."""

from typing import Annotated

from culver_events.event import Event, doc, event, personal

_SMTP = ("smtp_server",)
_TRANSACTION = ("smtp_transaction",)


@event(category="smtp-server", version=1, level="debug", groups=_SMTP)
class SmtpServerCommandStarted(Event):
    """A command of an LMTP or SMTP client arrived."""


@event(category="smtp-server", version=1, level="debug", groups=_SMTP)
class SmtpServerCommandFinished(Event):
    """The command was answered. Exactly one per `smtp_server_command_started`."""

    status_code: Annotated[int, doc("SMTP status code of the reply")]
    enhanced_code: Annotated[str | None, doc("Enhanced status code, such as 5.1.1")] = None
    error: Annotated[str | None, doc("Text of a refusal")] = None


@event(category="smtp-server", version=1, level="debug", groups=_TRANSACTION)
class SmtpServerTransactionStarted(Event):
    """MAIL FROM was accepted."""


@event(category="smtp-server", version=1, groups=_TRANSACTION)
class SmtpServerTransactionFinished(Event):
    """A transaction ended: delivered, refused, reset or lost. Exactly one per start."""

    status_code: Annotated[int, doc("SMTP status code of the final reply")]
    recipients: Annotated[int, doc("Recipients accepted at RCPT TO")]
    recipients_succeeded: Annotated[int, doc("Recipients that got the mail")]
    recipients_failed: Annotated[int, doc("Recipients whose delivery failed")] = 0
    recipients_denied: Annotated[int, doc("Recipients refused at RCPT TO")] = 0
    recipients_aborted: Annotated[int, doc("Recipients left when the transaction broke")] = 0
    is_reset: Annotated[bool, doc("Whether the client took it back with RSET")] = False
    enhanced_code: Annotated[str | None, doc("Enhanced status code, such as 4.2.0")] = None
    error: Annotated[str | None, doc("Text of a refusal")] = None


@event(category="smtp-server", version=1, level="debug", groups=("smtp_recipient",))
class SmtpServerTransactionRcptFinished(Event):
    """One recipient's fate is known. Exactly one per RCPT TO."""

    status_code: Annotated[int, doc("SMTP status code for this recipient")]
    enhanced_code: Annotated[str | None, doc("Enhanced status code")] = None
    error: Annotated[str | None, doc("Text of a refusal")] = None
    dest_host: Annotated[str | None, doc("Server that the mail was proxied to")] = None
    dest_ip: Annotated[str | None, doc("Its address", kind="ip")] = None


@event(category="smtp-submit", version=1, level="debug", groups=("mail_user",))
class SmtpSubmitStarted(Event):
    """A mail is being handed to the submission host (vacation replies, redirects)."""


@event(category="smtp-submit", version=1, groups=("mail_user",))
class SmtpSubmitFinished(Event):
    """The mail was handed over, or not. Exactly one per `smtp_submit_started`."""

    recipients: Annotated[int, doc("How many recipients it has")]
    data_size: Annotated[int, doc("Size of the mail", unit="bytes")]
    mail_from: Annotated[str | None, doc("Envelope sender"), personal] = None
    error: Annotated[str | None, doc("Why it wasn't taken")] = None
