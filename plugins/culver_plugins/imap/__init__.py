"""The IMAP server: `wire` decides, `commands` and `session` do."""
