"""Serves the auth master protocol: users' settings, for workers, LMTP, admin tools, Exim."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import trio

from culver.auth.lines import LineStream
from culver.auth.params import apply_params
from culver.auth.protocol import (
    MASTER_VERSION,
    ProtocolError,
    check_version,
    decode_fields,
    encode,
    encode_fields,
    request_id,
)
from culver.auth.request import AuthRequest
from culver.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trio.abc import Stream

    from culver.auth.client import UserRecord
    from culver.auth.service import AuthService

_LIST_BATCH: Final = 1000
_MAX_REQUESTS: Final = 1000
_Handler = Callable[[str, list[str]], Awaitable[None]]


class MasterConnection:
    """One client of the master socket.

    ``restricted_uid``: the peer may ask only about users with this uid, and neither for
    passwords' fields nor for lists (a socket that everybody may open).
    ``userdb_only``: no REQUEST (Dovecot's ``auth-userdb`` socket).
    """

    def __init__(
        self,
        service: AuthService,
        stream: Stream,
        *,
        userdb_only: bool = False,
        restricted_uid: int | None = None,
    ) -> None:
        self._service = service
        self._lines = LineStream(stream)
        self._userdb_only = userdb_only
        self._restricted_uid = restricted_uid
        self._slots = trio.Semaphore(_MAX_REQUESTS)

    async def serve(self) -> None:
        """Speak until the client goes.  Never raises for what the client does."""
        try:
            async with trio.open_nursery() as nursery:
                await self._lines.send(
                    encode("VERSION", *MASTER_VERSION) + encode("SPID", str(os.getpid()))
                )
                try:
                    await self._read(nursery)
                except ProtocolError as error:
                    self._service.notes.log(None, "error", f"auth master client: {error}")
                nursery.cancel_scope.cancel()
        except* trio.BrokenResourceError:
            pass
        finally:
            await self._lines.aclose()

    async def _read(self, nursery: trio.Nursery) -> None:
        version_seen = False
        while (batch := await self._lines.read()) is not None:
            for words in batch:
                if version_seen:
                    await self._begin(words, nursery)
                else:
                    check_version(words)
                    version_seen = True

    async def _begin(self, words: list[str], nursery: trio.Nursery) -> None:
        handler = {
            "USER": self._user,
            "PASS": self._pass,
            "LIST": self._list,
            "REQUEST": self._request,
            "CACHE-FLUSH": self._flush,
        }.get(words[0])
        if handler is None or len(words) < 2 or (self._userdb_only and words[0] == "REQUEST"):
            raise ProtocolError(f"unknown command {words[0][:40]!r}")
        ident = request_id(words[1])
        await self._slots.acquire()
        nursery.start_soon(self._run, nursery, handler, ident, words[2:])

    async def _run(
        self, nursery: trio.Nursery, handler: _Handler, ident: str, words: list[str]
    ) -> None:
        try:
            await handler(ident, words)
        except ProtocolError as error:
            self._service.notes.log(None, "error", f"auth master client: {error}")
            nursery.cancel_scope.cancel()
        finally:
            self._slots.release()

    async def _user(self, ident: str, words: list[str]) -> None:
        request = _lookup_request(words)
        try:
            record = await self._service.lookup_user(request, words[0])
        except Unavailable as error:
            await self._fail(ident, error)
            return
        await self._tell(ident, record)

    async def _request(self, ident: str, words: list[str]) -> None:
        if len(words) < 3:
            raise ProtocolError("REQUEST wants a client's pid, its request id and its cookie")
        try:
            # The cookie is part of the ticket: who doesn't know it finds nothing.
            record = await self._service.lookup_login(" ".join(words[:3]))
        except Unavailable as error:
            await self._fail(ident, error)
            return
        await self._tell(ident, record)

    async def _tell(self, ident: str, record: UserRecord | None) -> None:
        if record is None:
            await self._lines.send(encode("NOTFOUND", ident))
        elif self._may_see(record):
            await self._lines.send(
                encode("USER", ident, record.name, *encode_fields(record.fields))
            )
        else:
            await self._lines.send(encode("FAIL", ident))

    def _may_see(self, record: UserRecord) -> bool:
        if self._restricted_uid is None or record.fields.get("uid") == str(self._restricted_uid):
            return True
        self._service.notes.log(
            None, "error", f"auth client with uid {self._restricted_uid} may not look up"
            f" {record.name}: its uid is {record.fields.get('uid', 'not known')}"
        )  # fmt: skip
        return False

    async def _pass(self, ident: str, words: list[str]) -> None:
        request = _lookup_request(words)
        if self._restricted_uid is not None:
            await self._lines.send(encode("FAIL", ident))
            return
        try:
            fields = await self._service.lookup_pass(request, words[0])
        except Unavailable as error:
            await self._fail(ident, error)
            return
        if fields is None:
            await self._lines.send(encode("NOTFOUND", ident))
        else:
            await self._lines.send(encode("PASS", ident, *encode_fields(fields)))

    async def _list(self, ident: str, words: list[str]) -> None:
        failed = self._restricted_uid is not None
        batch: list[bytes] = []
        request = AuthRequest(service=decode_fields(words).get("service", ""))
        try:
            if not failed:
                async for name in self._service.list_users(request):
                    batch.append(encode("LIST", ident, name))
                    if len(batch) >= _LIST_BATCH:
                        await self._lines.send(b"".join(batch))
                        batch.clear()
        except (Unavailable, ValueError) as error:
            self._service.notes.log(request, "error", str(error))
            failed = True
        await self._lines.send(b"".join(batch) + encode("DONE", ident, *_failed(failed)))

    async def _flush(self, ident: str, words: list[str]) -> None:
        # Nothing is cached, so nothing was dropped.
        await self._lines.send(encode("OK", ident, "0"))

    async def _fail(self, ident: str, error: Unavailable) -> None:
        self._service.notes.log(None, "error", str(error))
        reason = () if error.public == "Internal error" else (f"reason={error.public}",)
        await self._lines.send(encode("FAIL", ident, *reason))


def _failed(failed: bool) -> Iterator[str]:
    yield "fail" if failed else ""


def _lookup_request(words: list[str]) -> AuthRequest:
    params = decode_fields(words[1:])
    if not words or "service" not in params:
        raise ProtocolError("a lookup wants a user and a service")
    request = AuthRequest(service=params["service"])
    apply_params(request, params)
    return request
