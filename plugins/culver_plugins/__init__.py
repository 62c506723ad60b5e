"""The bundled plugins. Each is written as a stranger would write it, through culver.plugin only."""
