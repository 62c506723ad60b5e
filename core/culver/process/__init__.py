"""Supervisor, workers, sockets, privileges, signals, reload."""
