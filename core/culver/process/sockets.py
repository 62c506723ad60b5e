"""Listening sockets: opened once by the master, used by workers."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import msgspec

from culver.process.privileges import group_id, user_id

BACKLOG = 1024


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a service listens: an address and port, or a unix path."""

    service: str
    """Name of the protocol (``imap``)."""
    name: str
    """Name of the listener (``imaps``)."""
    address: str = ""
    port: int = 0
    path: str = ""
    mode: int = 0o600
    user: str = ""
    group: str = ""
    ssl: bool = False

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.path or f"{host}:{self.port}"


class CannotListen(Exception):
    """An endpoint can't be opened.  Says which, why, and what can be done about it."""


def open_endpoint(endpoint: Endpoint, *, share: bool = False) -> socket.socket:
    """A listening socket.  ``share`` sets SO_REUSEPORT, so that each worker has a queue of its own
    (measured: 30/30 connections where one inherited socket gave 6/54)."""
    try:
        return _unix(endpoint) if endpoint.path else _inet(endpoint, share)
    except OSError as error:
        raise CannotListen(_advice(endpoint, error)) from error


def _inet(endpoint: Endpoint, share: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            # "*, ::" listens on both; one dual socket would clash with the other.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((endpoint.address, endpoint.port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _unix(endpoint: Endpoint) -> socket.socket:
    path = Path(endpoint.path)
    if path.is_socket() and not _answers(path):
        path.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        sock.bind(str(path))
        path.chmod(endpoint.mode)
        _give(path, endpoint)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _give(path: Path, endpoint: Endpoint) -> None:
    if endpoint.user or endpoint.group:
        uid = user_id(endpoint.user) if endpoint.user else -1
        gid = group_id(endpoint.group) if endpoint.group else -1
        os.chown(path, uid, gid)


def _answers(path: Path) -> bool:
    """Whether somebody still listens there; a socket file outlives its process."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _advice(endpoint: Endpoint, error: OSError) -> str:
    remedy = {
        errno.EADDRINUSE: "another program listens there: stop it, or give the inet_listener"
        " another port",
        errno.EACCES: "ports below 1024 need root: start as root, or give the inet_listener"
        " a port above 1023",
        errno.EADDRNOTAVAIL: "this machine has no such address: look at the setting listen",
        errno.ENOENT: "the directory of the socket doesn't exist",
    }.get(error.errno or 0, "")
    text = f"{endpoint.service}: can't listen on {endpoint} ({endpoint.name}): {error.strerror}"
    return f"{text}; {remedy}" if remedy else text
