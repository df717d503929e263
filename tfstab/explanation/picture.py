"""What a network makes of one picture: its scores, and which degradations change the prediction or make it right."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import Degradation, NoiseStreams
from tfstab.explanation.tried import Tried, families_of, opposite, right_again, scores_when_wrong
from tfstab.names import all_quoted
from tfstab.wording import scored

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tfstab.classifier import Classifier

COPIES = 5  # of each severity of a random degradation, which show where the prediction may change
FRESH = 40  # further copies, which decide it: with so many severities, 3 of 5 copies somewhere change it by chance
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
        Predictions under each degradation that was tried, at its default severities. Degradations with two directions,
        such as brightness, are there a second time, with severities in the other direction.
    copies : tuple of ndarray of int64 (S, n)
        For each of `tried`, the class predicted for each degraded copy; -1 for a copy that was not drawn. If most
        of the first 5 copies of a random degradation make the picture right (or, unless it is wrong, alter the
        prediction), 40 others are drawn, and `tried` counts only these.
    note : str
        How the picture was resized, "" if it was not.

    Examples
    --------
    >>> from PIL import Image
    >>> Image.fromarray(digits.images[0, ..., 0]).save("digit.png")
    >>> found = tfstab.inspect_picture("mnist-lenet", "digit.png")
    >>> found.picture, found.scores.shape, len(found.tried) > 20, found.right
    ('digit.png', (10,), True, None)
    """

    picture: str
    image: NDArray[np.uint8]
    class_names: tuple[str, ...]
    scores: NDArray[np.float32]
    true_class: int | None
    tried: tuple[Tried, ...]
    copies: tuple[NDArray[np.int64], ...]
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
        names, (highest, *others) = all_quoted(name for name, _ in self.ranked[:3]), [s for _, s in self.ranked[:3]]
        scores = zip(names[1:], others, strict=True)
        following = " and ".join(f"{name} with {scored(score)}" for name, score in scores)
        come = "comes" if len(others) == 1 else "come"
        lead = f"{names[0]} has the highest score, {scored(highest)}; next {come} {following}."
        return [lead, self._changes(), *note]

    def _changes(self) -> str:
        """Return how many of the changes tried alter the prediction."""
        number, of = sum(len(one.severities) for one in self.tried), families_of(self.tried)
        altered = sum(int(self._changed(one).sum()) for one in self.tried)
        unsure = sum(int((one.predicted != self.predicted).sum()) for one in self.tried) - altered
        tried = f"{number} changes that were tried ({of})"
        may = (
            f"{unsure} may alter the prediction: most copies are predicted as another class, but too few to exclude "
            "chance."
        )
        if not altered:
            return f"Of the {tried}, {may}" if unsure else f"None of the {tried} alters the prediction."
        told = f"Of the {tried}, {altered} {'alters' if altered == 1 else 'alter'} the prediction."
        return f"{told} Another {may}" if unsure else told

    def _changed(self, one: Tried) -> NDArray[np.bool_]:
        """Return at which severities a change makes the picture right if it is wrong, else alters the prediction."""
        if self.true_class is not None and not self.right:
            return one.certain(one.votes[:, self.true_class])
        others = one.votes.sum(axis=1) - one.votes[:, self.predicted]
        return np.asarray((one.predicted != self.predicted) & one.certain(others))

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

    def plot(self) -> "Figure":
        """Draw the picture, and its mildest change by each degradation that makes it right or, else, that alters it.

        Changes make the picture right if it is wrong; otherwise, and without a true class, they alter the prediction.
        Degradations that do so in none of the severities tried are left out.

        Returns
        -------
        matplotlib.figure.Figure
            The figure. The title of each image has the predicted class: in red if it is wrong or, without a true class,
            if it differs from that of the picture.
        """
        from tfstab.sweep.plot import copies_figure

        right = self.predicted if self.true_class is None else self.true_class
        shown: list[tuple[np.ndarray, str, int]] = [(self.image, "clean", self.predicted)]
        is_right = right == self.predicted
        pairs = zip(self.tried, self.copies, strict=True)
        for one, copies in sorted(pairs, key=lambda pair: pair[0].share(right), reverse=not is_right):
            wanted = self._changed(one)
            if wanted.any():
                s = int(wanted.argmax())
                copy = int((copies[s] == one.predicted[s]).argmax())
                degraded = one.family.degrade(self.image, one.severities[s], _stream(s, copy))
                shown.append((degraded, f"{one.title}, {one.at(np.arange(len(wanted)) == s)}", int(one.predicted[s])))
        return copies_figure(shown, self.class_names, right, self.picture, self.true_class is not None)

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
    """Score a picture and its degraded copies at the default severities of some degradations, in both directions.

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
    clean, names = int(scores.argmax()), tuple(classifier.class_names)
    changes = [(family, tried) for family in families for tried in (family.severities, opposite(family)) if tried]
    copies = [np.full((len(tried), COPIES + FRESH if family.random else 1), -1, np.int64) for family, tried in changes]

    def draw(wanted: list[tuple[int, int, int]]) -> None:
        """Score copies, given by the indices of change, severity and copy."""
        for start in range(0, len(wanted), TOGETHER):
            some = wanted[start : start + TOGETHER]
            degraded = [changes[k][0].degrade(image, changes[k][1][s], _stream(s, copy)) for k, s, copy in some]
            for (k, s, copy), predicted in zip(some, small.scores(np.stack(degraded)).argmax(axis=1), strict=True):
                copies[k][s, copy] = predicted

    draw([(k, s, copy) for k, of in enumerate(copies) for s, copy in np.ndindex(of[:, :COPIES].shape)])
    wrong = true_class is not None and true_class != clean
    hits = [of == true_class if wrong else of != clean for of in copies]
    seen = [(k, s) for k, hit in enumerate(hits) for s, row in enumerate(hit) if 2 * int(row[:COPIES].sum()) > COPIES]
    draw([(k, s, copy) for k, s in seen for copy in range(COPIES, COPIES + FRESH)])
    found = tuple(
        Tried(family, tried, np.stack([_votes(row, len(names)) for row in of]))
        for (family, tried), of in zip(changes, copies, strict=True)
    )
    return PictureFindings(picture, image, names, scores, true_class, found, tuple(copies), note)


def _votes(predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Return how many copies at one severity are predicted as each class: of the fresh ones, if they were drawn."""
    fresh = predicted[COPIES:]
    return np.bincount(fresh if (fresh >= 0).any() else predicted[:COPIES], minlength=classes)


def _stream(severity_index: int, copy: int) -> Any:
    """Return the random numbers of a copy, from which it can be made again."""
    return NoiseStreams(0).at(0, severity_index, copy)
