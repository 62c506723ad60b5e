"""Deliver the samples through the front door."""

from __future__ import annotations

import smtplib

from culver.demo.mails import sample_mails


def deliver_samples(port: int) -> int:
    """Send every sample over LMTP to whom it is for; returns how many.  Blocks: run in a thread."""
    count = 0
    with smtplib.LMTP("127.0.0.1", port, local_hostname="localhost") as lmtp:
        for mail in sample_mails():
            users = [user for user in ("alice", "bob") if f"{user}@" in str(mail["To"])]
            for user in users:
                # smtplib reads one reply per mail; LMTP has one per recipient.
                lmtp.send_message(mail, "demo@example.org", [user])
            count += 1
    return count
