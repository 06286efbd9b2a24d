"""Impact: what a change breaks, what it alters, and what it leaves as it is."""
