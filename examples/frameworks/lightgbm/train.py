"""LightGBM; a step is a round, and a snapshot is a model of that many rounds."""

import curvewise
import lightgbm
from curvewise.callbacks.lightgbm import CurvewiseCallback
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

trial = curvewise.trial({"learning_rate": 0.1, "num_leaves": 15, "feature_fraction": 1.0}, max_steps=16)

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = train_test_split(images, labels, test_size=0.3, random_state=0)
train = lightgbm.Dataset(x, y)

params = {"objective": "multiclass", "num_class": 10, "num_threads": 1, "seed": trial.seed, "verbose": -1}
lightgbm.train(
    {**params, **trial.params},
    train,
    num_boost_round=trial.max_steps - trial.resume_step,
    valid_sets=[lightgbm.Dataset(x_valid, y_valid, reference=train)],
    valid_names=["valid"],
    callbacks=[CurvewiseCallback(trial)],
    init_model=trial.resume,
)
