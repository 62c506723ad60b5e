"""The mailbox index: Dovecot's files (dovecot.index, .log, .cache), read and written in columns."""
