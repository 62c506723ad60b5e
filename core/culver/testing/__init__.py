"""PUBLIC: tools to test a plugin against a real server in memory.

The pytest fixture ``culver`` starts a :class:`~culver.testing.server.TestServer`; without pytest
use :func:`~culver.testing.server.run_server`.
"""
