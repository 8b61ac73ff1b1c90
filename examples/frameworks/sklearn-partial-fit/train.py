"""scikit-learn's `partial_fit`: a step is one pass over the data."""

import curvewise
from curvewise.callbacks.sklearn import partial_fit
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

trial = curvewise.trial({"eta0": 0.01, "alpha": 1e-4}, max_steps=16)

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = train_test_split(images / 16, labels, test_size=0.3, random_state=0)

model = SGDClassifier(loss="log_loss", learning_rate="constant", random_state=trial.seed, **trial.params)
partial_fit(
    trial,
    model,
    x,
    y,
    lambda fitted: {
        "val_loss": log_loss(y_valid, fitted.predict_proba(x_valid)),
        "accuracy": fitted.score(x_valid, y_valid),
    },
    classes=range(10),
)
