"""what is sensitive, what masks it, and which verdict follows."""
