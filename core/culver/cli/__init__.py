"""The command line: ``culver ...``, one file a command."""
