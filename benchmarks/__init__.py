"""Measurements, each a ratio inside one run (make bench)."""
