"""Culver: a mail server of typed events and plugins. Plugin authors import culver.plugin."""
