"""The mailbox that every storage format gets: views, columns, cache, search, notifications."""
