"""Users, namespaces, mailboxes, messages: what sessions see of mail.

Sessions speak to :class:`~culver.mail.mailbox.Mailbox`; storage formats implement
:class:`~culver.mail.storage.StorageFormat`; the engine between them owns UIDs, flags,
modification sequences and views.  No format sees a sequence number, no session a file name.
"""
