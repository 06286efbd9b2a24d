"""Writing lineage back: plan, then apply."""
