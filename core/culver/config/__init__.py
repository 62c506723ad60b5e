"""Configuration: Dovecot 2.3's language, the typed settings, `%` variables and the reference."""
