"""The life of a user's session after the login."""

from typing import Annotated

from culver_events.event import Event, doc, event


@event(version=1, groups=("mail_user", "imap_client"))
class MailUserSessionFinished(Event):
    """A user's session ended, for whatever reason. Exactly one per session."""

    net_in_bytes: Annotated[int, doc("Received from the client", unit="bytes")]
    net_out_bytes: Annotated[int, doc("Sent to the client", unit="bytes")]
    reason: Annotated[str, doc("Why it ended: Logged out, Connection closed, Inactivity ...")] = (
        "Logged out"
    )
    statistics: Annotated[
        str | None, doc("Counters of the session, as the protocol's logout format prints them")
    ] = None
    utime: Annotated[int | None, doc("User CPU time of the process", unit="usecs")] = None
    stime: Annotated[int | None, doc("System CPU time of the process", unit="usecs")] = None
    minor_faults: Annotated[int | None, doc("Page faults served from memory")] = None
    major_faults: Annotated[int | None, doc("Page faults served from disk")] = None
    vol_cs: Annotated[int | None, doc("Voluntary context switches")] = None
    invol_cs: Annotated[int | None, doc("Involuntary context switches")] = None
    rss: Annotated[int | None, doc("Resident memory", unit="bytes")] = None
    vsz: Annotated[int | None, doc("Virtual memory", unit="bytes")] = None
    rchar: Annotated[int | None, doc("Read through system calls", unit="bytes")] = None
    wchar: Annotated[int | None, doc("Written through system calls", unit="bytes")] = None
    syscr: Annotated[int | None, doc("Read system calls")] = None
    syscw: Annotated[int | None, doc("Write system calls")] = None
