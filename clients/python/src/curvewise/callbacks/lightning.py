"""Lightning: ``Trainer(callbacks=[CurvewiseCallback(trial)], max_epochs=trial.max_steps)``."""

from typing import Any, Dict

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:  # the older name of the package
    from pytorch_lightning.callbacks import Callback

from .._trial import Trial


class CurvewiseCallback(Callback):  # type: ignore[misc]
    """Reports every epoch that was validated, with the metrics that the module has logged.

    Snapshots are Lightning's checkpoints. Go on with ``trainer.fit(model, ckpt_path=trial.resume)``. In distributed
    training the first process talks to Curvewise, and all do as it was told.
    """

    def __init__(self, trial: Trial) -> None:
        trial._counts_from_one("CurvewiseCallback")
        self.trial = trial

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        if trainer.sanity_checking:
            return
        step = trainer.current_epoch + 1
        told = {"action": "continue", "path": ""}
        saving = None
        if trainer.is_global_zero:
            metrics: Dict[str, float] = {
                name: float(value) for name, value in trainer.callback_metrics.items() if value.numel() == 1
            }
            told["action"] = self.trial.report(step, metrics)
            if self.trial.should_save(step):
                saving = self.trial.save(step, ".ckpt")
                told["path"] = saving.__enter__()
        told = trainer.strategy.broadcast(told)
        if told["path"]:
            self._save(trainer, told["path"], saving)
        # Of several processes, those that only train would wait for the first one and time out.
        if told["action"] == "pause" and trainer.world_size == 1 and self.trial.park():
            return
        if told["action"] in ("pause", "stop"):
            trainer.should_stop = True

    @staticmethod
    def _save(trainer: Any, path: str, saving: Any) -> None:
        """Each process takes part; the one that talks to Curvewise hands the file in."""
        if saving is None:
            trainer.save_checkpoint(path)
            return
        try:
            trainer.save_checkpoint(path)
        except BaseException as error:
            saving.__exit__(type(error), error, error.__traceback__)
            raise
        saving.__exit__(None, None, None)
