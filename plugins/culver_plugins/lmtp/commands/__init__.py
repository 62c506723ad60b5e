"""One file per command.  Each has ``run(session, rest)`` that returns the replies."""
