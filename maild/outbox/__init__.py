"""Committed mail on its way to the smarthost."""
