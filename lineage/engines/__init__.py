"""Engines: the audit of tables that outgrow memory or one machine."""
