"""Certificates of the configuration as TLS contexts."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING

from culver.net.stream import server_name

if TYPE_CHECKING:
    from culver.config.common.ssl import SslSettings
    from culver.config.config import Config


class BadCertificate(Exception):
    """A certificate or key can't be used.  Names the setting and the reason, never the key."""


MINIMUM = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
    "ANY": ssl.TLSVersion.TLSv1,
    "SSLv3": ssl.TLSVersion.TLSv1,
    "LATEST": ssl.TLSVersion.TLSv1_3,
}


def make_context(settings: SslSettings) -> ssl.SSLContext:
    """A server context.  Raises :exc:`BadCertificate`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = MINIMUM[settings.ssl_min_protocol]
    if settings.ssl_min_protocol != "LATEST":
        context.set_ciphers(settings.ssl_cipher_list)
    if settings.ssl_prefer_server_ciphers:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    password = settings.ssl_key_password.reveal() or None
    _load(context, settings.ssl_cert, settings.ssl_key.reveal(), password)
    if settings.ssl_verify_client_cert and settings.ssl_ca:
        context.load_verify_locations(cadata=settings.ssl_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _load(context: ssl.SSLContext, cert: str, key: str, password: str | None) -> None:
    """The ssl module reads certificates from files only: a private one that is gone at once."""
    if not cert or not key:
        missing = "ssl_cert" if not cert else "ssl_key"
        raise BadCertificate(
            f"{missing} is empty: set {missing} = </path/to/file.pem, or set ssl = no"
        )
    with tempfile.TemporaryDirectory(prefix="culver-tls-") as folder:
        with open(f"{folder}/pem", "w", encoding="utf-8") as file:
            file.write(f"{cert}\n{key}\n")
        try:
            context.load_cert_chain(f"{folder}/pem", password=lambda: password or "")
        except (ssl.SSLError, OSError, ValueError) as error:
            raise BadCertificate(
                f"ssl_cert and ssl_key can't be used together: {error}; each has to hold PEM"
                " text (ssl_cert = </path/to/cert.pem), and the key has to be the certificate's"
            ) from error


class TlsContexts:
    """The contexts of a configuration: one per certificate, chosen by address and SNI."""

    def __init__(self, config: Config) -> None:
        from culver.config.common.ssl import SslSettings

        self._settings = SslSettings
        self._config = config
        self._cache: dict[SslSettings, ssl.SSLContext] = {}

    def check(self) -> None:
        """Load the default certificate now, so that a bad one stops the start and not a login."""
        settings = self._config.get(self._settings)
        if settings.ssl != "no":
            self._context(settings, "", "")

    def choose(self, protocol: str) -> Callable[[str, str], ssl.SSLContext | None]:
        """For one protocol: (local ip, remote ip) to the context to start with."""

        def context(local_ip: str, remote_ip: str) -> ssl.SSLContext | None:
            settings = self._config.get(
                self._settings,
                protocol=protocol,
                local_ip=local_ip or None,
                remote_ip=remote_ip or None,
            )
            if settings.ssl == "no":
                return None
            return self._context(settings, protocol, local_ip)

        return context

    def _context(self, settings: SslSettings, protocol: str, local_ip: str) -> ssl.SSLContext:
        known = self._cache.get(settings)
        if known is None:
            known = self._cache[settings] = make_context(settings)
            known.sni_callback = self._on_name(protocol, local_ip)
        return known

    def _on_name(
        self, protocol: str, local_ip: str
    ) -> Callable[[ssl.SSLObject, str, ssl.SSLContext], int | None]:
        def told(handshake: ssl.SSLObject, name: str, _: ssl.SSLContext) -> int | None:
            if not name:
                return None
            server_name.set(name)
            settings = self._config.get(
                self._settings,
                protocol=protocol or None,
                local_ip=local_ip or None,
                local_name=name,
            )
            try:
                handshake.context = self._context(settings, protocol, local_ip)
            except BadCertificate:
                return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
            return None

        return told
