"""Peers: the same storm and the same questions at other login code, in environments of its own (docs/peers.md)."""
