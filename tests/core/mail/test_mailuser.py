"""Users: namespaces, mailboxes by their full names, layers, and what the configuration adds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from culver.bus import Bus
from culver.config.common import COMMON
from culver.config.load import loads
from culver.config.schema import Declarations
from culver.errors import Refused, Unavailable
from culver.mail.layer import MailboxLayer
from culver.mail.mailservice import LocalMailService
from culver.mail.newmail import NewMail, Saved
from culver.mail.uids import UidSet
from culver.mail.user import MailUser
from culver.plugin import Registry
from culver.testing.storage import mail
from culver_events.record import Record
from culver_events.registry import default_registry
from culver_events.scope import Scope
from culver_plugins.maildir import plugin as maildir

Open = Callable[..., Awaitable[MailUser]]


class Outer(MailboxLayer):
    """Refuses mails that say so."""

    async def append(self, mails: Sequence[NewMail]) -> Sequence[Saved]:
        if any(b"refuse" in mail.content() for mail in mails):
            raise Refused("LIMIT", "refused")
        return await self.next.append(mails)


class Inner(MailboxLayer):
    """Counts what comes so far."""

    seen = 0

    async def append(self, mails: Sequence[NewMail]) -> Sequence[Saved]:
        type(self).seen += len(mails)
        return await self.next.append(mails)


@pytest.fixture
def events() -> list[Record]:
    return []


@pytest.fixture
def services() -> list[LocalMailService]:
    return []


@pytest.fixture
def open_user(tmp_path: Path, events: list[Record], services: list[LocalMailService]) -> Open:
    """``await open_user(config text, fields...)``"""
    registry = Registry()
    registry.plugin = "maildir"
    maildir.culver_register(registry)
    registry.plugin = "inner"
    registry.mailbox_layer(Inner)
    registry.plugin = "outer"
    registry.mailbox_layer(Outer, before=["inner"])
    registry.plugin = ""
    bus = Bus(default_registry())
    bus.subscribe(events.append)
    settings = (*COMMON.settings, *(entry.value for entry in registry.all_settings))
    declared = Declarations(settings=settings, blocks=COMMON.blocks, defaults=COMMON.defaults)

    async def make(text: str = "", **fields: str) -> MailUser:
        location = f"mail_location = maildir:{tmp_path}/%u\n"
        config = loads(location + text, declared, one_line=True)
        service = LocalMailService(config, registry)
        services.append(service)
        fields.setdefault("home", str(tmp_path / "home"))
        return await service.user("alice", dict(fields), Scope(emitter=bus))

    return make


async def names(user: MailUser) -> list[str]:
    return [info.name for info in await user.mailboxes()]


async def test_inbox_is_always_there(open_user: Open, events: list[Record]) -> None:
    user = await open_user()
    assert await names(user) == ["INBOX"]
    inbox = await user.open("inbox")
    assert inbox.name == "INBOX"
    await inbox.append([mail(1)])
    assert [(e.name, e.get("mailbox")) for e in events] == [
        ("mailbox_created", "INBOX"),
        ("mail_appended", "INBOX"),
    ]
    assert events[1].get("message_subject") == "mail 1"


async def test_create_rename_delete(open_user: Open) -> None:
    user = await open_user()
    await user.create("a.b")
    await user.create("Ü")
    assert await names(user) == ["INBOX", "a", "a.b", "Ü"]
    infos = {info.name: info for info in await user.mailboxes()}
    assert (infos["a"].exists, infos["a"].selectable, infos["a"].children) == (False, False, True)
    await user.rename("a", "c")
    assert await names(user) == ["INBOX", "c", "c.b", "Ü"]
    await user.delete("c.b")
    assert await names(user) == ["INBOX", "Ü"]


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (lambda user: user.open("gone"), "NONEXISTENT"),
        (lambda user: user.create("INBOX"), "ALREADYEXISTS"),
        (lambda user: user.create("there"), "ALREADYEXISTS"),
        (lambda user: user.create("a..b"), "CANNOT"),
        (lambda user: user.create("a/b"), "CANNOT"),
        (lambda user: user.create("x" * 300), "CANNOT"),
        (lambda user: user.create("new", special_use=["\\Sent"]), "CANNOT"),
        (lambda user: user.delete("INBOX"), "CANNOT"),
        (lambda user: user.delete("gone"), "NONEXISTENT"),
        (lambda user: user.rename("gone", "x"), "NONEXISTENT"),
        (lambda user: user.rename("there", "there.x"), "CANNOT"),
        (lambda user: user.rename("there", "INBOX"), "ALREADYEXISTS"),
    ],
)
async def test_refusals(
    open_user: Open, action: Callable[[MailUser], Awaitable[object]], code: str
) -> None:
    user = await open_user()
    await user.create("there")
    with pytest.raises(Refused) as caught:
        await action(user)
    assert caught.value.code == code


async def test_renaming_inbox_moves_its_mails(open_user: Open) -> None:
    user = await open_user()
    inbox = await user.open("INBOX")
    await inbox.append([mail(1), mail(2)])
    await user.rename("INBOX", "old")
    assert (await inbox.status()).messages == 0
    assert (await (await user.open("old")).status()).messages == 2


async def test_automatic_mailboxes(open_user: Open) -> None:
    user = await open_user(
        "namespace inbox {\n inbox = yes\n separator = /\n"
        " mailbox Sent {\n auto = subscribe\n special_use = \\Sent\n }\n"
        " mailbox Trash {\n auto = create\n special_use = \\Trash\n }\n"
        " mailbox Junk {\n special_use = \\Junk\n }\n}\n"
    )
    infos = {info.name: info for info in await user.mailboxes()}
    assert list(infos) == ["INBOX", "Sent", "Trash"]
    assert (infos["Sent"].subscribed, infos["Trash"].subscribed) == (True, False)
    assert infos["Sent"].special_use == ("\\Sent",)
    trash = await user.open("Trash")
    assert (await trash.status()).messages == 0
    await user.create("Junk", special_use=["\\Junk"])


async def test_two_namespaces(open_user: Open, tmp_path: Path) -> None:
    user = await open_user(
        "namespace inbox {\n inbox = yes\n separator = /\n prefix = INBOX/\n}\n"
        "namespace shared {\n type = public\n separator = /\n prefix = Public/\n"
        f" location = maildir:{tmp_path}/public\n subscriptions = no\n list = children\n}}\n"
        "namespace top {\n separator = /\n prefix =\n list = no\n hidden = yes\n"
        f" location = maildir:{tmp_path}/top\n}}\n"
    )
    await user.create("INBOX/a")
    await user.create("Public/b")
    assert await names(user) == ["INBOX", "INBOX/a", "Public/b"]
    await user.subscribe("Public/b", True)
    assert [i.name for i in await user.mailboxes() if i.subscribed] == ["Public/b"]
    assert "Public\tb" in (tmp_path / "top" / "subscriptions").read_text()
    with pytest.raises(Refused, match="across"):
        await user.rename("Public/b", "INBOX/b")
    assert (tmp_path / "public" / ".b" / "cur").is_dir()


async def test_subscriptions_of_what_is_gone(open_user: Open, events: list[Record]) -> None:
    user = await open_user()
    await user.subscribe("gone", True)
    (info,) = [info for info in await user.mailboxes() if info.name == "gone"]
    assert (info.subscribed, info.exists) == (True, False)
    await user.subscribe("gone", False)
    assert await names(user) == ["INBOX"]
    assert [e.name for e in events] == ["mailbox_subscribed", "mailbox_unsubscribed"]


async def test_layers_in_their_order(open_user: Open) -> None:
    Inner.seen = 0
    user = await open_user("mail_plugins = inner outer\n")
    inbox = await user.open("INBOX")
    await inbox.append([mail(1)])
    with pytest.raises(Refused, match="refused"):
        await inbox.append([NewMail(body=b"please refuse")])
    assert Inner.seen == 1
    await user.create("x")
    there = await user.open("x")
    await inbox.copy(await inbox.open_view(read_only=True), UidSet([1]), there)
    assert Inner.seen == 2


async def test_the_userdb_has_the_last_word(open_user: Open, tmp_path: Path) -> None:
    user = await open_user(mail=f"maildir:{tmp_path}/elsewhere", mail_plugins="inner")
    await user.open("INBOX")
    assert (tmp_path / "elsewhere" / "cur").is_dir()
    assert user.home == tmp_path / "home"


async def test_an_existing_store_is_found(open_user: Open, tmp_path: Path) -> None:
    (tmp_path / "home" / "Maildir" / "cur").mkdir(parents=True)
    user = await open_user("mail_location =\n")
    await user.create("found")
    assert (tmp_path / "home" / "Maildir" / ".found").is_dir()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mail_location = nosuch:/x\n", "unknown driver 'nosuch'; known: maildir"),
        ("mail_location = maildir:/x:FOO=1\n", "unknown key 'FOO'"),
        ("mail_location =\n", "no mail was found in ~/mdbox"),
        ("namespace a {\n prefix = a/\n separator = /\n}\n", "exactly one namespace"),
        ("namespace a {\n inbox = yes\n prefix = a\n separator = /\n}\n", "must end in '/'"),
    ],
)
async def test_a_wrong_setup_is_temporary_and_says_why(
    open_user: Open, text: str, why: str
) -> None:
    with pytest.raises(Unavailable) as caught:
        await open_user(text)
    assert why in str(caught.value)
    assert why not in caught.value.public


async def test_sessions_share_a_user(open_user: Open, services: list[LocalMailService]) -> None:
    user = await open_user(home="/h")
    other = await services[0].user("alice", {"home": "/h"}, Scope())
    one, two = await user.open("INBOX"), await other.open("INBOX")
    view = await two.open_view(read_only=True)
    await one.append([mail(1)])
    assert (await two.sync(view)).appeared == 1
    assert services[0].open_users == 1
    await user.close()
    await user.close()
    assert services[0].open_users == 1
    await other.close()
    assert services[0].open_users == 0
