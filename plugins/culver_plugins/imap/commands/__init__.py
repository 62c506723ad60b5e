"""One file per command, of the same name as in ``wire``.  Each has ``run(session, command)``.

A module may name in ``CAPABILITIES`` what it makes true: that is announced after login.
"""
