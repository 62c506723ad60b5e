"""The pytest plugin that ships with culver: fixtures for plugin authors."""
