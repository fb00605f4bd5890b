"""The service figures."""
