"""Users in a file like ``/etc/passwd``."""
