"""Ray's side in a trainable: ``tune.report``, ``tune.get_checkpoint``, ``tune.get_context``."""

import os
import shutil
from typing import Any, Dict, Mapping, Optional

from ._ray_checkpoint import Checkpoint
from ._reports import TrainingEnded, current, in_program, numbers_of


def report(metrics: Mapping[str, Any], checkpoint: Optional[Any] = None, **_options: Any) -> None:
    """Reports the next step, and keeps the checkpoint.

    In a trial of ``curvewise run``, only one that is wanted to go on from, and the last one.

    Raises:
        TrainingEnded: the training was told to pause or stop, or is at its last step.
    """
    reports = current()
    reports.report(numbers_of(metrics))
    step = reports.trial._last_step
    is_wanted = not in_program() or reports.trial.should_save(step) or reports.trial._is_complete()
    if checkpoint is not None and is_wanted:
        with reports.trial.save(step) as path:
            shutil.copytree(checkpoint.path, path)
    if reports.is_over():
        raise TrainingEnded()


def get_checkpoint() -> Optional[Checkpoint]:
    """The checkpoint to go on from; None: begin from scratch."""
    resume = current().trial.resume
    return None if resume is None else Checkpoint(resume)


class Context:
    """Which trial this is."""

    def get_trial_id(self) -> str:
        """The trial's number, as text."""
        return str(current().trial.number)

    def get_trial_name(self) -> str:
        """The study's name and the trial's number."""
        trial = current().trial
        return f"{trial.study or 'trial'}_{trial.number}"

    def get_trial_dir(self) -> str:
        """The trial's folder, which exists."""
        folder = os.path.abspath(current().trial.dir)
        os.makedirs(folder, exist_ok=True)
        return folder

    def get_experiment_name(self) -> str:
        """The study's name."""
        return current().trial.study

    def get_trial_resources(self) -> Dict[str, float]:
        """Curvewise reserves nothing by itself."""
        return {}

    def get_world_size(self) -> int:
        """A function trainable is one process."""
        return 1

    def get_world_rank(self) -> int:
        """A function trainable is one process."""
        return 0

    get_local_rank = get_node_rank = get_world_rank
    get_local_world_size = get_world_size


def get_context() -> Context:
    """Which trial this is."""
    return Context()
