"""An ensemble of scikit-learn that grows: each step adds two iterations."""

import curvewise
from curvewise.callbacks.sklearn import warm_start
from sklearn.datasets import load_digits
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

trial = curvewise.trial({"learning_rate": 0.1, "max_depth": 2, "subsample": 1.0}, max_steps=9)

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = train_test_split(images, labels, test_size=0.3, random_state=0)

model = GradientBoostingClassifier(random_state=trial.seed, max_features=8, **trial.params)
warm_start(
    trial,
    model,
    x,
    y,
    lambda fitted: {"val_loss": log_loss(y_valid, fitted.predict_proba(x_valid))},
    by=2,
)
