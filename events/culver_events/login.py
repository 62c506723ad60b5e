"""What happens to a connection before its user is known."""

from typing import Annotated

from culver_events.event import Event, doc, event

_LOGIN = ("pre_login_client", "auth_client_common")
_PROXY = ("login_proxy",)


@event(category="login", version=1, groups=_LOGIN)
class LoginSucceeded(Event):
    """A user logged in. Exactly one per session; a `login_aborted` excludes it."""

    mail_pid: Annotated[int | None, doc("Process that serves the session")] = None
    auth_attempts: Annotated[int, doc("Authentications tried, this one included")] = 1
    auth_usecs: Annotated[int, doc("Time since the first attempt", unit="usecs")] = 0
    connected_usecs: Annotated[int, doc("Time since the connection", unit="usecs")] = 0


@event(category="login", version=1, groups=_LOGIN)
class LoginAborted(Event):
    """A connection ended without a login. Exactly one per such connection."""

    reason: Annotated[
        str,
        doc(
            "Why, as a word: auth_failed, no_auth_attempts, authorization_failed, temp_fail,"
            " user_disabled, password_expired, login_disabled, invalid_mech,"
            " cleartext_auth_disabled, anonymous_auth_disabled, sasl_not_finished ..."
        ),
    ]
    disconnect: Annotated[str | None, doc("What ended the connection: Inactivity, EOF ...")] = None
    auth_successes: Annotated[int, doc("Attempts whose password was right")] = 0
    auth_attempts: Annotated[int, doc("Authentications tried")] = 0
    auth_usecs: Annotated[int, doc("Time since the first attempt", unit="usecs")] = 0
    connected_usecs: Annotated[int, doc("Time since the connection", unit="usecs")] = 0
    error: Annotated[str | None, doc("What failed in TLS or on the wire")] = None


@event(category="login-proxy", version=1, level="debug", groups=_PROXY)
class ProxySessionStarted(Event):
    """The proxy is about to connect to a user's server."""


@event(category="login-proxy", version=1, groups=(*_PROXY, "auth_client_common"))
class ProxySessionEstablished(Event):
    """The proxy logged in to the user's server; from now on bytes are passed on."""

    reconnect_attempts: Annotated[int, doc("Times that the proxy has reconnected")] = 0


@event(category="login-proxy", version=1, groups=_PROXY)
class ProxySessionFinished(Event):
    """Proxying ended. Exactly one per `proxy_session_started`."""

    error: Annotated[str | None, doc("What failed; absent after an orderly end")] = None
    error_code: Annotated[str | None, doc("What failed, as a word")] = None
    disconnect_side: Annotated[str | None, doc("Who ended it: client, server, proxy")] = None
    disconnect_reason: Annotated[str | None, doc("Why it ended")] = None
    idle_usecs: Annotated[int, doc("Time since the last byte", unit="usecs")] = 0
    net_in_bytes: Annotated[int, doc("Received from the client", unit="bytes")] = 0
    net_out_bytes: Annotated[int, doc("Sent to the client", unit="bytes")] = 0


@event(category="login-proxy", version=1, groups=_PROXY)
class ProxySessionReconnecting(Event):
    """The user's server was lost before the login ended; the proxy tries again."""

    error: Annotated[str, doc("What failed")]
    error_code: Annotated[str | None, doc("What failed, as a word")] = None
