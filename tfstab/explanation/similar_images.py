"""Sentences about the images of a run that are, to the network, most similar to a picture of the user's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.names import quoted
from tfstab.wording import listed

NEAREST, SHOWN = 10, 3  # images that look most similar, and how many of them are named


@dataclass(frozen=True)
class Similar:
    """An image of a run.

    Attributes
    ----------
    image : str
        Its file name, or "image 17".
    label : str
        Name of its true class; of the predicted one if the classes of the run's images are not known.
    predicted : str
        Name of the class predicted for the clean image.
    """

    image: str
    label: str
    predicted: str


def similar_words(
    nearest: Sequence[Similar], predicted: str, *, others: tuple[int, int] | None = None, with_classes: bool = True
) -> str:
    """Return of which classes the most similar images are, how many of them are misclassified, and which are nearest.

    Parameters
    ----------
    nearest : sequence of Similar
        The images, the most similar first; at least one.
    predicted : str
        Name of the class predicted for the picture.
    others : tuple of int, optional
        How many images of the run were compared, and how many it has.
    with_classes : bool
        Whether the classes of the run's images are known.
    """
    compared, images = others or (0, 0)
    among = f"{compared:,} images compared ({images:,} in the run)" if compared < images else "the images of the run"
    which, are = "one" if len(nearest) == 1 else str(len(nearest)), _are(len(nearest))
    lead = f"Of {among}, the {which} most similar to the picture in the last hidden layer"
    every = "all " if len(nearest) > 1 and len({one.label for one in nearest}) == 1 else ""
    wrong = [_misclassified(nearest, predicted)] if with_classes else []
    return " ".join([
        f"{lead} {are} {every}{'of class' if with_classes else 'predicted as'} {_classes(nearest)}.",
        *wrong,
        f"Most similar of all: {listed([quoted(one.image) for one in nearest[:SHOWN]])}.",
    ])  # fmt: skip


def _classes(nearest: Sequence[Similar]) -> str:
    """Return the classes of images, the most frequent first, and of several classes, how many are of each."""
    names = [one.label for one in nearest]
    order = sorted(set(names), key=lambda name: (-names.count(name), names.index(name)))
    counts = [quoted(name) + (f" ({names.count(name)})" if len(order) > 1 else "") for name in order]
    return listed(counts, most=NEAREST)


def _misclassified(nearest: Sequence[Similar], predicted: str) -> str:
    """Return how many images are misclassified, and how many of these get the class that is predicted for the picture.

    If the picture is wrong, the latter says whether this mistake is frequent among images like it.
    """
    wrong = [one.predicted == predicted for one in nearest if one.label != one.predicted]
    of, number, same = len(nearest), len(wrong), sum(wrong)
    who = "It is" if of == 1 else "All of them are" if number in (0, of) else f"{number} of them {_are(number)}"
    if not number:
        return f"{who} right when clean."
    how = ("" if same else "but not ") if number == 1 else "all " if same == number else f"{same or 'none'} of these "
    return f"{who} misclassified when clean, {how}as {quoted(predicted)}, the class predicted for the picture."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def cosines(features: NDArray[np.float32], own: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the cosine similarity of images with features (n, F) to one with features (F,), times a constant.

    By Euclidean distance, the few images with the smallest features would be near to many others of all classes.
    """
    values = features.astype(np.float64)
    lengths = np.linalg.norm(values, axis=1)
    return np.asarray(values @ own / np.where(lengths > 0, lengths, 1))
