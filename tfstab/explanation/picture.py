"""What a network makes of one picture: its scores, and which degradations change the prediction or make it right."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import NoiseStreams
from tfstab.explanation.highest_scores import scores_when_wrong, tie_of
from tfstab.explanation.kinds_of_change import NOISE
from tfstab.explanation.mix_up_words import told
from tfstab.explanation.mix_ups import Suitable, suitable, ways_of
from tfstab.explanation.picture_verdict import Verdict, says_little, verdict_of
from tfstab.explanation.picture_words import UNSEEN, altered
from tfstab.explanation.tried import Tried, right_again
from tfstab.names import all_quoted, html_lines
from tfstab.wording import scored

if TYPE_CHECKING:
    from tfstab.explanation.picture_compared import Compared
    from tfstab.explanation.picture_why import PictureWhy
    from tfstab.figure import Figure


FOUND = "What was found out about the picture:"
NOTHING_SAID = "\n(says nothing)"  # in the title of a change that makes a picture right, but reveals no fault


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
    undone_scores : ndarray of float32 (W, K) or None
        Its scores when it is turned by 90, 180 and 270 degrees counter-clockwise, as a negative, and, if it has
        colours, with red and blue swapped; None if that was not tried.
    undone_images : ndarray of uint8 (W, H, W, C) or None
        The picture after each of these, as it was scored.
    model : str
        What the model was taken for, in one line.
    resize : str or None
        How the picture was resized, as `load_dataset` takes it: "crop:64x64"; None if it has the model's size.
    compared : Compared or None
        What the images of a run say about it; None without a run.
    why : PictureWhy or None
        How firm the prediction is, compared with these images; None if that was not asked.
    cautions : tuple of str
        What may be wrong with how the picture was read, in sentences: inputs that seem to be scaled wrongly or were not
        checked, a distorted picture, or one with fewer pixels than the model takes.
    remarks : tuple of str
        How the picture was resized, in sentences, if `cautions` do not say it.

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
    undone_scores: NDArray[np.float32] | None = None
    undone_images: NDArray[np.uint8] | None = None
    model: str = ""
    resize: str | None = None
    compared: "Compared | None" = None
    why: "PictureWhy | None" = None
    cautions: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def predicted(self) -> int:
        """The predicted class."""
        return int(self.scores.argmax())

    @property
    def right(self) -> bool | None:
        """Whether the prediction is right; None if the true class is unknown."""
        return None if self.true_class is None else self.predicted == self.true_class

    @property
    def undone(self) -> dict[str, int]:
        """The classes predicted for the picture turned, as a negative and so on; {} if that was not tried."""
        ways = [f"{mix_up.lead}{way}" for mix_up, way in ways_of(self.image.shape[-1])]
        predicted = () if self.undone_scores is None else self.undone_scores.argmax(axis=1).tolist()
        return dict(zip(ways, predicted, strict=False))

    @cached_property
    def suitable(self) -> list[Suitable]:
        """What makes the picture right when undone, such as a quarter turn, the surest first; [] unless it is wrong."""
        if self.true_class is None or self.right:
            return []
        return suitable(self.undone_scores, self.image.shape[-1], self.true_class)

    @cached_property
    def verdict(self) -> Verdict | None:
        """Whether the photograph or the model is the reason; None unless it is wrong and was compared with a run."""
        return verdict_of(self, self.compared) if self.compared is not None and self.right is False else None

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
        """Whether it is an image of the run, the highest scores, and what the degradations that were tried change."""
        found = self._when_wrong() if self.right is False else self._otherwise()
        beside = [] if self.compared is None else self.compared.sentences(self)
        known = [] if self.compared is None else self.compared.known
        return [*known, *self.cautions, *found, *beside, *self.remarks]

    def _when_wrong(self) -> list[str]:
        """Return how far the true class is behind, how the picture looks, and what makes it right.

        Mix-ups that say little, and looks that were found harmless, come last.
        """
        k, compared = int(self.true_class or 0), self.compared
        lead = scores_when_wrong(self.ranked, self.class_names[k], float(self.scores[k]))
        changes = right_again(self.tried, k)
        if compared is None:
            return [lead, *(told(one, None) for one in self.suitable), *changes, UNSEEN]
        little = [one for one in self.suitable if says_little(one, compared)]
        mixed_up = [compared.mixed_up(one) for one in self.suitable if one not in little]
        last, looks = [compared.mixed_up(one) for one in little], compared.looks(self)
        if compared.harmless:
            return [lead, *mixed_up, *changes, *last, *looks]
        return [lead, *looks, *mixed_up, *changes, *last]

    def _otherwise(self) -> list[str]:
        """Return the highest scores, and what alters the prediction."""
        names, (highest, *others) = all_quoted(name for name, _ in self.ranked[:3]), [s for _, s in self.ranked[:3]]
        scores = zip(names[1:], others, strict=True)
        following = " and ".join(f"{name} with {scored(score)}" for name, score in scores)
        come = "comes" if len(others) == 1 else "come"
        lead = f"{names[0]} has the highest score, {scored(highest)}; next {come} {following}."
        lead += f" {names[0]} and {names[1]} are {tie_of(names[0])}." if others[0] == highest else ""
        sure = [(one, self._changed(one)) for one in self.tried]
        unsure = [(one, (one.predicted != self.predicted) & ~at) for one, at in sure]
        return [lead, altered(sure, unsure, "make it wrong" if self.right else "alter the prediction")]

    def _changed(self, one: Tried) -> NDArray[np.bool_]:
        """Return at which severities a change makes the picture right if it is wrong, else alters the prediction."""
        if self.right is False:
            return one.certain(one.votes[:, self.true_class])
        others = one.votes.sum(axis=1) - one.votes[:, self.predicted]
        return np.asarray((one.predicted != self.predicted) & one.certain(others))

    def _telling(self, one: Tried) -> NDArray[np.bool_]:
        """Return at which of these severities the change says something about the picture."""
        if self.right is not False:
            return self._changed(one)
        return one.surely_right(int(self.true_class or 0)) & (one.family.name not in NOISE)

    def to_json(self) -> dict[str, Any]:
        """Return the model in a line, the picture, its classes and scores, verdict, sentences and all changes.

        Each change has its severities, the classes predicted for the copies that count at each of them, the shares of
        these copies that are right and that keep the prediction, and whether the copies exclude chance. Compared with a
        run, it also has the share of images of other classes that are taken for the true class, where it was measured.
        """
        out = {
            "model": self.model,
            "picture": self.picture,
            "resize": self.resize,
            "predicted": self.class_names[self.predicted],
            "class": None if self.true_class is None else self.class_names[self.true_class],
            "right": self.right,
            "verdict": None if self.verdict is None else self.verdict.to_json(),
            "scores": dict(self.ranked),
            "undone": {way: self.class_names[k] for way, k in self.undone.items()},
            "sentences": self.sentences,
            "changes": [self._change_json(one) for one in self.tried],
        }
        if self.compared is not None:
            out["compared"] = self.compared.to_json(self)
        return out if self.why is None else out | {"why": self.why.to_json()}

    def _change_json(self, one: Tried) -> dict[str, Any]:
        """Return one change with all that is known at each severity."""
        share = one.votes / one.votes.sum(axis=1, keepdims=True)
        change: dict[str, Any] = {
            "degradation": one.title,
            "name": one.family.name,
            "severities": list(one.severities),
            "copies": [{self.class_names[k]: int(row[k]) for k in np.flatnonzero(row)} for row in one.votes],
            "share_as_predicted": share[:, self.predicted].tolist(),
            "certain": self._changed(one).tolist(),
        }
        if self.true_class is not None:
            change["share_right"] = share[:, self.true_class].tolist()
            change["right"] = one.right(self.true_class).tolist()
        if one.others is not None:
            change["share_of_other_images"] = [float(share) if np.isfinite(share) else None for share in one.others]
        return change

    def plot(self) -> "Figure":
        """Draw the picture, and its mildest change by each degradation that makes it right or, else, that alters it.

        Changes make the picture right if it is wrong; otherwise, and without a true class, they alter the prediction.
        Degradations that do so in none of the severities tried are left out. If a turn, a negative or swapped colours
        make the picture right, these come first, with the score of the true class. Of a picture that is wrong, changes
        that say nothing about it come last, and their titles say so: noise, and what turns other images into its class.

        Returns
        -------
        matplotlib.figure.Figure
            The figure. The title of each image has the predicted class: in red if it is wrong or, without a true class,
            if it differs from that of the picture.
        """
        from tfstab.sweep.plot import copies_figure

        right = self.predicted if self.true_class is None else self.true_class
        shown: list[tuple[np.ndarray, str, int]] = [(self.image, "as given", self.predicted), *self._drawn_undone()]
        is_right = right == self.predicted
        drawn = []
        for one, copies in zip(self.tried, self.copies, strict=True):
            wanted = telling if (telling := self._telling(one)).any() else self._changed(one)
            if wanted.any():
                s, share = int(wanted.argmax()), one.share(right)
                copy = int((copies[s] == one.predicted[s]).argmax())
                degraded = one.family.degrade(self.image, one.severities[s], stream(s, copy))
                title = f"{one.title}, {one.at(np.arange(len(wanted)) == s)}{'' if telling.any() else NOTHING_SAID}"
                order = not telling.any(), share if is_right else -share
                drawn.append((order, (degraded, title, int(one.predicted[s]))))
        shown += [one for _, one in sorted(drawn, key=lambda pair: pair[0])]
        return copies_figure(shown, self.class_names, right, self.picture, self.true_class is not None)

    def _drawn_undone(self) -> list[tuple[NDArray[np.uint8], str, int]]:
        """Return the turned, negative or swapped images that are right, the surest first, with titles and classes."""
        images = dict(zip(self.undone, () if self.undone_images is None else self.undone_images, strict=False))
        right = [(f"{one.mix_up.lead}{way}", score) for one in self.suitable for way, score in one.scores.items()]
        k = int(self.true_class or 0)
        return [
            (images[way], f"{way}\nscore {scored(score)}", k)
            for way, score in sorted(right, key=lambda pair: -pair[1])
            if way in images
        ]

    def __repr__(self) -> str:
        """Return the class, the picture and what is predicted, without the arrays."""
        return f"{type(self).__name__}({self.title!r})"

    def _repr_html_(self) -> str:
        """Return all findings as HTML, for a notebook."""
        return html_lines(str(self))

    def __str__(self) -> str:
        """Return what is predicted, and the verdict; then a line for each finding, and how firm the prediction is.

        What was not asked, or is not known, is left out.
        """
        lines = [self.title] if self.verdict is None else [self.title, self.verdict.sentence, FOUND]
        lines += [f"- {sentence}" for sentence in self.sentences]
        if self.why is not None:
            asked = "wrong prediction" if self.right is False else "prediction"
            lines += [
                f"How firm is the {asked}? {self.why.cause}.",
                *(f"- {sentence}" for sentence in self.why.sentences),
            ]
        return "\n".join(lines)


def stream(severity_index: int, copy: int) -> Any:
    """Return the random numbers of a copy, from which it can be made again."""
    return NoiseStreams(0).at(0, severity_index, copy)
