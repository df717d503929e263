"""The question "explore": what a model predicts along the severities of one of several degradations in a row."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.degradations import chain, get_degradation
from tfstab.gui.jobs.scores import SMALL_BATCH
from tfstab.gui.jobs.severities import settled

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

FINE = 7  # severities between the two where the prediction first becomes wrong, or right


def first_flip(predicted: np.ndarray, actual: int | None) -> int | None:
    """Return the place of the first prediction that is wrong or, if the first one of all is wrong, right.

    actual: the true class; None if it is unknown, for the first prediction that differs from the first one of all.
    """
    right = predicted == (predicted[0] if actual is None else actual)
    return next(iter(np.flatnonzero(right != right[0]).tolist()), None)


def explore(classifier: "Classifier", arguments: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]] | None]:
    """Yield severities (P,) of one step, neutral first and ever stronger, and the classes predicted there, as "track".

    The arguments are the `image` (H, W, C), its `class_index` or None, the `names` and `severities` of the steps, the
    `seed`, the `place` of the step whose severity varies, and the severities `along` which it does, neutral first.
    Between the two where `first_flip` finds a change of the prediction, some more are scored.
    """
    small = classifier.with_batch_size(SMALL_BATCH)
    image, place, seed = np.asarray(arguments["image"]), arguments["place"], arguments["seed"]
    steps = list(zip(arguments["names"], arguments["severities"], strict=True))
    family = get_degradation(steps[place][0])
    known: dict[float, int] = {}

    def score(severities: np.ndarray) -> Iterator[None]:
        """Predict the classes at these severities, a batch at a time."""
        new = [s for s in dict.fromkeys(severities.tolist()) if s not in known]
        for start in range(0, len(new), SMALL_BATCH):
            some = new[start : start + SMALL_BATCH]
            images = [chain(image, [*steps[:place], (family, s), *steps[place + 1 :]], seed) for s in some]
            known.update(zip(some, small.scores(np.stack(images)).argmax(axis=1).tolist(), strict=True))
            yield None

    along = np.asarray(arguments["along"], np.float64)
    yield from score(along)
    first = first_flip(np.array([known[s] for s in along.tolist()]), arguments["class_index"])
    if first is not None:
        between = np.linspace(along[first - 1], along[first], FINE + 2)[1:-1]
        yield from score(np.array([settled(family, s) for s in between.tolist()]))
    severities = np.array(sorted(known, key=lambda s: abs(s - family.neutral)))
    yield "track", {"severities": severities, "predicted": np.array([known[s] for s in severities.tolist()])}
