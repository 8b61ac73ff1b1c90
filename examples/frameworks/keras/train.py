"""Keras 3, on whichever backend is installed; snapshots are whole models with the state of their optimizers."""

import curvewise
import keras
from curvewise.callbacks.keras import CurvewiseCallback
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

trial = curvewise.trial({"lr": 0.1, "momentum": 0.9, "width": 32}, max_steps=16)
keras.utils.set_random_seed(trial.seed)

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = train_test_split(images / 16, labels, test_size=0.3, random_state=0)

if trial.resume:
    model = keras.models.load_model(trial.resume)
    model.optimizer.learning_rate = trial.params["lr"]  # in a population, another one than the saved model had
else:
    model = keras.Sequential(
        [
            keras.layers.Input((64,)),
            keras.layers.Dense(trial.params["width"], "relu"),
            keras.layers.Dense(10, "softmax"),
        ]
    )
    optimizer = keras.optimizers.SGD(trial.params["lr"], trial.params["momentum"])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])

model.fit(
    x,
    y,
    batch_size=64,
    validation_data=(x_valid, y_valid),
    initial_epoch=trial.resume_step,
    epochs=trial.max_steps,
    callbacks=[CurvewiseCallback(trial)],
    verbose=0,
)
