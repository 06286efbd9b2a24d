"""their options, and how they print."""
