"""Saved models: written beside, renamed into place; folders are packed, since a snapshot is one file."""

import glob
import os
import shutil
import tarfile
import tempfile
from typing import Callable, Iterator, Optional
from contextlib import contextmanager

from ._errors import CurvewiseError

#: The end of the names of files that hold a packed folder: one ending, since copies for other trials keep the last one.
FOLDER_SUFFIX = ".folder-tar"
_EARLIER_SUFFIX = ".folder.tar"
_UNPACKED = "unpacked-"


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        try:
            os.remove(path)
        except OSError:
            pass


def _written(partial: str) -> str:
    """What was written: the path that was given, or the same with an ending, as NumPy and others append."""
    if os.path.exists(partial):
        return partial
    others = glob.glob(glob.escape(partial) + ".*")
    if len(others) == 1:
        return others[0]
    raise CurvewiseError(
        "SNAPSHOT_MISSING", "nothing was saved", "Write a file or a folder to the path that trial.save gives."
    )


def _synced(path: str) -> None:
    """Has a file on the disk before it is named: a host that loses power must not keep the name of an empty file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _free_name(folder: str, name: str, suffix: str) -> str:
    """A path in a folder that does not exist yet: a snapshot's file never changes after it was handed in."""
    count = 1
    while True:
        path = os.path.join(folder, f"{name}{'' if count == 1 else f'-{count}'}{suffix}")
        if not os.path.lexists(path):
            return path
        count += 1


@contextmanager
def saving(folder: str, name: str, suffix: str, hand_in: Callable[[str], None]) -> Iterator[str]:
    """Gives a path to write a file or a folder to, then renames it into place and hands it in.

    If the block raises, whatever was written is removed and nothing is handed in.
    """
    os.makedirs(folder, exist_ok=True)
    beside = tempfile.mkdtemp(prefix=".saving-", dir=folder)
    try:
        partial = os.path.join(beside, f"{name}{suffix}")
        yield partial
        written = _written(partial)
        if os.path.isdir(written):
            packed = partial + FOLDER_SUFFIX
            with tarfile.open(packed, "w") as archive:
                archive.add(written, arcname=".")
            written, ending = packed, suffix + FOLDER_SUFFIX
        else:
            ending = suffix + written[len(partial) :]
        _synced(written)
        final = _free_name(folder, name, ending)
        os.rename(written, final)
    finally:
        _remove(beside)
    hand_in(final)


def unpacked(path: Optional[str], folder: str) -> Optional[str]:
    """The path of a snapshot as it was saved: a packed folder is unpacked below the trial's folder first."""
    if path is None or not path.endswith((FOLDER_SUFFIX, _EARLIER_SUFFIX)):
        return path
    remove_unpacked(folder)
    os.makedirs(folder, exist_ok=True)
    target = tempfile.mkdtemp(prefix=_UNPACKED, dir=folder)
    with tarfile.open(path) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(target, filter="data")
        else:
            archive.extractall(target)
    return target


def remove_unpacked(folder: str) -> None:
    """Removes what `unpacked` left in a trial's folder."""
    for path in glob.glob(os.path.join(glob.escape(folder), _UNPACKED + "*")):
        _remove(path)
