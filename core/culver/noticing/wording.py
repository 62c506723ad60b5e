"""The words of Dovecot's well-known log lines: what fail2ban and log parsers match.

Facts from Dovecot 2.3 (inventory 15.3 and 15.4); each function gives the message of one event
class without timestamp, prefix and level, or None for one that isn't a line.
"""

from collections.abc import Callable
from typing import Final

from culver.noticing.text import plain
from culver_events.auth import AuthPassdbRequestFinished
from culver_events.connection import ClientConnectionConnected, ClientConnectionDisconnected
from culver_events.delivery import MailDeliveryFinished
from culver_events.event import Event
from culver_events.login import LoginAborted, LoginSucceeded, ProxySessionFinished
from culver_events.record import Record
from culver_events.server import (
    ConfigWarning,
    ListenerFailed,
    LogMessage,
    PluginFailed,
    ServerReloaded,
    ServerStarted,
    ServerStopping,
    WorkerDied,
)
from culver_events.session import MailUserSessionFinished

Wording = Callable[[Record], str | None]

_SECOND: Final = 1_000_000


def value(record: Record, field: str) -> str:
    """A field as text, "" when absent."""
    found = record.get(field)
    return "" if found is None else plain(found)


def login_elements(record: Record) -> str:
    """`login_log_format_elements` as Dovecot has it by default; empty elements are left out, but
    for the user."""
    transport = {"TLS": "TLS", "secured": "secured", "trusted": "secured"}.get(
        value(record, "transport"), ""
    )
    error = value(record, "error")
    if transport == "TLS" and error:
        transport = f"TLS handshaking: {error}"
    elements = [
        ("method=", value(record, "mechanism")),
        ("rip=", value(record, "remote_ip")),
        ("lip=", value(record, "local_ip")),
        ("mpid=", value(record, "mail_pid")),
        ("", transport),
        ("session=", f"<{value(record, 'session')}>"),
    ]
    shown = [key + text for key, text in elements if text]
    return ", ".join([f"user=<{value(record, 'user')}>", *shown])


def _login(record: Record) -> str:
    return f"Login: {login_elements(record)}"


_ABORT_REASONS: Final = {
    "no_auth_attempts": "no auth attempts in {connected} secs",
    "auth_failed": "auth failed, {attempts} attempts in {auth} secs",
    "authorization_failed": "authorization failed, {attempts} attempts in {auth} secs",
    "cleartext_auth_disabled": "tried to use disallowed plaintext auth",
    "invalid_mech": "tried to use unsupported auth mechanism",
    "anonymous_auth_disabled": "tried to use disabled anonymous auth",
    "client_ssl_cert_missing": "client didn't send a cert",
    "client_ssl_cert_untrusted": "client sent an invalid cert",
    "client_ssl_not_started": "cert required, client didn't start TLS",
    "sasl_not_finished": "client didn't finish SASL auth, waited {auth} secs",
    "auth_waiting": "disconnected while authenticating, waited {auth} secs",
    "auth_process_not_ready": "disconnected before auth was ready, waited {connected} secs",
    "auth_aborted_by_client": "aborted authentication",
    "auth_process_comm_fail": "auth process communication failure",
    "temp_fail": "auth service reported temporary failure",
    "proxy_dest_auth_failed": "proxy dest auth failed",
    "user_disabled": "user disabled",
    "password_expired": "password expired",
    "invalid_base64": "sent invalid base64 in response",
    "login_disabled": "login disabled",
    "internal_failure": "internal failure, {successes} successful auths",
}


def _seconds(record: Record, field: str) -> int:
    usecs = record.get(field)
    return int(usecs) // _SECOND if isinstance(usecs, int | float) else 0


def _aborted(record: Record) -> str:
    reason = value(record, "reason")
    why = _ABORT_REASONS.get(reason, reason).format_map(
        {
            "connected": _seconds(record, "connected_usecs"),
            "auth": _seconds(record, "auth_usecs"),
            "attempts": value(record, "auth_attempts"),
            "successes": value(record, "auth_successes"),
        }
    )
    ended = value(record, "disconnect")
    how = f"Disconnected: {ended}" if ended else "Aborted login"
    return f"{how} ({why}): {login_elements(record)}"


