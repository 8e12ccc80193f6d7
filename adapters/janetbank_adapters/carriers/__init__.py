"""Carriers: who says that a telephone number changed hands."""
