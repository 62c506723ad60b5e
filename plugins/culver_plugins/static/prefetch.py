"""``userdb { driver = prefetch }``: what the passdb's ``userdb_*`` fields said (R3-033)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.driver import Userdb
from culver.auth.result import UserdbResult

if TYPE_CHECKING:
    from culver.auth.request import AuthRequest


class PrefetchUserdb(Userdb):
    """Saves a lookup at login.  LMTP and admin tools have no login: put a real userdb after it."""

    name = "prefetch"

    async def lookup(self, request: AuthRequest) -> UserdbResult:
        """The fields are there already, or there are none."""
        if request.prefetched:
            return UserdbResult.OK
        if not self.env.lone_userdb:
            return UserdbResult.USER_UNKNOWN
        what = (
            "passdb didn't return userdb entries"
            if request.authenticated
            else "userdb lookup not possible with only userdb prefetch"
        )
        self.env.notes.log(request, "error", what)
        return UserdbResult.INTERNAL_FAILURE
