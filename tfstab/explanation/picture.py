"""What a network makes of one picture: its scores, and which degradations change the prediction or make it right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import Degradation, NoiseStreams
from tfstab.explanation.tried import Tried, right_again, scores_when_wrong
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

COPIES = 5  # of each severity of a random degradation; the class of most of them counts
BATCH = 32  # pictures at a time: a few hundred are scored in all
TOGETHER = 4 * BATCH  # degraded pictures that are held in memory


@dataclass(frozen=True, eq=False)
class PictureFindings:
    """What `inspect_picture` found out about one picture.

    Attributes
    ----------
    picture : str
        Name of the picture's file.
    image : ndarray of uint8 (H, W, C)
        The picture as the model takes it, in grey levels 0..255.
    class_names : tuple of str
        Names of the classes.
    scores : ndarray of float32 (K,)
        Score of each class for the picture, 0..1.
    true_class : int or None
        Index of the picture's true class; None if it is unknown, and then nothing is called right or wrong.
    tried : tuple of Tried
        Predictions under each degradation that was tried, at its default severities.
    note : str
        How the picture was resized, "" if it was not.

    Examples
    --------
    >>> from PIL import Image
    >>> Image.fromarray(digits.images[0, ..., 0]).save("digit.png")
    >>> found = tfstab.inspect_picture("mnist-lenet", "digit.png")
    >>> found.picture, found.scores.shape, len(found.tried), found.right
    ('digit.png', (10,), 18, None)
    """

    picture: str
    image: NDArray[np.uint8]
    class_names: tuple[str, ...]
    scores: NDArray[np.float32]
    true_class: int | None
    tried: tuple[Tried, ...]
    note: str = ""

    @property
    def predicted(self) -> int:
        """The predicted class."""
        return int(self.scores.argmax())

    @property
    def right(self) -> bool | None:
        """Whether the prediction is right; None if the true class is unknown."""
        return None if self.true_class is None else self.predicted == self.true_class

    @cached_property
    def ranked(self) -> list[tuple[str, float]]:
        """Names and scores of the classes, the highest score first."""
        order = np.argsort(-self.scores, kind="stable").tolist()
        return [(self.class_names[k], float(self.scores[k])) for k in order]

    @property
    def title(self) -> str:
        """What is predicted in a few words, and whether that is right, if this is known."""
        predicted = self.class_names[self.predicted]
        if self.true_class is None:
            return f"{self.picture}: predicted as {predicted}"
        actual = self.class_names[self.true_class]
        return f"{self.picture}: {actual}, " + ("as predicted" if self.right else f"taken for {predicted}")

    @property
    def sentences(self) -> list[str]:
        """The highest scores, and what the degradations that were tried change."""
        note = [f"The picture was {self.note}."] if self.note else []
        if self.true_class is not None and not self.right:
            actual, score = self.class_names[self.true_class], float(self.scores[self.true_class])
            return [
                scores_when_wrong(self.ranked, actual, score),
                *right_again(self.tried, self.true_class),
                *note,
            ]
        (first, highest), *others = self.ranked[:3]
        following = " and ".join(f"{name} with {score:.2f}" for name, score in others)
        come = "comes" if len(others) == 1 else "come"
        return [f"{first} has the highest score, {highest:.2f}; next {come} {following}.", self._changes(), *note]

    def _changes(self) -> str:
        """Return how many of the changes tried alter the prediction."""
        number, of = sum(len(one.severities) for one in self.tried), counted(len(self.tried), "degradation")
        altered = sum(int((one.predicted != self.predicted).sum()) for one in self.tried)
        tried = f"{number} changes that were tried ({of})"
        if not altered:
            return f"None of the {tried} alters the prediction."
        return f"Of the {tried}, {altered} {'alters' if altered == 1 else 'alter'} the prediction."

    def to_json(self) -> dict[str, Any]:
        """Return picture, predicted class, true class or None, scores by class, and sentences."""
        return {
            "picture": self.picture,
            "predicted": self.class_names[self.predicted],
            "class": None if self.true_class is None else self.class_names[self.true_class],
            "right": self.right,
            "scores": dict(self.ranked),
            "sentences": self.sentences,
        }

    def __str__(self) -> str:
        """Return what is predicted, and a line for each finding."""
        return "\n".join([self.title, *(f"- {sentence}" for sentence in self.sentences)])


def findings_of(
    classifier: "Classifier",
    image: NDArray[np.uint8],
    families: Sequence[Degradation],
    picture: str,
    true_class: int | None = None,
    note: str = "",
) -> PictureFindings:
    """Score a picture and its degraded copies at the default severities of some degradations.

    Random degradations are drawn `COPIES` times, with seed 0, as a sweep draws them.

    Parameters
    ----------
    classifier : Classifier
        The model.
    image : ndarray of uint8 (H, W, C)
        The picture, in grey levels 0..255.
    families : sequence of Degradation
        The degradations.
    picture, true_class, note
        As in `PictureFindings`.
    """
    small = classifier.with_batch_size(BATCH)
    scores = small.scores(image[None])[0]
    votes = [np.zeros((len(family.severities), len(scores)), np.int64) for family in families]
    places: list[tuple[int, int]] = []
    waiting: list[NDArray[np.float32]] = []

    def count() -> None:
        """Score what is waiting."""
        for (f, s), predicted in zip(places, small.scores(np.stack(waiting)).argmax(axis=1), strict=True):
            votes[f][s, predicted] += 1
        places.clear()
        waiting.clear()

    for f, s, degraded in _degraded(image, families):
        places.append((f, s))
        waiting.append(degraded)
        if len(waiting) == TOGETHER:
            count()
    if waiting:
        count()
    tried = tuple(Tried(family, family.severities, found) for family, found in zip(families, votes, strict=True))
    return PictureFindings(picture, image, tuple(classifier.class_names), scores, true_class, tried, note)


def _degraded(
    image: NDArray[np.uint8], families: Sequence[Degradation]
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield degraded copies with the places of their degradation and severity."""
    streams = NoiseStreams(0)
    for f, family in enumerate(families):
        for s, severity in enumerate(family.severities):
            for copy in range(COPIES if family.random else 1):
                yield f, s, family.degrade(image, severity, streams.at(0, s, copy))
