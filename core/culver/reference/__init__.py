"""The reference pages, written from the code: ``python -m culver.reference``."""
