"""OpenMetadata's REST API: the client, the payloads, the reader."""
