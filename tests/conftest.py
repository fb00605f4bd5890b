"""What holds for every test."""

import logging

import pytest
import structlog


@pytest.fixture(autouse=True)
def _own_log():
    """What one test does to the log does not reach the next."""
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)
    logging.getLogger("maild").setLevel(logging.NOTSET)
