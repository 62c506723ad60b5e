"""Fields that live in scopes, declared once: name, kind, meaning, and who may see them.

The groups are Dovecot's inheritable field groups (inventory 9.3, names of 2.4). A name that ends
in `*` stands for all fields that begin so. A scope may only carry fields declared here or by a
plugin: filters know no others.
"""

from typing import Final

from culver_events.event import FieldInfo, Kind, Label, personal, public


def _field(
    name: str, text: str, kind: Kind = "str", label: Label = public, unit: str | None = None
) -> FieldInfo:
    return FieldInfo(name, kind, text, unit, label, optional=True)


_FIELDS: Final = (
    _field("reason_code", "Why this happens: module:name, nested reasons appended", "strlist"),
    # who
    _field("user", "User name after all changes of the lookups", label=personal),
    _field("original_user", "User name as the client sent it", label=personal),
    _field("translated_user", "User name after auth_username_translation", label=personal),
    _field("auth_user", "User whose credentials were used", label=personal),
    _field("login_user", "User that the master user logs in as", label=personal),
    _field("master_user", "Master user that logged in for another", label=personal),
    _field("user_mask", "Wildcard that users are listed by", label=personal),
    _field("client_id", "What the client said of itself (ID command)", label=personal),
    _field("certificate_user", "User name found in the client's certificate", label=personal),
    # which connection
    _field("session", "Session ID: unique for the connection, and part of each of its log lines"),
    _field("connection_id", "ID of the SMTP or LMTP connection"),
    _field("protocol", "Protocol spoken: imap, pop3, lmtp, submission, sieve, doveadm"),
    _field("service_name", "Name of the service block that accepted the connection"),
    _field("local_ip", "Address that the client connected to", "ip"),
    _field("local_port", "Port that the client connected to", "int"),
    _field("remote_ip", "Address of the client", "ip", personal),
    _field("remote_port", "Port of the client", "int"),
    _field("real_local_ip", "Address of our socket, where a proxy forwarded another", "ip"),
    _field("real_local_port", "Port of our socket, where a proxy forwarded another", "int"),
    _field("real_remote_ip", "Address of the proxy that forwarded the client's", "ip"),
    _field("real_remote_port", "Port of the proxy that forwarded the client's", "int"),
    _field("remote_pid", "Process that connected to a UNIX socket", "int"),
    _field("remote_uid", "System user that connected to a UNIX socket", "int"),
    _field("local_name", "Server name that the client asked for (SNI)"),
    _field("source_ip", "Address that we connect from", "ip"),
    _field("source_port", "Port that we connect from", "int"),
    _field("dest_ip", "Address that we connect to", "ip"),
    _field("dest_port", "Port that we connect to", "int"),
    _field("dest_host", "Host name that we connect to"),
    _field("socket_path", "UNIX socket that we connect to"),
    _field("transport", "How the connection is protected: TLS, insecure, trusted"),
    _field("tls_cipher", "TLS cipher in use"),
    _field("tls_cipher_bits", "Strength of the TLS cipher", "int", unit="bits"),
    _field("tls_pfs", "TLS key exchange in use"),
    _field("tls_protocol", "TLS version in use"),
    _field("reconnect_attempts", "Times that the proxy has reconnected", "int"),
    # authentication
    _field("mechanism", "SASL mechanism, upper case"),
    _field("passdb", "Number of the passdb block", "str"),
    _field("passdb_driver", "Driver of the passdb"),
    _field("passdb_name", "Name of the passdb"),
    _field("passdb_id", "Number of the passdb block in the config", "int"),
    _field("userdb", "Number of the userdb block", "str"),
    _field("userdb_driver", "Driver of the userdb"),
    _field("userdb_name", "Name of the userdb"),
    _field("userdb_id", "Number of the userdb block in the config", "int"),
    _field("id", "Number of the login request", "int"),
    # commands
    _field("cmd_tag", "Tag of the IMAP command"),
    _field("cmd_name", "Command, upper case; `unknown` when it isn't one of ours"),
    _field("cmd_input_name", "Command as the client spelled it"),
    _field("cmd_args", "Arguments as sent, never a password", label=personal),
    _field("cmd_human_args", "Arguments shortened for people", label=personal),
    _field("request_id", "Number of the HTTP request", "int"),
    _field("method", "HTTP method"),
    _field("target", "HTTP request target", label=personal),
    # mail
    _field("mailbox", "Full name of the mailbox", label=personal),
    _field("mailbox_guid", "Permanent ID of the mailbox (32 hex digits)"),
    _field("seq", "Sequence number of the mail", "int"),
    _field("uid", "UID of the mail", "int"),
    _field("message_id", "Message-ID header", label=personal),
    _field("message_subject", "Subject header, shortened", label=personal),
    _field("message_from", "Address of the From header", label=personal),
    _field("message_size", "Size of the mail as received", "int", unit="bytes"),
    _field("message_vsize", "Size of the mail with CRLF line ends", "int", unit="bytes"),
    # SMTP and LMTP
    _field("transaction_id", "ID of the mail transaction"),
    _field("mail_from", "Envelope sender", label=personal),
    _field("mail_param_auth", "AUTH parameter of MAIL FROM", label=personal),
    _field("mail_param_body", "BODY parameter of MAIL FROM"),
    _field("mail_param_envid", "ENVID parameter of MAIL FROM"),
    _field("mail_param_ret", "RET parameter of MAIL FROM"),
    _field("mail_param_size", "SIZE parameter of MAIL FROM", "int", unit="bytes"),
    _field("data_size", "Size of the mail data", "int", unit="bytes"),
    _field("rcpt_to", "Envelope recipient", label=personal),
    _field("rcpt_param_notify", "NOTIFY parameter of RCPT TO"),
    _field("rcpt_param_orcpt", "ORCPT parameter of RCPT TO", label=personal),
    _field("rcpt_param_orcpt_type", "Address type of the ORCPT parameter"),
    # Sieve and ManageSieve
    _field("script_name", "Name of the Sieve script"),
    _field("script_location", "Where the Sieve script is"),
    _field("binary_path", "File of the compiled Sieve script"),
    _field("storage_driver", "Driver of the Sieve storage"),
    # dict and SQL
    _field("dict_driver", "Driver of the dictionary"),
    _field("dict_name", "Name of the dictionary"),
    _field("key", "Key in the dictionary, starting with priv/ or shared/", label=personal),
    _field("sql_driver", "Driver of the SQL database"),
    # ID command: a field per parameter of the client
    _field("id_param_*", "Value of one parameter of the ID command", label=personal),
    _field("id_invalid*", "One refused parameter of the ID command", label=personal),
)

