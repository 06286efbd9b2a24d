"""Questions about a graph: traversal, paths, names, coverage."""
