"""Minimum noise from labels alone: engine `labels` against HopSkipJump, GeoDA and SignOPT (extra `bench`).

    python tests/benchmarks/label_rivals.py --model cifar10-quick --data cifar10 --images last:12 --out labels.json

All get the same images and the same budgets. Each image is attacked alone, every image that is asked about counts, the
start's included, and an attack has reached the least L2 of all misclassified images that it asked about within the
budget, whatever it would have returned. The rivals are Foolbox's HopSkipJump and ART's GeoDA and SignOPT, with
their own settings, but with steps without end. Printed are the median and the 90th percentile of L2, the median
ratio to the `labels` engine's, image by image, and the processor time of one image. With `--reference`, a file that
`white_box.py` has written for these images, the ratio is to the least noise known instead.
"""

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import foolbox
import held_out
import numpy as np
import torch
from ported import Ported, port, to_torch
from rich.console import Console
from rich.table import Table

import tfstab
from tfstab.datasets import Dataset

BUDGETS = (1_000, 5_000)
OURS = "tfstab, labels"


class SpentError(Exception):
    """The budget is used up."""


class Asked:
    """A network of which only labels are seen, for one image: remembers the least noise by the number of queries."""

    def __init__(self, network: Ported, clean: torch.Tensor, label: int, budget: int) -> None:
        self.network, self.clean, self.label = network, clean, label
        self.least = np.full(budget, np.inf)  # after each query
        self.queries = 0

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Return one-hot scores (B, K) of images (B, C, H, W) in 0..1."""
        with torch.no_grad():
            logits = self.network(images.float())
        room = len(self.least) - self.queries
        sizes = 255 * (images.float() - self.clean).flatten(1).norm(dim=1)
        sizes = np.where(logits.argmax(1) != self.label, sizes, np.inf)[:room]
        before = self.least[self.queries - 1] if self.queries else np.inf
        self.least[self.queries : self.queries + len(sizes)] = np.minimum(before, np.minimum.accumulate(sizes))
        self.queries += len(sizes)
        if len(images) > room:
            raise SpentError
        return torch.nn.functional.one_hot(logits.argmax(1), logits.shape[1]).float()


def hop_skip_jump(asked: Asked) -> None:
    model = foolbox.PyTorchModel(_Module(asked).eval(), bounds=(0, 1))
    attack = foolbox.attacks.HopSkipJumpAttack(steps=10**6)
    attack(model, asked.clean, torch.tensor([asked.label]), epsilons=None)


def geoda(asked: Asked) -> None:
    from art.attacks.evasion import GeoDA

    np.mat = np.asmatrix  # which NumPy 2 has removed and GeoDA uses
    attack = GeoDA(_box(asked), max_iter=len(asked.least), verbose=False)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # where it keeps its basis
        attack.generate(asked.clean.numpy())


def sign_opt(asked: Asked) -> None:
    from art.attacks.evasion import SignOPTAttack

    attack = SignOPTAttack(_box(asked), targeted=False, max_iter=10**6, query_limit=10**9, verbose=False)
    attack.generate(asked.clean.numpy())


RIVALS = {"HopSkipJump": hop_skip_jump, "GeoDA": geoda, "SignOPT": sign_opt}


class _Module(torch.nn.Module):
    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.asked(images)


def _box(asked: Asked) -> Any:
    from art.estimators.classification import BlackBoxClassifierNeuralNetwork

    classes = asked.network(asked.clean).shape[1]
    return BlackBoxClassifierNeuralNetwork(
        lambda images: asked(torch.from_numpy(np.asarray(images, np.float32))).numpy(),
        asked.clean.shape[1:],
        classes,
        channels_first=True,
        clip_values=(0.0, 1.0),
    )


def rival(attack: Callable[[Asked], None], network: Ported, dataset: Dataset, budgets: list[int]) -> list[list[float]]:
    """Return the L2 in grey levels (budgets, N) that an attack reaches."""
    reached = np.zeros((len(budgets), len(dataset)))
    for k, budget in enumerate(budgets):  # each from the beginning, as GeoDA plans with the budget
        for n, (image, label) in enumerate(zip(to_torch(dataset.images), dataset.labels, strict=True)):
            torch.manual_seed(0)
            np.random.seed(0)  # both libraries draw from it
            asked = Asked(network, image[None], int(label), budget)
            with contextlib.suppress(SpentError):
                attack(asked)
            reached[k, n] = asked.least[asked.queries - 1]  # it may end by itself
    return reached.tolist()


def ours(classifier: tfstab.Classifier, dataset: Dataset, budgets: list[int]) -> list[list[float]]:
    """Return the L2 in grey levels (budgets, N) that the engine reaches; the search does not depend on its budget."""
    reached = np.full((len(budgets), len(dataset)), np.inf)

    def note(progress: tfstab.SearchProgress) -> None:
        for k, budget in enumerate(budgets):
            if progress.flipped and progress.queries <= budget:
                reached[k, progress.image] = progress.norm

    config = tfstab.SearchConfig(engine="labels", max_queries=max(budgets))
    tfstab.search_minimum_noise(classifier, dataset.images, dataset.labels, config, note)
    return reached.tolist()


def main() -> None:
    options = _options()
    torch.set_num_threads(1)
    classifier = tfstab.load_classifier(options.model)
    dataset = held_out.parse(options.images, classifier, tfstab.load_dataset(options.data, data_dir=options.data_dir))
    network = port(classifier, dataset.images)
    methods = json.loads(options.out.read_text()) if options.out and options.out.exists() else {}
    runs = {OURS: lambda: ours(classifier, dataset, options.budgets)}
    for name, attack in RIVALS.items():
        runs[name] = lambda attack=attack: rival(attack, network, dataset, options.budgets)
    for name in options.methods:
        if name in methods and name not in options.again:
            continue
        started = time.process_time()
        reached = runs[name]()
        methods[name] = {"l2": reached, "seconds": (time.process_time() - started) / len(dataset)}
        print(f"{name}: {methods[name]['seconds']:.1f} s an image", flush=True)
        if options.out:
            options.out.write_text(json.dumps(methods))
    reference = None
    if options.reference:
        rows = json.loads(options.reference.read_text())
        least = dict(zip(rows["images"], _least(rows), strict=True))
        reference = np.array([least[i] for i in dataset.indices.tolist()])
    _print(methods, options.budgets, reference, f"{classifier.name}, {len(dataset)} images of {dataset.name}")


def _least(rows: dict) -> np.ndarray:
    sizes = [[np.inf if size is None else size for size in row["size"]] for row in rows["methods"].values()]
    return np.min(sizes, axis=0)


def _print(methods: dict, budgets: list[int], reference: np.ndarray | None, title: str) -> None:
    against = "the least known" if reference is not None else "engine labels"
    table = Table(title=title)
    for column in ("queries", "method", "median L2", "90th percentile", f"ratio to {against}", "seconds an image"):
        table.add_column(column, justify="left" if column == "method" else "right")
    for k, budget in enumerate(budgets):
        first = methods.get(OURS, next(iter(methods.values())))
        base = reference if reference is not None else np.array(first["l2"][k])
        for name, row in methods.items():
            l2 = np.array(row["l2"][k])
            middle, high = np.median(l2), np.quantile(l2, 0.9, method="inverted_cdf")
            figures = (f"{middle:.1f}", f"{high:.1f}", f"{np.median(l2 / base):.3f}", f"{row['seconds']:.1f}")
            table.add_row(f"{budget:,}", name, *figures)
    Console(width=120).print(table)


def _options() -> argparse.Namespace:
    parser = held_out.options(__doc__ or "", "mnist-5k")
    parser.add_argument("--budgets", type=lambda text: [int(q) for q in text.split(",")], default=list(BUDGETS))
    names = [OURS, *RIVALS]
    parser.add_argument("--methods", type=lambda text: text.split(";"), default=names, help=";".join(names))
    parser.add_argument("--again", type=lambda text: text.split(";"), default=[], help="methods to measure again")
    parser.add_argument("--reference", type=Path)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
