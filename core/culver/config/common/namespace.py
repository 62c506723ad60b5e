"""Namespaces and the mailboxes that are named in the configuration."""

from typing import Annotated, Literal

from culver.config.settings import Block, Duration, SpaceList, TemplateString, doc


class MailboxBlock(Block, section="mailbox"):
    """A mailbox of a namespace, or several by wildcard."""

    auto: Annotated[
        Literal["no", "create", "subscribe"],
        doc("Whether it is made when it is missing, and subscribed too"),
    ] = "no"
    special_use: Annotated[SpaceList, doc("What it is for (RFC 6154)", example="\\Sent")] = (
        SpaceList()
    )
    driver: Annotated[str, doc("Format, if not that of the namespace")] = ""
    comment: Annotated[str, doc("Comment that METADATA tells")] = ""
    autoexpunge: Annotated[Duration, doc("Age at which mails are expunged; 0 = never")] = Duration(
        0
    )
    autoexpunge_max_mails: Annotated[int, doc("Mails it holds at most; 0 = any number")] = 0


class NamespaceBlock(Block, section="namespace"):
    """A tree of mailboxes."""

    type_: Annotated[Literal["private", "shared", "public"], doc("Whose mailboxes they are")] = (
        "private"
    )
    separator: Annotated[str, doc("What parts the levels; empty = that of the format")] = ""
    prefix: Annotated[TemplateString, doc("What its names begin with")] = TemplateString()
    location: Annotated[TemplateString, doc("Where it is; empty = mail_location")] = (
        TemplateString()
    )
    alias_for: Annotated[str | None, doc("Prefix of the namespace that it is another name of")] = (
        None
    )
    inbox: Annotated[bool, doc("Whether INBOX is in it")] = False
    hidden: Annotated[bool, doc("Whether NAMESPACE leaves it out")] = False
    list: Annotated[
        Literal["yes", "no", "children"],
        doc("Whether LIST shows it; `children` = only its mailboxes"),
    ] = "yes"
    subscriptions: Annotated[bool, doc("Whether it keeps its own subscriptions")] = True
    ignore_on_failure: Annotated[bool, doc("Whether it may fail to open")] = False
    disabled: Annotated[bool, doc("Whether it is not there")] = False
    order: Annotated[int, doc("Its place in LIST; 0 = by its prefix")] = 0
    mailboxes: Annotated[tuple[MailboxBlock, ...], doc("Its mailboxes")] = ()
