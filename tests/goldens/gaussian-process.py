"""Writes gaussian-process.json: Gaussian processes as scikit-learn has them, and expected improvements as mpmath has them.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scikit-learn==1.9.1 mpmath==1.4.1
    /tmp/goldens/bin/python tests/goldens/gaussian-process.py > tests/goldens/gaussian-process.json
"""

import json

import mpmath
import numpy
import scipy
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

generator = numpy.random.default_rng(7)


def case(count, lengths, noise):
    """A process of `count` points in the unit cube; the deviations do not include the noise."""
    points = generator.random((count, len(lengths)))
    targets = numpy.sin(5 * points[:, 0]) + points.sum(axis=1) - len(lengths) / 2 + 0.1 * generator.standard_normal(count)
    noises = noise * (1 + generator.random(count))
    queries = numpy.vstack([generator.random((5, len(lengths))), points[:1]])
    model = GaussianProcessRegressor(Matern(length_scale=lengths, nu=2.5), alpha=noises, optimizer=None)
    model.fit(points, targets)
    mean, deviation = model.predict(queries, return_std=True)
    return {
        "lengths": lengths,
        "points": points.tolist(),
        "targets": targets.tolist(),
        "noises": noises.tolist(),
        "queries": queries.tolist(),
        "likelihood": model.log_marginal_likelihood_value_,
        "mean": mean.tolist(),
        "deviation": deviation.tolist(),
    }


def case_with_mean(count, lengths, noise, variance):
    """The same far from zero, with a constant mean whose prior has a variance; it is part of the covariance here."""
    points = generator.random((count, len(lengths)))
    targets = 5 + numpy.sin(5 * points[:, 0]) + 0.1 * generator.standard_normal(count)
    noises = noise * (1 + generator.random(count))
    queries = generator.random((4, len(lengths)))
    matern = Matern(length_scale=lengths, nu=2.5)
    model = GaussianProcessRegressor(ConstantKernel(variance) + matern, alpha=noises, optimizer=None)
    model.fit(points, targets)
    covariance = matern(points) + numpy.diag(noises)
    constant = variance * numpy.linalg.solve(covariance + variance, targets).sum()
    density = scipy.stats.multivariate_normal(numpy.full(count, constant), covariance).logpdf(targets)
    return {
        "lengths": lengths,
        "variance": variance,
        "points": points.tolist(),
        "targets": targets.tolist(),
        "noises": noises.tolist(),
        "queries": queries.tolist(),
        "likelihood": density - constant**2 / 2 / variance,
        "mean": model.predict(queries).tolist(),
    }


def improvement(z):
    """log(density(z) + z share(z)) and its derivative; about z^2 digits cancel."""
    with mpmath.workdps(60 + int(z**2)):
        z = mpmath.mpf(z)
        share = mpmath.erfc(-z / mpmath.sqrt(2)) / 2
        gain = mpmath.npdf(z) + z * share
        return {"z": float(z), "value": float(mpmath.log(gain)), "slope": float(share / gain)}


print(
    json.dumps(
        {
            "source": f"scikit-learn {sklearn.__version__}, GaussianProcessRegressor(Matern(nu=2.5)); mpmath {mpmath.__version__}",
            "processes": [case(1, [0.4], 0.01), case(6, [0.3, 0.8], 0.02), case(23, [0.2, 0.5, 3.0], 0.001), case(41, [0.7], 0.1)],
            "withMean": [case_with_mean(5, [0.3], 0.01, 2.0), case_with_mean(30, [0.4, 0.9], 0.003, 10.0)],
            "improvements": [
                improvement(z)
                for z in (8.5, 3.1, 1.0, 0.25, 0.0, -0.5, -1.7, -2.9, -3.0, -3.1, -5.5, -9.9, -10.1, -26.0, -40.0, -62.5)
            ],
        }
    )
)
