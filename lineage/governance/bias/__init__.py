"""nine questions about one model and one protected attribute."""
