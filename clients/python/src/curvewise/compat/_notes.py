"""What a person should know about how a program of another tuner is run."""

import sys
from typing import Set

_said: Set[str] = set()


def note(text: str) -> None:
    """Says something on standard error, once."""
    if text in _said:
        return
    _said.add(text)
    print(f"curvewise: {text}", file=sys.stderr, flush=True)
