"""Secret keys: in memory, or in a file that nobody else may read."""
