"""Hugging Face's Trainer, with its own arguments: `train.py --output_dir out --learning_rate 1e-3 --hidden_size 32`."""

from dataclasses import dataclass, field

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from transformers import HfArgumentParser, Trainer, TrainingArguments


@dataclass
class ModelArguments:
    hidden_size: int = field(default=32)
    dropout: float = field(default=0.0)


class Digits(torch.nn.Module):
    def __init__(self, hidden_size, dropout):
        super().__init__()
        self.net = torch.nn.Sequential(
            torch.nn.Linear(64, hidden_size), torch.nn.ReLU(), torch.nn.Dropout(dropout), torch.nn.Linear(hidden_size, 10)
        )

    def forward(self, inputs, labels):
        logits = self.net(inputs)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


def rows(inputs, labels):
    return [{"inputs": one, "labels": int(label)} for one, label in zip(inputs.float(), labels)]


def accuracy(predicted):
    return {"accuracy": float((predicted.predictions.argmax(-1) == predicted.label_ids).mean())}


model_args, training_args = HfArgumentParser((ModelArguments, TrainingArguments)).parse_args_into_dataclasses()
torch.manual_seed(training_args.seed)
images, labels = load_digits(return_X_y=True)
x, x_valid, y, y_valid = map(torch.tensor, train_test_split(images / 16, labels, test_size=0.3, random_state=0))
trainer = Trainer(
    Digits(model_args.hidden_size, model_args.dropout),
    training_args,
    train_dataset=rows(x, y),
    eval_dataset=rows(x_valid, y_valid),
    compute_metrics=accuracy,
)
trainer.train(resume_from_checkpoint=training_args.resume_from_checkpoint)
