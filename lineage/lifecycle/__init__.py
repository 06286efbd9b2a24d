"""Lifecycle systems: what the tools that make models hold of models, features and data."""
