"""SQL, OpenLineage events, and what of it was not used."""
