"""Peers: the same storm at other login code, in an environment of its own (docs/peers.md)."""
