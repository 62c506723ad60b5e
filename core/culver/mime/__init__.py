"""Messages as bytes: where the parts are, what IMAP says about them, what a search sees.

Everything here is pure: bytes (or a mmap) in, values out. Nothing raises on any content; a mail
that breaks the RFCs is described the way Dovecot 2.3 describes it, because clients have cached
those descriptions.
"""
