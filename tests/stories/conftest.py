"""Desks for the stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The example's desk, up and running."""
    running = Desk(tmp_path).start()
    yield running
    running.close()
