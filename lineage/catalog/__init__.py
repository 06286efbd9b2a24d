"""The embedded catalog: an OpenMetadata-compatible store in one SQLite file.

For development, tests, demos and offline audits; no replacement for the server.
"""