SCOPE_FIELDS: Final[dict[str, FieldInfo]] = {field.name: field for field in _FIELDS}
"""Name -> description, in reading order."""

_CONNECTION: Final = "local_ip local_port remote_ip remote_port"
_REAL: Final = "real_local_ip real_remote_ip real_local_port real_remote_port"
_CLIENT_COMMON: Final = (
    "mechanism protocol transport session certificate_user client_id local_name "
    f"{_CONNECTION} {_REAL} tls_cipher tls_cipher_bits tls_pfs tls_protocol"
)
_SERVER_COMMON: Final = (
    "user original_user translated_user login_user master_user mechanism protocol session "
    f"client_id {_CONNECTION} {_REAL} local_name transport"
)
_SMTP_TRANSACTION: Final = (
    "connection_id protocol session transaction_id mail_from mail_param_auth mail_param_body "
    "mail_param_envid mail_param_ret mail_param_size data_size"
)
_RCPT: Final = (
    f"{_SMTP_TRANSACTION} rcpt_to rcpt_param_notify rcpt_param_orcpt rcpt_param_orcpt_type"
)
_PRE_LOGIN: Final = f"{_CONNECTION} local_name user protocol"

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(dict.fromkeys(names.split()))
    for name, names in {
        "auth_client_common": _CLIENT_COMMON,
        "auth_client_lookup": f"{_CLIENT_COMMON} user",
        "auth_client_request": f"{_CLIENT_COMMON} user original_user auth_user",
        "auth_server_common": _SERVER_COMMON,
        "auth_server_passdb": "passdb passdb_driver passdb_name passdb_id",
        "auth_server_userdb": "userdb userdb_driver userdb_name userdb_id",
        "auth_master_common": f"id {_CONNECTION}",
        "client_connection_common": "local_ip remote_ip remote_port remote_pid remote_uid",
        "server_connection_common": (
            "source_ip dest_ip dest_port dest_host socket_path remote_pid remote_uid"
        ),
        "mail_user": "session protocol user",
        "mailbox": "session protocol user mailbox mailbox_guid",
        "mail": "seq uid",
        "imap_client": f"user session {_CONNECTION}",
        "imap_command": (
            f"user session {_CONNECTION} cmd_tag cmd_name cmd_input_name cmd_args cmd_human_args"
        ),
        "pop3_command": f"user session {_CONNECTION} cmd_name cmd_args",
        "mail_delivery": (
            f"{_RCPT} message_id message_subject message_from message_size message_vsize"
        ),
        "smtp_server": (
            "connection_id protocol session cmd_name cmd_input_name cmd_args cmd_human_args"
        ),
        "smtp_transaction": _SMTP_TRANSACTION,
        "smtp_recipient": _RCPT,
        "pre_login_client": _PRE_LOGIN,
        "login_proxy": f"{_PRE_LOGIN} dest_host dest_ip dest_port source_ip master_user",
        "imap_id": "id_param_* id_invalid*",
    }.items()
}
"""Group of inheritable fields -> their names: what the emitters of an event's group provide."""

ALIASES: Final[dict[str, str]] = {
    "bytes_in": "net_in_bytes",
    "bytes_out": "net_out_bytes",
    "service": "protocol",
    "driver": "dict_driver",
}
"""Dovecot 2.3's name -> 2.4's, which is ours. A filter may use either."""
