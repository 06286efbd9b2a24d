"""Changes: what models declare against what the server records."""
