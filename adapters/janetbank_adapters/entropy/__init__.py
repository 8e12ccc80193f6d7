"""Chance: the operating system's, or a repeatable imitation for tests."""
