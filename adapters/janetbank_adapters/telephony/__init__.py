"""Taking calls."""
