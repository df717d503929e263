"""Explanations whose figures are given."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tfstab.explanation.details import details
from tfstab.explanation.lead import lead, open_causes

MORE = "More images, if there are any, may decide this (`--limit`, in Python limit=)."
NAMES = ("cat", "dog", "fox", "owl")
# First kernels that pass high frequencies on 1.5 times as strongly as low ones.
HIGH = {"response": np.where(2 * np.hypot(*np.meshgrid(*[np.fft.fftfreq(10)] * 2)) < 0.3, 1, 1.5)[None]}


def layers(margin, step=1.0, taken=2.0):
    """Arrays of `layers` for one network of input, "dense" and logits, in all of which the margin (N,) is the same.

    taken: how much more noise moves what "dense" takes than other images do; step: and its weights, on top.
    """
    count = len(margin)
    ones, noise = np.ones((count, 3)), np.ones((count, 3))
    return {
        "names": np.array(["input", "dense", "logits"]), "sizes": np.array([4, 2, 3]), "network": np.zeros(3, int),
        "noise_distance": ones, "noise_taken": noise * [1, taken, 2], "noise_linear": noise * [1, taken * step, 2],
        **dict.fromkeys(("image_distance", "image_taken", "image_linear"), np.sqrt(2) * ones),
        "gradient": ones, "margin": np.asarray(margin, float)[:, None], "rival": np.ones((count, 1), int),
    }  # fmt: skip


def explained(arrays, classes, scores=0.95, correct=True, images=None):
    """An explanation of all its images, given the arrays of its analyses; scores, correct: of the true class."""
    classes = np.asarray(classes)
    of_true = np.zeros((len(classes), len(NAMES)))
    of_true[np.arange(len(classes)), classes] = scores
    images = np.zeros((len(classes), 2, 2, 1), np.uint8) if images is None else images
    clean = SimpleNamespace(
        class_index=classes, scores=of_true, correct=np.broadcast_to(correct, classes.shape), images=images
    )
    return SimpleNamespace(
        arrays=arrays.__getitem__, has=arrays.__contains__, clean=clean, rows=np.arange(len(classes)),
        class_names=NAMES, model="made", config=SimpleNamespace(sigma=10.0), path=Path("runs", "nothing", "beside"),
        info={"data": {"note": "", "images": len(classes)}},
    )  # fmt: skip


def whole(run):
    """What an explanation says, without evidence and scope: the lead, what is open, and details."""
    return " ".join(filter(None, [lead(run), open_causes(run), details(run)]))


def turns(count, classes=4):
    """Labels that take turns, and margins near 1."""
    return np.arange(count) % classes, 1 + 0.001 * (np.arange(count) % 7)
