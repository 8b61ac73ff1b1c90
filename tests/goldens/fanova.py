"""How trees of scikit-learn divide their variance by Optuna 5.0.0's fANOVA, for src/importance/fanova.

Run in an environment with optuna==5.0.0 and scikit-learn: python3 fanova.py > fanova.json
"""

import json

import numpy
import optuna
import sklearn
from optuna.importance._fanova._tree import _FanovaTree
from sklearn.tree import DecisionTreeRegressor

FEATURES = 4


def case(seed, count, depth):
    draw = numpy.random.RandomState(seed)
    rows = draw.uniform(size=(count, FEATURES))
    # One feature with few values, as that of a list.
    rows[:, 3] = (numpy.floor(rows[:, 3] * 3) + 0.5) / 3
    targets = numpy.sin(6 * rows[:, 0]) + rows[:, 1] * rows[:, 3] + 0.1 * draw.normal(size=count)
    fitted = DecisionTreeRegressor(max_depth=depth, random_state=seed).fit(rows, targets).tree_
    tree = _FanovaTree(fitted, numpy.array([[0.0, 1.0]] * FEATURES))
    single = [float(tree.get_marginal_variance(numpy.array([each]))) for each in range(FEATURES)]
    pairs = []
    for first in range(FEATURES):
        for second in range(first + 1, FEATURES):
            joint = float(tree.get_marginal_variance(numpy.array([first, second])))
            pairs.append({"features": [first, second], "variance": joint - single[first] - single[second]})
    leaf = fitted.children_left < 0
    return {
        "feature": numpy.where(leaf, -1, fitted.feature).tolist(),
        "cut": numpy.where(leaf, 0, fitted.threshold).tolist(),
        "left": numpy.where(leaf, 0, fitted.children_left).tolist(),
        "right": numpy.where(leaf, 0, fitted.children_right).tolist(),
        "mean": fitted.value.reshape(-1).tolist(),
        "total": float(tree.variance),
        "single": single,
        "pairs": pairs,
    }


cases = [case(1, 60, None), case(2, 200, 6), case(3, 5, 1), case(4, 40, None)]
print(json.dumps({"optuna": optuna.__version__, "sklearn": sklearn.__version__, "cases": cases}))
