"""Why a configuration can't be put into force: the errors that stop a start or a reload."""

from __future__ import annotations

from culver.auth.driver import DriverError
from culver.config.errors import ConfigErrors
from culver.loader import PluginError
from culver.net.tls import BadCertificate
from culver.noticing.wiring import CannotNotice
from culver.process.privileges import UnknownIdentity
from culver.process.sockets import CannotListen

UNUSABLE = (
    BadCertificate,
    CannotListen,
    CannotNotice,
    ConfigErrors,
    DriverError,
    PluginError,
    UnknownIdentity,
)
