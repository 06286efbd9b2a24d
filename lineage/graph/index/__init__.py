"""The index: the graph compiled into arrays, for questions about all of it."""
