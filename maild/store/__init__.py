"""The desk's tables: a decision goes in whole or not at all, a snapshot comes out."""
