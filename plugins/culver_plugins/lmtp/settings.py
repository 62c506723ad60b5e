"""Settings of LMTP, under Dovecot's names."""

from __future__ import annotations

from typing import Annotated, Literal

from culver.plugin import Settings, SpaceList, doc


class LmtpSettings(Settings, prefix="lmtp"):
    """How mail is taken from the MTA."""

    save_to_detail_mailbox: Annotated[
        bool, doc("Save mail for user+detail in the mailbox named detail, if there is one")
    ] = False
    add_received_header: Annotated[bool, doc("Add a Received header to each mail")] = True
    hdr_delivery_address: Annotated[
        Literal["final", "none", "original"],
        doc("Which recipient address the Delivered-To header tells; none: no header"),
    ] = "final"
    verbose_replies: Annotated[bool, doc("Tell the client more about what failed")] = False
    client_workarounds: Annotated[
        SpaceList, doc("whitespace-before-path, mailbox-for-path: accept these syntax errors")
    ] = SpaceList()
    user_concurrency_limit: Annotated[
        int, doc("Concurrent deliveries for one user; 0 = no limit")
    ] = 0


class LdaSettings(Settings, prefix="lda"):
    """What delivery does about a mailbox that isn't there."""

    mailbox_autocreate: Annotated[bool, doc("Create the mailbox that a mail is to be saved in")] = (
        False
    )
    mailbox_autosubscribe: Annotated[
        bool, doc("Subscribe to a mailbox that lda_mailbox_autocreate creates")
    ] = False
