"""Writes pytorch.json: what PyTorch's layers and optimizers make of small networks and batches.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install torch==2.8.0
    /tmp/goldens/bin/python trainer/src/goldens/generate.py > trainer/src/goldens/pytorch.json

Everything is in 64-bit floats. A case has the layers as the trainer takes them, images (a row of bytes each, line by
line, each pixel with all channels) and labels, the first arrays in the trainer's order and form (`Trainer.parameters`),
and, after some iterations on all images, the training loss of each, the arrays, and the loss in evaluation mode. Numbers
have 9 significant digits.
"""

import json
import math
import platform

import torch
from torch import nn

torch.set_default_dtype(torch.float64)

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "linear": lambda x: x}


class Network(nn.Module):
    """The layers of a case. Values are images as batch x channels x height x width, or batch x units."""

    def __init__(self, layers, activation):
        super().__init__()
        image, *rest = layers
        self.shape = (image["height"], image["width"], image.get("channels", 1))
        self.steps = []
        shape = self.shape
        for i, layer in enumerate(rest):
            option = {"kind": "dense", "units": layer} if isinstance(layer, int) else layer
            is_last = i == len(rest) - 1
            is_normalized = not is_last and isinstance(rest[i + 1], dict) and rest[i + 1]["kind"] == "batchNorm"
            usual = "linear" if is_last or is_normalized else activation
            act = option.get("activation", usual)
            kind = option["kind"]
            if kind == "conv2d":
                size, stride, padding = option.get("size", 3), option.get("stride", 1), option.get("padding", 0)
                module = nn.Conv2d(shape[2], option["filters"], size, stride, padding)
                height, width = ((n + 2 * padding - size) // stride + 1 for n in shape[:2])
                shape = (height, width, option["filters"])
            elif kind == "maxpool":
                size = option.get("size", 2)
                stride = option.get("stride", size)
                module = nn.MaxPool2d(size, stride)
                height, width = ((n - size) // stride + 1 for n in shape[:2])
                shape = (height, width, shape[2])
                act = "linear"
            elif kind == "batchNorm":
                rule = {"momentum": option.get("momentum", 0.1), "eps": option.get("epsilon", 1e-5)}
                module = nn.BatchNorm2d(shape[2], **rule) if len(shape) == 3 else nn.BatchNorm1d(shape[0], **rule)
            elif kind == "gru":
                module = nn.GRU(shape[1] * shape[2], option["units"], batch_first=True)
                shape = (option["units"],)
                act = "linear"
            else:
                module = nn.Linear(math.prod(shape), option["units"])
                shape = (option["units"],)
            self.add_module(str(i), module)
            self.steps.append((kind, module, act))

    def forward(self, x):
        for kind, module, act in self.steps:
            if kind == "gru":
                # A step is a line: its pixels one after the other, each with all channels.
                lines = x.permute(0, 2, 3, 1).flatten(2)
                x = module(lines)[1][0]
            elif kind == "dense" and x.dim() == 4:
                x = module(x.permute(0, 2, 3, 1).flatten(1))
            else:
                x = module(x)
            x = ACTIVATIONS[act](x)
        return x

    def arrays(self):
        """Pairs of a tensor and how the trainer has it."""
        for kind, module, _ in self.steps:
            if kind == "conv2d":
                yield module.weight, lambda w: w.permute(2, 3, 1, 0)
                yield module.bias, lambda b: b
            elif kind == "dense":
                yield module.weight, lambda w: w.T
                yield module.bias, lambda b: b
            elif kind == "batchNorm":
                for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
                    yield tensor, lambda t: t
            elif kind == "gru":
                yield module.weight_ih_l0, lambda w: w.T
                yield module.bias_ih_l0, lambda b: b
                yield module.weight_hh_l0, lambda w: w.T
                yield module.bias_hh_l0, lambda b: b

    def weights(self):
        """What L2 applies to."""
        for kind, module, _ in self.steps:
            if kind in ("conv2d", "dense"):
                yield module.weight
            elif kind == "gru":
                yield from (module.weight_ih_l0, module.weight_hh_l0)


def digits(numbers):
    return [float(f"{number:.9g}") for number in numbers]


# No convolution stands before batch normalization with Adam: its bias has no gradient but rounding errors, which Adam
# makes as large as any other.
def case(name, layers, activation, optimizer, rate, l2, images, classes, iterations):
    torch.manual_seed(len(name))
    network = Network(layers, activation)
    height, width, channels = network.shape
    # As in the trainer, arrays are 32-bit floats, so that both begin with the same numbers.
    with torch.no_grad():
        for tensor, _ in network.arrays():
            tensor.copy_(tensor.float().double())
    data = torch.randint(0, 256, (images, height, width, channels))
    data = torch.clamp(data - 64, min=0)
    labels = torch.arange(images) % classes
    x = (data / 255).permute(0, 3, 1, 2)
    first = [digits(form(tensor.detach()).flatten().tolist()) for tensor, form in network.arrays()]
    weights = list(network.weights())
    others = [p for p in network.parameters() if all(p is not w for w in weights)]
    groups = [{"params": weights, "weight_decay": l2}, {"params": others, "weight_decay": 0}]
    if optimizer["kind"] == "sgd":
        descent = torch.optim.SGD(groups, lr=rate, momentum=optimizer.get("momentum", 0))
    else:
        descent = torch.optim.Adam(groups, lr=rate)
    network.train()
    losses = []
    for _ in range(iterations):
        descent.zero_grad()
        loss = nn.functional.cross_entropy(network(x), labels)
        loss.backward()
        descent.step()
        losses.append(loss.item())
    network.eval()
    return {
        "name": name,
        "layers": layers,
        "activation": activation,
        "optimizer": optimizer,
        "learningRate": rate,
        "l2": l2,
        "images": data.flatten(1).tolist(),
        "labels": labels.tolist(),
        "first": first,
        "losses": digits(losses),
        "arrays": [digits(form(tensor.detach()).flatten().tolist()) for tensor, form in network.arrays()],
        "evaluation": digits([nn.functional.cross_entropy(network(x), labels).item()])[0],
    }


def image(height, width, channels=1):
    return {"kind": "image", "height": height, "width": width, "channels": channels}


def conv2d(filters, **options):
    return {"kind": "conv2d", "filters": filters, **options}


SGD = {"kind": "sgd", "momentum": 0.9}
ADAM = {"kind": "adam"}
MAXPOOL = {"kind": "maxpool"}
CASES = [
    ("convolutions, momentum", [image(7, 6), conv2d(3, padding=1), MAXPOOL, conv2d(4, size=2, stride=2), 3], "tanh", SGD, 0.1, 0.01, 6, 3, 5),
    ("channels and strides, Adam", [image(6, 7, 3), conv2d(9, size=3, stride=2, padding=2), {"kind": "maxpool", "size": 3, "stride": 1}, 5, 4], "relu", ADAM, 0.01, 0.02, 5, 4, 5),
    ("batch normalization, momentum", [image(5, 5), conv2d(4), {"kind": "batchNorm"}, MAXPOOL, 6, {"kind": "batchNorm", "momentum": 0.3, "epsilon": 0.001}, 3], "relu", SGD, 0.05, 0.01, 7, 3, 5),
    ("batch normalization, Adam", [image(4, 4, 8), {"kind": "batchNorm"}, conv2d(8, size=1), 3], "sigmoid", ADAM, 0.01, 0, 6, 3, 5),
    ("a recurrent unit, momentum", [image(5, 4), {"kind": "gru", "units": 3}, 3], "relu", SGD, 0.2, 0.01, 6, 3, 5),
    ("a wide recurrent unit, Adam", [image(3, 2, 2), {"kind": "gru", "units": 9}, 4], "relu", ADAM, 0.01, 0.01, 5, 4, 5),
    ("a recurrent unit behind a convolution", [image(6, 5), conv2d(2, padding=1), {"kind": "gru", "units": 5}, 4, 3], "tanh", SGD, 0.1, 0.01, 6, 3, 5),
]
print(json.dumps({"torch": torch.__version__, "python": platform.python_version(), "cases": [case(*each) for each in CASES]}))
