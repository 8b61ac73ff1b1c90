"""Stands for Syne Tune's side in a training script: ``Reporter``, arguments by name, and ``--st_checkpoint_dir``.

What is reported besides the step becomes a metric. The step is ``epoch`` if that is reported, else the number of the
report.
"""

import os
import shutil
import sys
from typing import Any, Dict, List, Optional

from .._errors import CurvewiseError
from ._importing import StandIn
from ._reports import TrainingEnded, current, in_program, numbers_of

_STEP = "epoch"
_CHECKPOINTS = "st_checkpoint_dir"


def _checkpoints() -> str:
    """The folder for checkpoints, with those of the model to go on from."""
    trial = current().trial
    folder = os.path.join(os.path.abspath(trial.dir), "st-checkpoint")
    shutil.rmtree(folder, ignore_errors=True)
    if trial.resume is not None and os.path.isdir(trial.resume):
        shutil.copytree(trial.resume, folder)
    else:
        os.makedirs(folder)
    return folder


_folder: Optional[str] = None


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def add_arguments() -> None:
    """Appends what Syne Tune would: the params, and the folder for checkpoints, unless they are there already.

    Booleans and numbers are written as Python writes them, since scripts parse them so.
    """
    global _folder
    if not in_program() or _folder is not None:
        return
    _folder = _checkpoints()
    given = {each[2:].partition("=")[0] for each in sys.argv[1:] if each.startswith("--")}
    added: List[str] = []
    for name, value in {**current().trial.params, _CHECKPOINTS: _folder}.items():
        if name not in given and name.replace("_", "-") not in given:
            added += [f"--{name}", _text_of(value)]
    sys.argv.extend(added)


class Reporter:
    """Reports metrics by name: ``report = Reporter(); report(epoch=1, loss=0.3)``.

    Args:
        add_time: as in Syne Tune; Curvewise keeps the times itself.
    """

    def __init__(self, add_time: bool = True) -> None:
        self.add_time = add_time

    def __call__(self, **kwargs: Any) -> None:
        """Reports, and hands in the folder of checkpoints if that is wanted now.

        Raises:
            TrainingEnded: the training was told to pause or stop, or is at its last step.
            CurvewiseError: ``REPORT_INVALID``.
        """
        wrong = [name for name, value in kwargs.items() if name.startswith("st_") or value is None]
        if wrong:
            raise CurvewiseError(
                "REPORT_INVALID",
                f"{', '.join(wrong)} cannot be reported",
                "Values are not None, and names that begin with st_ are Syne Tune's own.",
            )
        reports = current()
        metrics = numbers_of(kwargs)
        number = metrics.pop(_STEP) if _STEP in metrics and len(metrics) > 1 else None
        reports.report(metrics, number)
        step = reports.trial._last_step
        if _folder is not None and os.listdir(_folder) and reports.trial.should_save(step):
            with reports.trial.save(step) as path:
                shutil.copytree(_folder, path)
        if reports.is_over():
            raise TrainingEnded()


def add_config_json_to_argparse(parser: Any) -> None:
    """As in Syne Tune, for scripts that take their params from a file."""
    parser.add_argument("--config_json", type=str)


def add_checkpointing_to_argparse(parser: Any) -> None:
    """As in ``syne_tune.utils``: the argument for the folder of checkpoints."""
    parser.add_argument(f"--{_CHECKPOINTS}", type=str)


def stand_in() -> StandIn:
    """What stands for ``syne_tune``."""
    reporter: Dict[str, object] = {"Reporter": Reporter}
    return StandIn(
        "syne_tune",
        {"syne_tune": reporter, "syne_tune.report": reporter},
        {"syne_tune.utils": {"add_checkpointing_to_argparse": add_checkpointing_to_argparse}},
        add_arguments,
    )
