"""Import hooks that give a program the stand-ins under the names that it imports."""

import importlib.machinery
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Callable, Dict, Mapping, Optional, Sequence, cast

from .._errors import CurvewiseError

Names = Mapping[str, object]


@dataclass(frozen=True)
class StandIn:
    """What stands for a package.

    Attributes:
        package: the name that programs import.
        replaced: by module, what stands there even where the real package is installed, which has all the rest.
        added: by module, what stands there besides if the real package is not installed.
        on_import: called when a program imports the package.
        whole: the module that stands for all of the package, which is then not imported even if it is installed.
    """

    package: str
    replaced: Mapping[str, Names] = field(default_factory=dict)
    added: Mapping[str, Names] = field(default_factory=dict)
    on_import: Optional[Callable[[], None]] = None
    whole: Optional[ModuleType] = None

    def names(self, module: str) -> Optional[Dict[str, object]]:
        """What a module has without the real package; None if there is no such module."""
        if not any(f"{each}.".startswith(f"{module}.") for each in [*self.replaced, *self.added]):
            return None
        return {**self.added.get(module, {}), **self.replaced.get(module, {})}


class NotCovered(CurvewiseError, ModuleNotFoundError):
    """A module that the stand-in lacks, of a package that is not installed."""


class _NameNotCovered(CurvewiseError, AttributeError):
    """A name that the stand-in lacks, of a package that is not installed."""


def _missing(package: str, name: str) -> "tuple[str, str, str]":
    return (
        "NOT_SUPPORTED",
        f"{name} is not part of curvewise.compat",
        f"Install {package.replace('_', '-')}: then the rest of it is used as it is.",
    )


class _Patching:
    """Loads a real module, and then replaces names in it."""

    def __init__(self, loader: Any, names: Names, done: Optional[Callable[[], None]]) -> None:
        self._loader = loader
        self._names = names
        self._done = done

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The module itself must find its own loader, for files beside it.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        vars(module).update(self._names)
        if self._done is not None:
            self._done()


class _Making:
    """Makes a module of a package that is not installed."""

    def __init__(self, package: str, names: Names, done: Optional[Callable[[], None]]) -> None:
        self._package = package
        self._names = names
        self._done = done

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """The import system makes an ordinary one."""

    def exec_module(self, module: ModuleType) -> None:
        def absent(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            raise _NameNotCovered(*_missing(self._package, f"{module.__name__}.{name}"))

        vars(module).update(self._names, __path__=[], __getattr__=absent)
        if self._done is not None:
            self._done()


class Finder:
    """Finds the modules of packages that have a stand-in."""

    def __init__(self, stand_ins: Sequence[StandIn]) -> None:
        self._stand_ins = {each.package: each for each in stand_ins if each.whole is None}

    def find_spec(
        self, name: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        """The real module with names replaced, or one that is made; None if the others are to find it."""
        package = name.partition(".")[0]
        stand_in = self._stand_ins.get(package)
        if stand_in is None:
            return None
        done = stand_in.on_import if name == package else None
        real = self._real(name, path, target)
        if real is not None:
            names = stand_in.replaced.get(name, {})
            if names or done is not None:
                real.loader = cast(Any, _Patching(real.loader, names, done))
            return real
        made = stand_in.names(name)
        parent = sys.modules.get(name.rpartition(".")[0])
        if made is not None:
            return importlib.machinery.ModuleSpec(name, cast(Any, _Making(package, made, done)), is_package=True)
        if parent is not None and isinstance(getattr(parent.__spec__, "loader", None), _Making):
            raise NotCovered(*_missing(package, name))
        return None

    def _real(
        self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType]
    ) -> Optional[importlib.machinery.ModuleSpec]:
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: Optional[importlib.machinery.ModuleSpec] = find(name, path, target)
            # A folder without __init__.py, such as ./wandb, is not the package.
            if spec is not None and spec.loader is not None and spec.origin is not None:
                return spec
        return None


def install(stand_ins: Sequence[StandIn]) -> None:
    """Has this process import stand-ins from now on."""
    sys.meta_path.insert(0, cast(Any, Finder(stand_ins)))
    for stand_in in stand_ins:
        if stand_in.whole is not None:
            sys.modules[stand_in.package] = stand_in.whole
        for module, names in stand_in.replaced.items():
            if module in sys.modules:
                vars(sys.modules[module]).update(names)
