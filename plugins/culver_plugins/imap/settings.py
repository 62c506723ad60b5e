"""Settings of IMAP, under Dovecot's names."""

from __future__ import annotations

from typing import Annotated

from culver.plugin import Duration, Settings, Size, SpaceList, TemplateString, doc


class ImapSettings(Settings, prefix="imap"):
    """How IMAP is spoken."""

    max_line_length: Annotated[
        Size, doc("Longest command line that is accepted, its literals included")
    ] = Size(64 * 1024)
    capability: Annotated[
        str, doc("Capabilities to announce after login; +WORDS adds to the computed ones")
    ] = ""
    idle_notify_interval: Annotated[
        Duration, doc("How often an idle client is told that the server is still there")
    ] = Duration(120)
    logout_format: Annotated[
        TemplateString, doc("Counters in the line that is logged when a session ends")
    ] = TemplateString(
        "in=%i out=%o deleted=%{deleted} expunged=%{expunged} trashed=%{trashed}"
        " hdr_count=%{fetch_hdr_count} hdr_bytes=%{fetch_hdr_bytes}"
        " body_count=%{fetch_body_count} body_bytes=%{fetch_body_bytes}"
    )
    client_workarounds: Annotated[
        SpaceList, doc("delay-newmail, tb-extra-mailbox-sep, tb-lsub-flags")
    ] = SpaceList()
    id_send: Annotated[
        str, doc("What ID answers: name value ..., * for the default value of a name")
    ] = "name *"
    id_log: Annotated[str, doc("Fields of the client's ID to log; * for all")] = ""
    literal_minus: Annotated[bool, doc("Announce LITERAL- instead of LITERAL+ (RFC 7888)")] = False
    compress_deflate_level: Annotated[
        int, doc("How hard COMPRESS works: 0 not at all, 9 as hard as it can")
    ] = 6
