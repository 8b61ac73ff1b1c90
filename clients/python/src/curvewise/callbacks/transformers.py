"""Hugging Face's Trainer: ``Trainer(.., callbacks=[CurvewiseCallback(trial)])``."""

import os
import shutil
from typing import Any, Dict, Optional

from transformers import TrainerCallback

from .._trial import Trial


class CurvewiseCallback(TrainerCallback):  # type: ignore[misc]
    """Reports every evaluation: ``eval_loss`` and so on. A step is an evaluation, whatever the strategy.

    Snapshots are the Trainer's checkpoint folders, so that optimizer, schedule and random state go on. Go on with
    ``trainer.train(resume_from_checkpoint=trial.resume)``.
    """

    def __init__(self, trial: Trial) -> None:
        trial._counts_from_one("CurvewiseCallback")
        self.trial = trial
        self._step = trial.resume_step
        self._is_saving = False
        self._is_told = False

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Optional[Dict[str, Any]] = None, **kwargs: Any
    ) -> Any:
        # Of the last step too, at which the Trainer itself ends the training; but not of what is evaluated afterwards.
        is_over = self._is_told or self._step == self.trial.max_steps
        if not state.is_world_process_zero or is_over:
            return control
        self._step += 1
        numbers = {name: value for name, value in (metrics or {}).items() if isinstance(value, (int, float))}
        action = self.trial.report(self._step, numbers)
        if self.trial.should_save(self._step):
            control.should_save = self._is_saving = True
        if action in ("pause", "stop"):
            control.should_training_stop = self._is_told = True
        return control

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if not self._is_saving or not state.is_world_process_zero:
            return
        self._is_saving = False
        checkpoint = os.path.join(args.output_dir, f"checkpoint-{state.global_step}")
        with self.trial.save(self._step) as path:
            shutil.copytree(checkpoint, path)
