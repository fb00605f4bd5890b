"""The commands, one verb a module."""
