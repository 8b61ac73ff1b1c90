"""fastai: ``learn.fit(trial.max_steps, cbs=CurvewiseCallback(trial))``."""

from typing import Any

from fastai.callback.core import Callback, CancelFitException

from .._trial import Trial


class CurvewiseCallback(Callback):  # type: ignore[misc]
    """Reports every epoch, with the metrics of fastai's recorder: ``train_loss``, ``valid_loss`` and so on.

    Snapshots are what ``learn.save`` writes, with the optimizer. To go on, make the callback first: it loads them when
    the training begins. Train with ``learn.fit(trial.max_steps - trial.resume_step, ..)``. The learning rate, momentum
    and so on are those of the learner, not those that were saved: in a population they are other ones.
    """

    #: After the recorder.
    order = 60

    def __init__(self, trial: Trial) -> None:
        super().__init__()
        trial._counts_from_one("CurvewiseCallback")
        self.trial = trial

    def before_fit(self) -> None:
        if self.trial.resume is not None:
            own = [dict(each) for each in self.learn.opt.hypers]
            self.learn.load(self.trial.resume[: -len(".pth")], with_opt=True)
            self.learn.opt.hypers = own

    def after_epoch(self) -> None:
        step = self.trial.resume_step + self.epoch + 1
        names = self.recorder.metric_names[1:]
        metrics = {name: float(value) for name, value in zip(names, self.recorder.log[1:]) if _is_number(value)}
        action = self.trial.report(step, metrics)
        if self.trial.should_save(step):
            with self.trial.save(step, ".pth") as path:
                self.learn.save(path[: -len(".pth")], with_opt=True)
        if action == "stop" or (action == "pause" and not self.trial.park()):
            raise CancelFitException


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
