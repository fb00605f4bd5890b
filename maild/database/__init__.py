"""Connections, dialects, transactions and migrations."""
