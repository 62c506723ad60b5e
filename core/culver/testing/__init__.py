"""PUBLIC: tools to test a plugin against a real server in memory."""
