"""Where the modules and tables are that a study names."""

import os
from typing import Any, Mapping, Optional, Sequence, Union

#: A name, or a name with its options: ``"asha"``, ``{"asha": {"minSteps": 2}}``.
Choice = Union[str, Mapping[str, Any]]
#: ``"auto"``, studies and tables, or a mapping with ``from``, ``first`` and ``columns``.
Transfer = Union[str, Sequence[str], Mapping[str, Any]]


def located(choice: Optional[Choice]) -> Optional[Choice]:
    """A choice whose module, if it is a file, is named by its absolute path: the study file is elsewhere."""
    if choice is None or isinstance(choice, str) or not str(choice.get("module", "")).startswith("."):
        return choice
    return {**choice, "module": os.path.abspath(str(choice["module"]))}


def located_transfer(given: Optional[Transfer]) -> Optional[Transfer]:
    """What a study begins with; tables are named by their absolute paths: the study file is elsewhere."""
    if given is None or given == "auto":
        return given
    if isinstance(given, Mapping):
        return {**given, "from": located_transfer(given.get("from", "auto"))}
    names = [given] if isinstance(given, str) else given
    return [os.path.abspath(each) if _is_table(each) else each for each in names]


def _is_table(name: str) -> bool:
    """Whether a name is that of a file, not of a study."""
    return "/" in name or "\\" in name or name.lower().endswith((".csv", ".jsonl", ".ndjson"))
