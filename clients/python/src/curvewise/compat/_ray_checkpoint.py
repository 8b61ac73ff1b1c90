"""Ray's checkpoints: folders, which are kept as snapshots."""

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional, Union

from .._snapshots import unpacked

_METADATA = ".metadata.json"


class Checkpoint:
    """A folder with a model.

    Attributes:
        path: where it is.
    """

    def __init__(self, path: Union[str, "os.PathLike[str]"], filesystem: Any = None) -> None:
        self.path = os.fspath(path)
        self.filesystem = filesystem

    @classmethod
    def from_directory(cls, path: Union[str, "os.PathLike[str]"]) -> "Checkpoint":
        """The checkpoint that is in a folder."""
        return cls(path)

    @classmethod
    def of_snapshot(cls, file: str, folder: str) -> Optional["Checkpoint"]:
        """The checkpoint that was kept as a snapshot, unpacked in a folder; None if its file is gone."""
        if not os.path.exists(file):
            return None
        found = unpacked(file, folder)
        return None if found is None else cls(found)

    def to_directory(self, path: Union[str, "os.PathLike[str]", None] = None) -> str:
        """Copies it into a folder, by default a new one."""
        target = tempfile.mkdtemp(prefix="checkpoint-") if path is None else os.fspath(path)
        shutil.copytree(self.path, target, dirs_exist_ok=True)
        return target

    @contextmanager
    def as_directory(self) -> Iterator[str]:
        """Its folder, to read from."""
        yield self.path

    def get_metadata(self) -> Dict[str, Any]:
        """What was noted with it."""
        try:
            with open(os.path.join(self.path, _METADATA), encoding="utf-8") as file:
                return dict(json.load(file))
        except FileNotFoundError:
            return {}

    def set_metadata(self, metadata: Dict[str, Any]) -> None:
        """Notes something with it."""
        with open(os.path.join(self.path, _METADATA), "w", encoding="utf-8") as file:
            json.dump(metadata, file)

    def update_metadata(self, metadata: Dict[str, Any]) -> None:
        """Notes more with it."""
        self.set_metadata({**self.get_metadata(), **metadata})
