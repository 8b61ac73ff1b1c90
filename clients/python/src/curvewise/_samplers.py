"""Which samplers the engine has."""

from typing import List, Sequence

from ._engine import run_command


def known_samplers() -> List[str]:
    """The names of the engine's samplers."""
    return [str(each["name"]) for each in run_command(["samplers"])["samplers"]]


def first_known(names: Sequence[str]) -> str:
    """The first of several samplers that the engine has; ``random`` if it has none of them."""
    known = known_samplers()
    return next((each for each in names if each in known), "random")
