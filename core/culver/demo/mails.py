"""A dozen mails that show what mail looks like: parts, attachments, scripts, a thread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

DOMAIN = "example.org"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
"""A PNG of one pixel."""


def sample_mails(now: datetime | None = None) -> Iterator[EmailMessage]:
    """The mails, oldest first; all are for alice, some also for bob."""
    start = (now or datetime.now(UTC)) - timedelta(days=2)
    for number, (subject, sender, build) in enumerate(_SAMPLES):
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = f"Alice <alice@{DOMAIN}>"
        mail["Subject"] = subject
        mail["Date"] = format_datetime(start + timedelta(hours=3 * number))
        mail["Message-ID"] = f"<demo-{number}@{DOMAIN}>"
        build(mail)
        yield mail


def _welcome(mail: EmailMessage) -> None:
    mail.set_content(
        "Hello Alice,\n\nthis mail came through LMTP and lies in a Maildir now.\n"
        "Whatever you do with it is an event: look at the terminal of the demo.\n"
    )


def _both(mail: EmailMessage) -> None:
    mail.replace_header("To", f"Alice <alice@{DOMAIN}>, Bob <bob@{DOMAIN}>")
    mail.set_content("Lunch at noon? I bring the soup.\n")


def _html(mail: EmailMessage) -> None:
    mail.set_content("Three things happened this week.\n")
    mail.add_alternative(
        "<html><body><h1>This week</h1><p>Three <b>things</b> happened.</p></body></html>",
        subtype="html",
    )


def _attachment(mail: EmailMessage) -> None:
    mail.set_content("The figures are attached.\n")
    mail.add_attachment(
        b"month,mails\n1,420\n2,455\n", maintype="text", subtype="csv", filename="figures.csv"
    )
    mail.add_attachment(PIXEL, maintype="image", subtype="png", filename="plot.png")


def _inline(mail: EmailMessage) -> None:
    mail.set_content("A picture in the text.\n")
    mail.add_alternative('<p>Look: <img src="cid:pixel@demo"></p>', subtype="html")
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(PIXEL, maintype="image", subtype="png", cid="<pixel@demo>")  # type: ignore[union-attr]


def _japanese(mail: EmailMessage) -> None:
    mail.set_content("こんにちは、アリスさん。\n来週の会議についてお知らせします。\n")


def _german(mail: EmailMessage) -> None:
    mail.set_content("Schöne Grüße aus Köln!\nÄpfel, Öl und Übermut.\n", charset="iso-8859-1")


def _emoji(mail: EmailMessage) -> None:
    mail.set_content("It works 🎉\n")


def _question(mail: EmailMessage) -> None:
    mail.set_content("Does the new server keep my UIDs?\n")


def _answer(mail: EmailMessage) -> None:
    mail["In-Reply-To"] = f"<demo-8@{DOMAIN}>"
    mail["References"] = f"<demo-8@{DOMAIN}>"
    mail.set_content("> Does the new server keep my UIDs?\n\nYes, and the flags too.\n")


def _thanks(mail: EmailMessage) -> None:
    mail["In-Reply-To"] = f"<demo-9@{DOMAIN}>"
    mail["References"] = f"<demo-8@{DOMAIN}> <demo-9@{DOMAIN}>"
    mail.set_content("> Yes, and the flags too.\n\nThen let's move.\n")


def _forwarded(mail: EmailMessage) -> None:
    inner = EmailMessage()
    inner["From"] = f"Carol <carol@{DOMAIN}>"
    inner["To"] = f"Bob <bob@{DOMAIN}>"
    inner["Subject"] = "The original"
    inner["Message-ID"] = f"<inner@{DOMAIN}>"
    inner.set_content("This is the mail inside.\n")
    mail.set_content("See below.\n")
    mail.add_attachment(inner)


_BOB = f"Bob <bob@{DOMAIN}>"
_CAROL = f"Carol <carol@{DOMAIN}>"
_SAMPLES = (
    ("Welcome to culver", f"culver <demo@{DOMAIN}>", _welcome),
    ("Lunch", _CAROL, _both),
    ("Newsletter", f"News <news@{DOMAIN}>", _html),
    ("Figures of the month", _BOB, _attachment),
    ("A picture", _CAROL, _inline),
    ("会議のお知らせ", "田中 <tanaka@example.org>", _japanese),
    ("Grüße aus Köln", "Jürgen Größe <juergen@example.org>", _german),
    ("🎉", _BOB, _emoji),
    ("Moving to the new server", _BOB, _question),
    ("Re: Moving to the new server", _CAROL, _answer),
    ("Re: Moving to the new server", _BOB, _thanks),
    ("Fwd: The original", _BOB, _forwarded),
)
