"""Fuzz one target, led by the branches that its octets reach: needs `pip install atheris` and no other preparation.

    python -m tests.fuzz.guided mail -max_total_time=600 FOLDER tests/fuzz/corpus/mail

The rest of the line is libFuzzer's, which leaves in FOLDER what leads further. What breaks a target belongs into its
corpus, where a test reads it ever after; so does what `tests.fuzz.keep` picks out of FOLDER.
"""

import logging
import sys

import atheris
import structlog

with atheris.instrument_imports(include=["maild"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Run until libFuzzer's limits, or the first fault."""
    name, *rest = sys.argv[1:]
    target = TARGETS[name]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    atheris.Setup([sys.argv[0], *rest], lambda octets: target(bytes(octets)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
