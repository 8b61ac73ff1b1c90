"""Algorithms of other tuners by their names and options, which are mapped to Curvewise's."""

import inspect
from typing import Any, Dict, Mapping, Sequence, Tuple, Type


class Recorded:
    """An algorithm of another tuner: what it is called, and with which options.

    Attributes:
        options: the arguments by name, with the defaults that its signature has.
    """

    #: The arguments' names, for those that come without one, with their defaults.
    signature: Sequence[Tuple[str, Any]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        names = [name for name, _ in self.signature]
        if len(args) > len(names):
            raise TypeError(f"{type(self).__name__} takes {len(names)} arguments, but got {len(args)}")
        self.options: Dict[str, Any] = {**dict(self.signature), **dict(zip(names, args)), **kwargs}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.options.items())})"


def recorded(name: str, **signature: Any) -> Type[Recorded]:
    """A class for an algorithm, by the arguments that matter, in their order, and their defaults."""
    return type(name, (Recorded,), {"signature": tuple(signature.items()), "__doc__": f"Stands for ``{name}``."})


def by_name(*classes: Type[Recorded]) -> Dict[str, object]:
    """Classes as the names of a module."""
    return {each.__name__: each for each in classes}


def options_of(algorithm: object) -> Mapping[str, Any]:
    """The options of a recorded algorithm, or as far as they can be seen of a real one."""
    if algorithm is None:
        return {}
    if isinstance(algorithm, Recorded):
        return algorithm.options
    found: Dict[str, Any] = {}
    for name in inspect.signature(type(algorithm)).parameters:
        for attribute in (name, f"_{name}"):
            if hasattr(algorithm, attribute):
                found[name] = getattr(algorithm, attribute)
                break
    return found
