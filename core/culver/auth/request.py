"""One authentication or lookup: who asks, from where, and what the databases said so far."""

from __future__ import annotations

from typing import Literal

import msgspec

from culver.auth.fields import Fields
from culver.auth.variables import RequestVariables


class Stored(msgspec.Struct, frozen=True):
    """A password as a database holds it."""

    scheme: str
    """Upper or lower case, perhaps with an encoding suffix (``SHA256.HEX``)."""
    value: str


class AuthRequest(msgspec.Struct, kw_only=True, eq=False):
    """The state of one request.  Used by one task; made per exchange, never reused.

    Addresses are texts as the client connection has them, empty for sockets without
    (unix).  ``real_*`` differ from the plain ones behind a proxy.
    """

    service: str
    """imap, pop3, lmtp, smtp, ...: ``%s``."""
    user: str = ""
    """After translation and after renames by the databases: ``%u``."""
    original_user: str = ""
    """As the client sent it (of the master user in a master login)."""
    translated_user: str = ""
    """After ``auth_username_*``, before renames."""
    login_user: str = ""
    """Whom a master user wants to be; empty again once that was allowed."""
    master_user: str = ""
    """Who logged in as somebody else."""
    realm: str = ""
    mechanism: str = ""
    """Name of the SASL mechanism, empty for lookups without authentication."""
    session: str = ""
    local_ip: str = ""
    remote_ip: str = ""
    local_port: int = 0
    remote_port: int = 0
    real_local_ip: str = ""
    real_remote_ip: str = ""
    real_local_port: int = 0
    real_remote_port: int = 0
    local_name: str = ""
    """TLS server name that the client asked for."""
    client_id: str = ""
    """IMAP ID of the client as the login process wrote it down."""
    secured: Literal["", "secured", "tls"] = ""
    valid_client_cert: bool = False
    cert_username: str = ""
    """User name of a verified client certificate, when the configuration takes names from it."""
    no_penalty: bool = False
    final_response_ok: bool = True
    """The client's protocol can carry final server data together with success."""
    session_pid: int = 0
    client_pid: int = 0

    password: str = ""
    """What the client sent, for ``%w`` and for proxying.  Never logged."""
    stored: Stored | None = None
    """What the current passdb holds."""
    passdb: Fields = msgspec.field(default_factory=Fields)
    userdb: Fields = msgspec.field(default_factory=Fields)

    failed: bool = False
    """The current passdb found the user, yet something in its fields forbids the login."""
    password_verified: bool = False
    """An earlier passdb checked the password: later ones only add fields."""
    passdb_success: bool = False
    authenticated: bool = False
    """The whole exchange succeeded: userdbs need not ask whether the user exists."""
    prefetched: bool = False
    """A passdb gave ``userdb_*`` fields."""
    userdb_success: bool = False
    userdb_lookup: bool = False
    userdb_tempfail: bool = False
    """A userdb's fields can't be used now (bad uid, ``tempfail``)."""
    user_changed: bool = False
    database_id: str = ""
    """Number of the current passdb or userdb: ``%!``."""

    @property
    def variables(self) -> RequestVariables:
        """Values for %-templates, computed as they are asked for (inventory R2-034)."""
        return RequestVariables(self)
