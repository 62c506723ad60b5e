"""Maildir, as Dovecot writes it: one file a mail, flags in its name, UIDs in dovecot-uidlist."""
