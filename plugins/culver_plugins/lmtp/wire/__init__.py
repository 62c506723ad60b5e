"""LMTP on the wire: bytes in, events out.  No I/O."""
