"""The storage format mdbox: many mails a file, a map of them, flags in each mailbox's index."""
