"""LMTP (RFC 2033): how an MTA hands over mail."""
