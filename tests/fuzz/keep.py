"""Keep in a target's corpus those files of a folder that reach lines of maild which the corpus does not reach yet.

    python -m tests.fuzz.keep mail FOLDER

The smallest go first. What `tests.fuzz.guided` has found in an hour shrinks to some dozens of files by this.
"""

import hashlib
import logging
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

import maild
from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).with_name("corpus")
PACKAGE = str(Path(maild.__file__).parent)
OCTETS_MAX = 2_000  # of a file that is kept

Line = tuple[str, int]


def lines_of(target: Callable[[bytes], None], octets: bytes) -> set[Line]:
    """Return which lines of maild a target reaches with these octets."""
    reached: set[Line] = set()

    def look(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            reached.add((frame.f_code.co_filename, frame.f_lineno))
        return look

    sys.settrace(look)
    try:
        target(octets)
    finally:
        sys.settrace(None)
    return reached


def main() -> None:
    """Go through a folder, and say what was kept."""
    name, folder = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    target, corpus = TARGETS[name], CORPUS / name
    known = {line for path in corpus.iterdir() for line in lines_of(target, path.read_bytes())}
    for path in sorted(Path(folder).iterdir(), key=lambda path: (path.stat().st_size, path.name)):
        octets = path.read_bytes()
        if len(octets) <= OCTETS_MAX and (fresh := lines_of(target, octets) - known):
            known |= fresh
            kept = corpus / hashlib.sha256(octets).hexdigest()[:16]
            shutil.copyfile(path, kept)
            sys.stdout.write(f"{kept.name}: {len(fresh)} lines\n")


if __name__ == "__main__":
    main()
