"""Finger and face."""
