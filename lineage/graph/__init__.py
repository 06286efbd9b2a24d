"""The lineage graph: what it holds, how it is built, how data flows through it."""
