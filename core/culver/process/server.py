"""Put a server together from a composition and its auth client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from culver.config.common.server import ServerSettings
from culver.mail.mailservice import LocalMailService
from culver.service import Server
from culver.version import VERSION
from culver_events.server import ConfigWarning, ServerStarted

if TYPE_CHECKING:
    from culver.auth.client import AuthClient
    from culver.composition import Composition


_STARTED = time.monotonic_ns()


def make_server(composition: Composition, auth: AuthClient) -> Server:
    """The facade that services get."""
    return Server(
        config=composition.config,
        registry=composition.registry,
        bus=composition.bus,
        scope=composition.scope,
        auth=auth,
        mail=LocalMailService(composition.config, composition.registry),
    )


def emit_started(composition: Composition) -> None:
    """The ports answer."""
    composition.scope.emit(
        ServerStarted(
            version=VERSION,
            protocols=list(composition.config.get(ServerSettings).protocols),
            config_path=composition.config.path or None,
            startup_usecs=(time.monotonic_ns() - _STARTED) // 1000,
        )
    )


def emit_remarks(composition: Composition) -> None:
    """Tell what is odd in the configuration, once per start."""
    for warning in composition.config.warnings:
        composition.scope.emit(ConfigWarning(text=str(warning)))
    for text in composition.remarks:
        composition.scope.emit(ConfigWarning(text=text))
    provided = composition.registry.protocols.names()
    for word in composition.config.get(ServerSettings).protocols:
        if word not in provided:
            composition.scope.emit(
                ConfigWarning(
                    text=f"protocols: {word} is not served: no installed plugin speaks it",
                    setting="protocols",
                )
            )
