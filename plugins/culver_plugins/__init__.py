"""The bundled plugins, as a stranger would write them.

imap, lmtp and export_file need `culver.plugin` only; the storage formats and the auth plugins
still import kernel modules that it doesn't offer yet.
"""
