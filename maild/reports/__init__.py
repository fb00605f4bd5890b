"""Figures of the service, drawn from the store."""
