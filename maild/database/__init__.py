"""The connection to SQLite or PostgreSQL, its transactions, and the versions of its tables."""
