"""Policies: what may reach what, what must be known, and who has let something pass."""
