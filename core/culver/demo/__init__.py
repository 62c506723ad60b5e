"""``culver demo``: a complete server for trying out, in a directory of its own."""
