"""What holds for every test."""

import logging
import os
import sys

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.support.postgresql import start_postgresql

# What a property test says of a commit does not depend on the speed of a machine, nor on luck: examples are drawn alike
# each time. `make soak` explores others.
settings.register_profile(
    "maild",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=not os.environ.get("MAILD_EXPLORE"),
    print_blob=True,
)
settings.load_profile("maild")


def _quietly_to_stderr() -> None:
    """Log to a stream that stays open: services run in threads beside commands whose output is taken for a moment."""
    structlog.reset_defaults()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))


_quietly_to_stderr()


@pytest.fixture(autouse=True)
def _own_log():
    """What one test does to the log does not reach the next."""
    yield
    _quietly_to_stderr()
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)
    logging.getLogger("maild").setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def postgresql_url():
    """The url of the database on a server for all tests of a run; whoever uses it empties it first."""
    with start_postgresql() as url:
        yield url
