"""Studies of Optuna that are created, loaded and deleted by name."""

import re
import secrets
from typing import Any, Optional, Sequence

from .._engine import run_command
from .._errors import CurvewiseError
from ._names import exists, free_name, plain_name, storage_or_default
from ._optuna_study import Study, several
from ._optuna_trial import OptunaError
from ._reports import current, in_program, unsupported


class DuplicatedStudyError(OptunaError):
    """A study of this name has begun."""


def _word(direction: Any) -> str:
    name = str(getattr(direction, "name", direction)).lower()
    if name not in ("minimize", "maximize"):
        raise ValueError(f"Please set either 'minimize' or 'maximize' to direction. You can also set {direction}.")
    return name


def _storage(storage: Any) -> Optional[str]:
    """Curvewise's database for a storage of Optuna: beside its file, since one cannot read the other's."""
    if storage is None:
        return None
    url = getattr(storage, "url", storage)
    if not isinstance(url, str):
        inner = getattr(getattr(storage, "_backend", None), "_file_path", None)
        if inner is None:
            raise unsupported(f"the storage {type(storage).__name__}", "Give no storage, or sqlite:///study.db.")
        url = f"sqlite:///{inner}"
    found = re.fullmatch(r"sqlite(?:\+\w+)?:///(.+)", url)
    if found is None:
        raise unsupported(
            "a storage other than SQLite's", "Leave it out, and name a database of Curvewise in CURVEWISE_STORAGE."
        )
    return re.sub(r"\.\w+$", "", found.group(1)) + ".curvewise.db"


def create_study(
    *,
    storage: Any = None,
    sampler: Any = None,
    pruner: Any = None,
    study_name: Optional[str] = None,
    direction: Any = None,
    load_if_exists: bool = False,
    directions: Optional[Sequence[Any]] = None,
) -> Study:
    """A study; without ``storage`` it is a new one in ``curvewise.db``.

    Raises:
        DuplicatedStudyError: there is one of this name in this storage.
        CurvewiseError: ``NOT_SUPPORTED``.
    """
    if directions is not None and len(directions) != 1:
        raise several()
    word = _word(direction or (directions[0] if directions else "minimize"))
    if in_program():
        return Study(current().trial.study, None, word, sampler, pruner)
    place = _storage(storage)
    if study_name is None:
        return Study(f"study-{secrets.token_hex(4)}", place, word, sampler, pruner)
    if storage is None:
        return Study(free_name(study_name), None, word, sampler, pruner)
    name = plain_name(study_name)
    known = exists(name, place)
    if known and not load_if_exists:
        raise DuplicatedStudyError(f"Another study with name '{study_name}' already exists.")
    return Study(name, place, word, sampler, pruner, is_new=not known)


def load_study(
    *, study_name: Optional[str], storage: Any, sampler: Any = None, pruner: Any = None
) -> Study:
    """A study that has begun; in a trial of ``curvewise run``, that of the trial.

    Raises:
        KeyError: there is none, as in Optuna.
    """
    if in_program():
        return Study(current().trial.study, None, "minimize", sampler, pruner)
    place = _storage(storage)
    name = plain_name(study_name or "")
    try:
        told = run_command(["status", name, "--storage", storage_or_default(place)])["studies"][0]
    except CurvewiseError as error:
        if error.code not in ("STUDY_NOT_FOUND", "STORAGE_NOT_FOUND"):
            raise
        raise KeyError("Record does not exist.") from None
    return Study(name, place, str(told["goal"]["direction"]), sampler, pruner, is_new=False)


def delete_study(*, study_name: str, storage: Any) -> None:
    """Removes a study; nothing in a trial of ``curvewise run``, whose study it is not.

    Raises:
        KeyError: there is none, as in Optuna.
    """
    if in_program():
        return
    place = storage_or_default(_storage(storage))
    if not exists(plain_name(study_name), place):
        raise KeyError("Record does not exist.")
    run_command(["delete", plain_name(study_name), "--storage", place, "--yes"], reads=False)
