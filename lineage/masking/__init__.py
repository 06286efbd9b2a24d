"""Masking: which functions provably hide the value they are given, and by which rule."""
