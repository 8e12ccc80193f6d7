"""Which institutions there are."""
