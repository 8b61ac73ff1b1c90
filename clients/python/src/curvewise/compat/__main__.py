"""Runs a program with stand-ins for the tuner that it was written for: ``python -m curvewise.compat train.py``."""

import argparse
import importlib
import os
import runpy
import sys
from typing import Dict, List, Tuple

from .._errors import CurvewiseError
from ._importing import StandIn, install
from ._reports import name_metric

#: The modules of this package by the names that programs import. wandb only if it is asked for: many programs that
#: are not part of a W&B sweep log to it.
TOOLS: Dict[str, str] = {
    "optuna": "optuna",
    "ray": "ray",
    "syne_tune": "syne_tune",
    "nni": "nni",
    "orion": "orion",
    "hydra": "hydra",
    "wandb": "wandb",
}
USUAL = [name for name in TOOLS if name != "wandb"]


def stand_in_for(tool: str) -> StandIn:
    """What stands for a tool.

    Raises:
        CurvewiseError: ``TOOL_UNKNOWN``.
    """
    if tool not in TOOLS:
        raise CurvewiseError("TOOL_UNKNOWN", f"there is no stand-in for {tool}", f"There are {', '.join(TOOLS)}.")
    stand_in: StandIn = importlib.import_module(f"curvewise.compat.{TOOLS[tool]}").stand_in()
    return stand_in


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m curvewise.compat",
        usage="%(prog)s [--as NAMES] [--metric NAME] (program.py | -m module) [arguments]",
        description="Runs a program that was written for another tuner as a trial of Curvewise.",
        allow_abbrev=False,
    )
    parser.add_argument("--as", dest="tools", metavar="NAMES", help=f"which to stand in for: {', '.join(TOOLS)}")
    parser.add_argument("--metric", metavar="NAME", help="what to call reports that have no name")
    return parser


def _split(arguments: List[str]) -> Tuple[List[str], List[str]]:
    """This command's own options, and the program with its arguments."""
    rest = list(arguments)
    own: List[str] = []
    while rest and rest[0].startswith("--") or rest[:1] == ["-h"]:
        option = rest.pop(0)
        own.append(option)
        if option in ("--as", "--metric") and rest:
            own.append(rest.pop(0))
    return own, rest


def _run(program: List[str]) -> None:
    if program[0] == "-m":
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        return
    sys.argv = program
    # As Python itself has it, in place of the folder that `-m` put there.
    sys.path[0] = os.path.dirname(os.path.abspath(program[0]))
    runpy.run_path(program[0], run_name="__main__")


def main(arguments: List[str]) -> None:
    """Runs a program with stand-ins."""
    parser = _options()
    own, program = _split(arguments)
    given = parser.parse_args(own)
    if not program or program == ["-m"]:
        parser.error("say which program to run")
    if program[0] != "-m" and not os.path.isfile(program[0]):
        parser.error(f"there is no program {program[0]}")
    tools = USUAL if given.tools is None else [each.strip() for each in given.tools.split(",") if each.strip()]
    try:
        install([stand_in_for(each.replace("-", "_")) for each in tools])
    except CurvewiseError as error:
        parser.error(str(error))
    name_metric(given.metric)
    _run(program)


if __name__ == "__main__":
    main(sys.argv[1:])
