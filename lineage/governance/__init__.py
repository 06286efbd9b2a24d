"""Governance: sensitivity, masking, verdicts."""
