"""Names and places of studies that programs of other tuners run."""

import os
import re
import secrets
from typing import Optional

from .._engine import run_command
from .._errors import CurvewiseError


def storage_or_default(storage: Optional[str] = None) -> str:
    """The database that Curvewise would use."""
    return storage or os.environ.get("CURVEWISE_STORAGE") or "curvewise.db"


def plain_name(name: str) -> str:
    """A name as Curvewise takes it."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name).strip("-.")[:100] or f"study-{secrets.token_hex(4)}"


def exists(name: str, storage: Optional[str] = None) -> bool:
    """Whether a study of this name has begun."""
    try:
        run_command(["status", name, "--storage", storage_or_default(storage)])
    except CurvewiseError as error:
        if error.code in ("STUDY_NOT_FOUND", "STORAGE_NOT_FOUND"):
            return False
        raise
    return True


def free_name(name: str, storage: Optional[str] = None) -> str:
    """A name that no study has: the one that was asked for, or the same with an ending."""
    plain = plain_name(name)
    return f"{plain}-{secrets.token_hex(3)}" if exists(plain, storage) else plain
