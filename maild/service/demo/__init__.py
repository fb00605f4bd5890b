"""The demonstration: a whole desk on this machine alone, and people who write to it."""
