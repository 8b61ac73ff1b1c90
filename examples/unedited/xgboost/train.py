"""XGBoost, as it is: it prints each round, and saves a model every round or two."""

import argparse
import os

import xgboost
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=16)
parser.add_argument("--eta", type=float, default=0.3)
parser.add_argument("--max-depth", type=int, default=6)
parser.add_argument("--subsample", type=float, default=1.0)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--models", default="models")
parser.add_argument("--resume", help="a model that was saved")
args = parser.parse_args()

x, y = make_classification(40_000, 40, n_informative=20, n_classes=8, n_clusters_per_class=2, random_state=0)
x, x_valid, y, y_valid = train_test_split(x, y, test_size=0.2, random_state=0)
train, valid = xgboost.DMatrix(x, y), xgboost.DMatrix(x_valid, y_valid)
done = xgboost.Booster(model_file=args.resume).num_boosted_rounds() if args.resume else 0
os.makedirs(args.models, exist_ok=True)
xgboost.train(
    {
        "objective": "multi:softprob",
        "num_class": 8,
        "eta": args.eta,
        "max_depth": args.max_depth,
        "subsample": args.subsample,
        "seed": args.seed,
    },
    train,
    num_boost_round=args.rounds - done,
    evals=[(valid, "validation")],
    xgb_model=args.resume,
    callbacks=[xgboost.callback.TrainingCheckPoint(args.models, interval=1)],
)
