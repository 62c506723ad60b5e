"""Listeners, TLS, the stream pump: all socket code is here."""
