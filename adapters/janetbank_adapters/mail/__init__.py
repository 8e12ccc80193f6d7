"""Delivering mail."""
