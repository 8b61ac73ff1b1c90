"""Keras, as it is: it prints its progress bar, and saves a model after each epoch."""

import argparse
import os
import re

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=16)
parser.add_argument("--learning-rate", type=float, default=0.01)
parser.add_argument("--units", type=int, default=32)
parser.add_argument("--dropout", type=float, default=0.0)
parser.add_argument("--models", default="models")
parser.add_argument("--resume", help="a model that was saved")
args = parser.parse_args()

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = train_test_split(images / 16, labels, test_size=0.3, random_state=0)
done = 0
if args.resume:
    model = keras.models.load_model(args.resume)
    done = int(re.search(r"epoch-(\d+)", args.resume)[1])
else:
    model = keras.Sequential(
        [
            keras.layers.Input((64,)),
            keras.layers.Dense(args.units, "relu"),
            keras.layers.Dropout(args.dropout),
            keras.layers.Dense(10, "softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(args.learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    x,
    y,
    batch_size=16,
    validation_data=(x_valid, y_valid),
    initial_epoch=done,
    epochs=args.epochs,
    callbacks=[keras.callbacks.ModelCheckpoint(os.path.join(args.models, "epoch-{epoch}.keras"))],
)
