"""Callbacks that report trainings of other libraries: ``from curvewise.callbacks.keras import CurvewiseCallback``.

There is a module for each library, which imports it. All report once per round or epoch, save when it is asked for,
and end the training when it is told to pause or stop. To go on from ``trial.resume`` is the program's part.
"""
