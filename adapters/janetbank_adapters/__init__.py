"""Adapters: one folder per port, one file or folder per technology."""
