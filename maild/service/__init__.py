"""The daemon: wiring, roles, pipeline, reload, health."""
