"""LightGBM, as it is: it prints each round, and saves its model at the end only."""

import argparse

import lightgbm
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=16)
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--num-leaves", type=int, default=31)
parser.add_argument("--model", default="model.txt")
args = parser.parse_args()

x, y = make_classification(10_000, 20, n_informative=10, n_classes=8, n_clusters_per_class=2, random_state=0)
x, x_valid, y, y_valid = train_test_split(x, y, test_size=0.2, random_state=0)
train = lightgbm.Dataset(x, y)
model = lightgbm.train(
    {
        "objective": "multiclass",
        "num_class": 8,
        "learning_rate": args.learning_rate,
        "num_leaves": args.num_leaves,
        "num_threads": 1,
        "verbose": -1,
    },
    train,
    num_boost_round=args.rounds,
    valid_sets=[lightgbm.Dataset(x_valid, y_valid, reference=train)],
    callbacks=[lightgbm.log_evaluation()],
)
model.save_model(args.model)
