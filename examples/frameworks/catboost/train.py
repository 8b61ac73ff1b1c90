"""CatBoost; a step is an iteration. Its callbacks see no model, so that one is saved only when a training ends."""

import curvewise
from catboost import CatBoostClassifier
from curvewise.callbacks.catboost import CurvewiseCallback
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

trial = curvewise.trial({"learning_rate": 0.3, "depth": 4, "l2_leaf_reg": 3.0}, max_steps=16)

images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = train_test_split(images, labels, test_size=0.3, random_state=0)

callback = CurvewiseCallback(trial)
model = CatBoostClassifier(
    loss_function="MultiClass",
    iterations=trial.max_steps - trial.resume_step,
    random_seed=trial.seed,
    thread_count=1,
    use_best_model=False,
    allow_writing_files=False,
    verbose=False,
    **trial.params,
)
model.fit(x, y, eval_set=(x_valid, y_valid), callbacks=[callback], init_model=trial.resume)
callback.save(model)
