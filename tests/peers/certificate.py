"""A certificate for the loopback address, and the authority that signed it."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from tests.peers.ports import HOST

NAME = "localhost"
"""For clients that look at nothing but the common name: offlineimap, mbsync."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Three PEM files: the chain, its key, and what a client has to trust."""

    chain: Path
    key: Path
    authority: Path


def make_certificate(folder: Path) -> Certificate:
    """Write a fresh certificate for localhost and 127.0.0.1 to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / "cert.pem", folder / "key.pem", folder / "ca.pem")
    authority = trustme.CA()
    leaf = authority.issue_cert(NAME, HOST, common_name=NAME)
    made.chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    made.key.write_bytes(leaf.private_key_pem.bytes())
    made.key.chmod(0o600)
    authority.cert_pem.write_to_path(str(made.authority))
    return made
