"""The settings that the kernel itself uses. Protocols and features declare their own."""

from culver.config.common.auth import AuthPolicySettings, AuthSettings, PassdbBlock, UserdbBlock
from culver.config.common.extra import DictSettings
from culver.config.common.log import LogSettings
from culver.config.common.login import LoginSettings
from culver.config.common.mail import (
    MailCacheSettings,
    MailIndexSettings,
    MailSettings,
    MailStorageSettings,
)
from culver.config.common.namespace import MailboxBlock, NamespaceBlock
from culver.config.common.server import ServerSettings
from culver.config.common.service import (
    FifoListenerBlock,
    InetListenerBlock,
    ServiceBlock,
    UnixListenerBlock,
)
from culver.config.common.ssl import SslClientSettings, SslSettings
from culver.config.common.stats import EventExporterBlock, MetricBlock
from culver.config.schema import Declarations

__all__ = [
    "COMMON",
    "AuthPolicySettings",
    "AuthSettings",
    "DictSettings",
    "EventExporterBlock",
    "FifoListenerBlock",
    "InetListenerBlock",
    "LogSettings",
    "LoginSettings",
    "MailCacheSettings",
    "MailIndexSettings",
    "MailSettings",
    "MailStorageSettings",
    "MailboxBlock",
    "MetricBlock",
    "NamespaceBlock",
    "PassdbBlock",
    "ServerSettings",
    "ServiceBlock",
    "SslClientSettings",
    "SslSettings",
    "UnixListenerBlock",
    "UserdbBlock",
]

COMMON = Declarations(
    settings=(
        ServerSettings,
        LogSettings,
        LoginSettings,
        SslSettings,
        SslClientSettings,
        AuthSettings,
        AuthPolicySettings,
        MailSettings,
        MailStorageSettings,
        MailCacheSettings,
        MailIndexSettings,
        DictSettings,
    ),
    blocks=(
        PassdbBlock,
        UserdbBlock,
        NamespaceBlock,
        ServiceBlock,
        MetricBlock,
        EventExporterBlock,
    ),
)
