"""Values: references, entities, edges, snapshots. Plain, frozen, without input or output."""
