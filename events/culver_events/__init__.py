"""The vocabulary of culver: event classes, their registry, the filter language, metrics. No I/O."""
