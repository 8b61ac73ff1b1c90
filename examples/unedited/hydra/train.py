"""A Hydra program: `train.py optimizer.lr=0.01 'model.hidden=[64,32]'`. A network in NumPy alone.

It saves epoch-N.npz in Hydra's folder of the run after each epoch, and goes on from one with `resume=PATH`.
"""

import logging
import os

import hydra
import numpy as np
from hydra.core.hydra_config import HydraConfig
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

log = logging.getLogger(__name__)
ACTIVATIONS = {
    "tanh": (np.tanh, lambda out: 1 - out**2),
    "relu": (lambda a: np.maximum(a, 0), lambda out: (out > 0).astype(float)),
}


def forward(layers, inputs, activate):
    outs = [inputs]
    for number, (weights, bias) in enumerate(layers):
        out = outs[-1] @ weights + bias
        outs.append(out if number == len(layers) - 1 else activate(out))
    odds = np.exp(outs[-1] - outs[-1].max(1, keepdims=True))
    return outs, odds / odds.sum(1, keepdims=True)


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    random = np.random.default_rng(cfg.seed)
    images, labels = load_digits(return_X_y=True)
    x, x_valid, y, y_valid = train_test_split(images / 16, labels, test_size=0.3, random_state=0)
    sizes = [64, *cfg.model.hidden, 10]
    activate, slope_of = ACTIVATIONS[cfg.model.activation]
    layers = [[random.normal(0, a**-0.5, (a, b)), np.zeros(b)] for a, b in zip(sizes, sizes[1:])]
    speeds = [[np.zeros_like(part) for part in layer] for layer in layers]
    done = 0
    if cfg.resume:
        with np.load(cfg.resume) as saved:
            done = int(saved["epoch"])
            for number, (layer, speed) in enumerate(zip(layers, speeds)):
                layer[:] = saved[f"weights_{number}"], saved[f"bias_{number}"]
                speed[:] = saved[f"weights_speed_{number}"], saved[f"bias_speed_{number}"]

    for epoch in range(done + 1, cfg.epochs + 1):
        for batch in np.array_split(random.permutation(len(x)), len(x) // 16):
            outs, odds = forward(layers, x[batch], activate)
            error = (odds - np.eye(10)[y[batch]]) / len(batch)
            for number in reversed(range(len(layers))):
                layer, speed = layers[number], speeds[number]
                slopes = [outs[number].T @ error, error.sum(0)]
                if number > 0:
                    error = (error @ layer[0].T) * slope_of(outs[number])
                for part in range(2):
                    speed[part] = cfg.optimizer.momentum * speed[part] - cfg.optimizer.lr * slopes[part]
                    layer[part] = layer[part] + speed[part]
        odds = forward(layers, x_valid, activate)[1]
        loss = -np.log(odds[np.arange(len(y_valid)), y_valid] + 1e-12).mean()
        log.info("epoch %d val_loss=%.4f accuracy=%.4f", epoch, loss, (odds.argmax(1) == y_valid).mean())
        arrays = {"epoch": epoch}
        for number, (layer, speed) in enumerate(zip(layers, speeds)):
            arrays |= {f"weights_{number}": layer[0], f"bias_{number}": layer[1]}
            arrays |= {f"weights_speed_{number}": speed[0], f"bias_speed_{number}": speed[1]}
        np.savez(os.path.join(HydraConfig.get().runtime.output_dir, f"epoch-{epoch}.npz"), **arrays)


main()
