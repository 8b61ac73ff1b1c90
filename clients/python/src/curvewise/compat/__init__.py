"""Stand-ins for other tuners, under which programs that report to them run unchanged.

``python -m curvewise.compat train.py`` runs a program with the stand-ins in place of ``optuna``, ``ray.tune``,
``syne_tune``, ``nni``, ``orion.client`` and, if named by ``--as``, ``wandb``. A program that may be edited imports one
itself: ``from curvewise.compat import optuna``.

In a trial that ``curvewise run`` started, the program trains that trial. By hand, a program that runs a study of its
own (Optuna's, Ray Tune's) runs one of Curvewise.
"""
