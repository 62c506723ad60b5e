"""PUBLIC: what a plugin imports.  Nothing else of culver is for plugins.

Names stay for two minor releases after they are announced as deprecated.  ``API_VERSION`` says
which API this is; a plugin module may set ``requires_api = "1.0"``.
"""

from __future__ import annotations

from culver.adm.call import Call as AdmCall
from culver.adm.command import AdmCommand, MailCommand
from culver.adm.dump.dumper import Dumper
from culver.adm.errors import AdmError, WrongUsage
from culver.adm.option import Option as AdmOption
from culver.auth.client import (
    AuthClient,
    AuthExchange,
    Challenge,
    Failure,
    MechanismInfo,
    Success,
    UserRecord,
)
from culver.auth.driver import Passdb, Userdb
from culver.auth.mechanism import SaslMechanism
from culver.auth.scheme import PasswordScheme
from culver.cli.command import CliCommand
from culver.config.common.login import LoginSettings
from culver.config.common.mail import MailSettings
from culver.config.common.server import ServerSettings
from culver.config.settings import (
    Block,
    CommaList,
    Duration,
    FileContent,
    IpList,
    NumberedList,
    Octal,
    Port,
    Secret,
    Settings,
    Size,
    SpaceList,
    TemplateString,
    TimeMsecs,
    Url,
    doc,
)
from culver.errors import Code, CulverError, Refused, Unavailable
from culver.hookspecs import hookimpl
from culver.loader import API_VERSION
from culver.mail import query
from culver.mail.changes import Changes, FlagChange, Stored
from culver.mail.closing import closing
from culver.mail.columns import Batch, Wanted
from culver.mail.layer import MailboxLayer
from culver.mail.mailbox import Mailbox, MailboxInfo, MailboxStatus
from culver.mail.match import matches as list_matches
from culver.mail.newmail import Buffer, Copied, NewMail, Saved
from culver.mail.spool import Spool
from culver.mail.storage import StorageFormat
from culver.mail.transform import MessageTransform
from culver.mail.uids import Ranges, UidSet, uids_to_array
from culver.mail.user import MailService, MailUser
from culver.mail.view import View
from culver.mime import address as mime_address
from culver.mime import binary as mime_binary
from culver.mime import casemap as mime_casemap
from culver.mime import date as mime_date
from culver.mime import decode as mime_decode
from culver.mime import headers as mime_headers
from culver.mime import parse as mime_parse
from culver.mime import part as mime_part
from culver.mime import sections as mime_sections
from culver.mime import subject as mime_subject
from culver.mime.preview import preview as mime_preview
from culver.net.connection import Connection, TlsInfo
from culver.noticing.sink import EventSink
from culver.noticing.target import Target
from culver.registry import Registry
from culver.service import ListenerDefault, ProtocolService, Server
from culver_events.event import Event, event, personal, public, secret
from culver_events.record import Record
from culver_events.scope import Scope

__all__ = [
    "API_VERSION",
    "AdmCall",
    "AdmCommand",
    "AdmError",
    "AdmOption",
    "AuthClient",
    "AuthExchange",
    "Batch",
    "Block",
    "Buffer",
    "Challenge",
    "Changes",
    "CliCommand",
    "Code",
    "CommaList",
    "Connection",
    "Copied",
    "CulverError",
    "Dumper",
    "Duration",
    "Event",
    "EventSink",
    "Failure",
    "FileContent",
    "FlagChange",
    "IpList",
    "ListenerDefault",
    "LoginSettings",
    "MailCommand",
    "MailService",
    "MailSettings",
    "MailUser",
    "Mailbox",
    "MailboxInfo",
    "MailboxLayer",
    "MailboxStatus",
    "MechanismInfo",
    "MessageTransform",
    "NewMail",
    "NumberedList",
    "Octal",
    "Passdb",
    "PasswordScheme",
    "Port",
    "ProtocolService",
    "Ranges",
    "Record",
    "Refused",
    "Registry",
    "SaslMechanism",
    "Saved",
    "Scope",
    "Secret",
    "Server",
    "ServerSettings",
    "Settings",
    "Size",
    "SpaceList",
    "Spool",
    "StorageFormat",
    "Stored",
    "Success",
    "Target",
    "TemplateString",
    "TimeMsecs",
    "TlsInfo",
    "UidSet",
    "Unavailable",
    "Url",
    "UserRecord",
    "Userdb",
    "View",
    "Wanted",
    "WrongUsage",
    "closing",
    "doc",
    "event",
    "hookimpl",
    "list_matches",
    "mime_address",
    "mime_binary",
    "mime_casemap",
    "mime_date",
    "mime_decode",
    "mime_headers",
    "mime_parse",
    "mime_part",
    "mime_preview",
    "mime_sections",
    "mime_subject",
    "personal",
    "public",
    "query",
    "secret",
    "uids_to_array",
]
