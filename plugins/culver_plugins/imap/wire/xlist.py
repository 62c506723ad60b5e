"""The XLIST command, Google's elder form of LIST with SPECIAL-USE (R5-051)."""

from culver_plugins.imap.wire.lsub import Lsub


class Xlist(Lsub, frozen=True):
    """List names that match, with their special uses; the arguments are those of LSUB."""
