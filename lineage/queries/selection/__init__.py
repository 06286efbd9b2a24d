"""Selection: a small language for picking entities, columns and features."""
