"""XGBoost; a step is a round, and a snapshot is a model of that many rounds."""

import curvewise
import xgboost
from curvewise.callbacks.xgboost import CurvewiseCallback
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

trial = curvewise.trial({"eta": 0.3, "max_depth": 4, "subsample": 1.0}, max_steps=16)

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = train_test_split(images, labels, test_size=0.3, random_state=0)
train, valid = xgboost.DMatrix(x, y), xgboost.DMatrix(x_valid, y_valid)

params = {"objective": "multi:softprob", "num_class": 10, "nthread": 1, "seed": trial.seed, **trial.params}
xgboost.train(
    params,
    train,
    num_boost_round=trial.max_steps - trial.resume_step,
    evals=[(train, "train"), (valid, "valid")],
    callbacks=[CurvewiseCallback(trial)],
    xgb_model=trial.resume,
    verbose_eval=False,
)