def _logout(record: Record) -> str:
    counters = value(record, "statistics")
    traffic = f"in={value(record, 'net_in_bytes')} out={value(record, 'net_out_bytes')}"
    return f"Disconnected: {value(record, 'reason')} {counters or traffic}"


def _lmtp_only(wording: Callable[[Record], str]) -> Wording:
    # Other protocols say as much in their login and logout lines.
    return lambda record: wording(record) if value(record, "protocol") == "lmtp" else None


def _peer(record: Record) -> str:
    return value(record, "remote_ip") or "local"


def _delivery(record: Record) -> str:
    message_id = value(record, "message_id") or "unspecified"
    box = value(record, "mailbox") or "INBOX"
    error = value(record, "error")
    if error:
        return f"msgid={message_id}: save failed to {box}: {error}"
    return f"msgid={message_id}: {value(record, 'action') or 'saved mail to'} {box}".rstrip()


_PASSDB_RESULTS: Final = {
    "password_mismatch": "Password mismatch",
    "user_unknown": "unknown user",
    "user_disabled": "user disabled",
    "pass_expired": "password expired",
    "scheme_not_available": "unknown password scheme",
}


def _passdb(record: Record) -> str | None:
    result = value(record, "result")
    if result in ("ok", "next"):
        return None
    who = ",".join(
        part
        for part in (
            value(record, "user"),
            value(record, "remote_ip"),
            f"<{value(record, 'session')}>",
        )
        if part
    )
    text = value(record, "error") or _PASSDB_RESULTS.get(result, result)
    return f"{value(record, 'passdb_driver') or 'passdb'}({who}): {text}"


def _proxy(record: Record) -> str:
    side = value(record, "disconnect_side") or "server"
    idle = _seconds(record, "idle_usecs")
    traffic = f"in={value(record, 'net_in_bytes')}, out={value(record, 'net_out_bytes')}"
    return f"Disconnected by {side} ({idle}s idle, {traffic}): {login_elements(record)}"


def _died(record: Record) -> str:
    signal = value(record, "signal")
    how = f"killed with signal {signal}" if signal else f"exited {value(record, 'exit_status')}"
    return f"service({value(record, 'worker')}): child {value(record, 'pid')} {how}"


def _plugin(record: Record) -> str:
    where = value(record, "error_location")
    return (
        f"plugin {value(record, 'plugin')}: {value(record, 'part')} failed on "
        f"{value(record, 'doing')}: {value(record, 'error')}"
        f"{f' at {where}' if where else ''} ({value(record, 'failures')} failures)"
    )


def _config(record: Record) -> str:
    where = value(record, "config_location")
    return f"{where}: {value(record, 'text')}" if where else value(record, "text")


def _reloaded(record: Record) -> str:
    error = value(record, "error")
    return f"Configuration not reloaded: {error}" if error else "Configuration reloaded"


WORDINGS: Final[dict[type[Event], Wording]] = {
    LoginSucceeded: _login,
    LoginAborted: _aborted,
    MailUserSessionFinished: _logout,
    ProxySessionFinished: _proxy,
    ClientConnectionConnected: _lmtp_only(lambda record: f"Connect from {_peer(record)}"),
    ClientConnectionDisconnected: _lmtp_only(
        lambda record: f"Disconnect from {_peer(record)}: {value(record, 'reason')}"
    ),
    MailDeliveryFinished: _delivery,
    AuthPassdbRequestFinished: _passdb,
    ServerStarted: lambda r: f"culver {value(r, 'version')} starting for {value(r, 'protocols')}",
    ServerStopping: lambda r: f"Stopping: {value(r, 'reason')}",
    ServerReloaded: _reloaded,
    WorkerDied: _died,
    ListenerFailed: lambda r: f"listen({value(r, 'address')}) failed: {value(r, 'error')}",
    PluginFailed: _plugin,
    LogMessage: lambda r: value(r, "text"),
    ConfigWarning: _config,
}
"""Event class -> its line. Classes without one are logged as `event_name field=value ...`."""
