"""Keras 3: ``model.fit(.., initial_epoch=trial.resume_step, epochs=trial.max_steps, callbacks=[CurvewiseCallback(trial)])``."""

from typing import Any, Mapping, Optional

import keras

from .._trial import Trial


class CurvewiseCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports every epoch, with the metrics of Keras' logs: ``loss``, ``val_loss`` and so on.

    Snapshots are whole models with the state of their optimizers. Go on from ``keras.models.load_model(trial.resume)``
    with ``initial_epoch=trial.resume_step``.
    """

    def __init__(self, trial: Trial) -> None:
        super().__init__()
        trial._counts_from_one("CurvewiseCallback")
        self.trial = trial

    def on_epoch_end(self, epoch: int, logs: Optional[Mapping[str, Any]] = None) -> None:
        step = epoch + 1
        action = self.trial.report(step, dict(logs or {}))
        if self.trial.should_save(step):
            with self.trial.save(step, ".keras") as path:
                self.model.save(path)
        if action == "stop" or (action == "pause" and not self.trial.park()):
            self.model.stop_training = True
