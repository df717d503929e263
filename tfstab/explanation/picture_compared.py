"""A picture of the user's own beside the images of a run: how it looks different, and what changes do to the others."""

import shlex
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.explanation.appearance import not_unusual
from tfstab.explanation.centring import centring
from tfstab.explanation.changed_others import alone, altered, enough_wrong, tested, with_others
from tfstab.explanation.mix_up_rate import Rate, rate_of
from tfstab.explanation.mix_up_words import told
from tfstab.explanation.mix_ups import MixUp, Suitable
from tfstab.explanation.one_kind import OneKind
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_trials import BATCH, OnProgress, findings_of, silent
from tfstab.explanation.run_looks import order_of, stands, usual_place_in
from tfstab.explanation.same_image import row_of_picture
from tfstab.explanation.standing import LIMIT, Standing, unusual_in
from tfstab.explanation.traits import CENTRING
from tfstab.explanation.weak_class import WeakClass, weak_class
from tfstab.wording import listed

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.runs import CleanImages

OTHERS = 48  # images of other classes; the changes that make the picture right are tried on them
LEAST_OTHERS = 20  # of fewer, the share that is taken for the class is not known well enough
RIGHT = 24  # images that are right when clean; all changes are tried on them


@dataclass(frozen=True)
class Compared:
    """What the images of a run say about a picture.

    Attributes
    ----------
    run : str
        The run's folder.
    standings : tuple of Standing
        How the picture stands among its images in brightness, contrast, sharpness, noise and position.
    altered : tuple of int
        How many of the changes alter the prediction, for each of some images of the run that are right when clean; in
        increasing order; () if the picture is wrong.
    weak_class : WeakClass or None
        The true class of a picture that is wrong, if it is a weak one in the run.
    with_classes : bool
        Whether the classes of the run's images are known, and so which of them are right.
    rates : dict
        For each mix-up that makes a wrong picture right when undone, such as a quarter turn: what undoing it does to
        images of the run. A mix-up for which this is not known is left out.
    of_class : tuple of int or None
        Clean images of the picture's true class, without the picture itself: how many are misclassified, and how many
        there are. None if the picture is right, or if the classes of the images are not known.
    as_sure : tuple of int or None
        Clean images that are right and of the class that is predicted for the picture: for how many of them the score
        of this class is no higher than for the picture, in the digits shown, and how many there are. None where
        `of_class` is.
    same : str
        Which image of the run the picture is, as `--image` takes it; "" if it is none of them.
    same_measured : bool
        Whether anything but the clean prediction was measured of this image.
    one_kind : OneKind or None
        The only kind of change that makes a wrong picture right; None if there is none, or several.
    """

    run: str
    standings: tuple[Standing, ...]
    altered: tuple[int, ...] = ()
    weak_class: WeakClass | None = None
    with_classes: bool = True
    rates: dict[MixUp, Rate] = field(default_factory=dict)
    of_class: tuple[int, int] | None = None
    as_sure: tuple[int, int] | None = None
    same: str = ""
    same_measured: bool = True
    one_kind: OneKind | None = None

    @property
    def unusual(self) -> list[Standing]:
        """The traits in which the picture stands out, the rarest first, but those shown to be harmless last."""
        unusual = (one for one in self.standings if one.unusual)
        return sorted(unusual, key=lambda one: (one.harmless, -one.exceeded))

    @property
    def harmless(self) -> bool:
        """Whether the picture stands out, but in nothing that harms images made like it."""
        return bool(self.unusual) and all(one.harmless for one in self.unusual)

    def looks(self, found: PictureFindings) -> list[str]:
        """Return how the picture stands out, or nearly does, among the images of the run; [] if that is not known."""
        wrong = found.true_class if found.right is False else None
        unusual = sorted((one for one in self.standings if one.unusual), key=lambda one: one.harmless)
        said = [one.sentence(found.tried, wrong) for one in unusual]
        if said:
            near = [one.near_words for one in self.standings if one.near]
            return [*said, *([f"In addition, it {listed(near)} of the images; {LIMIT}."] if near else [])]
        if not all(one.decided for one in self.standings):
            return []
        return [f"The picture is {not_unusual(self.standings)}."]

    def unusual_by(self, mix_up: MixUp) -> Standing | None:
        """Return the trait in which the picture stands out as a mix-up would make it; None if it does not."""
        return unusual_in(self.standings, mix_up.explains)

    def mixed_up(self, found: Suitable) -> str:
        """Return what makes the picture right when undone, and how often that is chance."""
        return told(found, self.rates.get(found.mix_up), unusual=self.unusual_by(found.mix_up) is not None)

    def sentences(self, found: PictureFindings) -> list[str]:
        """Return what else there is to say, given what was found out about the picture."""
        looks = [] if found.right is False else self.looks(found)  # said first if it is wrong
        altered = [self._altered(found)] if self.altered else []
        weak = [self.weak_class.sentence] if self.weak_class else []
        return [*altered, *looks, *weak]

    @property
    def known(self) -> list[str]:
        """A sentence that says which image of the run the picture is, and what was measured of it; [] if it is none."""
        if not self.same:
            return []
        lead, option = "The picture is itself an image of the run", f"--image {shlex.quote(self.same)}"
        if self.same_measured:
            call = f"image({self.same if self.same.isdecimal() else repr(self.same)})"
            return [f"{lead}: {option} (in Python, {call} of an assessment) shows what was measured for it."]
        return [f"{lead} ({option}), of which only the clean prediction was measured."]

    def _altered(self, found: PictureFindings) -> str:
        """Return how many changes alter the prediction for right images of the run, and for this picture."""
        number, own = sum(len(one.severities) for one in found.tried), _altering(found)
        low, middle, high = (round(float(q)) for q in np.percentile(self.altered, (25, 50, 75)))
        fewer, more = sum(one < own for one in self.altered), sum(one > own for one in self.altered)
        rank = f"more than for {fewer} of" if fewer >= more else f"fewer than for {more} of"
        rank = rank if fewer or more else "as for each of"
        right = " that is right" if self.with_classes else ""
        return (
            f"For a typical image of the run{right}, the prediction is altered by {middle} of these {number} changes "
            f"(by {low} to {high} for the middle half of the images). For this picture, it is altered by {own}, {rank} "
            f"the {len(self.altered)} images compared."
        )

    def to_json(self, found: PictureFindings) -> dict[str, Any]:
        """Return all figures."""
        wrong, of_class = found.true_class if found.right is False else None, self.of_class
        return {
            "run": self.run,
            "image_of_run": self.same or None,
            "appearance": [one.to_json(found.tried, wrong) for one in self.standings],
            "changes_altering_prediction": _altering(found),
            "changes_altering_right_images": list(self.altered),
            "one_kind_of_change": None if self.one_kind is None else self.one_kind.to_json(),
            "wrong_images_right_when_undone": {one.name: rate.to_json() for one, rate in self.rates.items()},
            "wrong_images_of_class": None if of_class is None else {"wrong": of_class[0], "images": of_class[1]},
        }


def compared(
    classifier: "Classifier",
    found: PictureFindings,
    clean: "CleanImages",
    run: str,
    *,
    with_classes: bool = True,
    on_progress: OnProgress = silent,
) -> PictureFindings:
    """Return the findings with what the images of a run say about the picture.

    Of a picture that is wrong, the changes that make it right are tried on images of other classes: if many of these
    are taken for its class, too, the change says nothing about the picture. What is unusual about it is done to right
    images, if that is possible. Of any other picture, all changes are tried on images that are right when clean.

    Parameters
    ----------
    classifier : Classifier
        The model.
    found : PictureFindings
        What was found without a run.
    clean : CleanImages
        The clean images of the run.
    run : str
        The run's folder.
    with_classes : bool
        Whether the classes of the images are known.
    on_progress : callable
        As in `findings_of`.
    """
    total, done = _steps(found, clean, with_classes=with_classes), 0
    steps = compared_steps(classifier, found, clean, run, with_classes=with_classes)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            whole: PictureFindings = end.value
            return whole
        done += 1
        on_progress("changing other images", min(done, total), total)


def compared_steps(
    classifier: "Classifier", found: PictureFindings, clean: "CleanImages", run: str, *, with_classes: bool = True
) -> Generator[None, None, PictureFindings]:
    """Do the same as `compared`, with the same parameters, and yield after each batch of images."""
    small, order = classifier.with_batch_size(BATCH), order_of(clean)
    own = row_of_picture(found.image, found.scores, clean)
    same = "" if own is None else clean.file(int(clean.indices[own])) or str(clean.indices[own])
    out = Compared(run, stands(found.image, clean), with_classes=with_classes, same=same)
    if found.right is not False:
        counts = yield from altered(small, found.tried, clean, order[clean.correct[order]][:RIGHT])
        return replace(found, compared=replace(out, altered=counts))
    found = _with_centring(small, found, out.standings, clean)
    k = int(found.true_class or 0)
    if not with_classes:
        return replace(found, compared=out)
    tried, others = list(found.tried), order[clean.class_index[order] != k][:OTHERS]
    for place, one in enumerate(found.tried if len(others) >= LEAST_OTHERS else ()):
        tried[place] = yield from with_others(small, one, clean, others, k)
    rates: dict[MixUp, Rate] = {}
    for right in found.suitable:
        rate = yield from rate_of(small, clean, order, right, found)
        rates |= {} if rate is None else {right.mix_up: rate}
    stand = list(out.standings)
    for place, standing in enumerate(stand):
        stand[place] = yield from tested(small, standing, replace(found, tried=tuple(tried)), clean, own)
    out = replace(out, standings=tuple(stand), weak_class=weak_class(clean, k), rates=rates)
    out = replace(out, of_class=_wrong_of(clean, k, own), as_sure=_as_sure(clean, found))
    out = replace(out, one_kind=(yield from alone(small, tried, clean, enough_wrong(clean, own), k)))
    return replace(found, tried=tuple(tried), compared=out)


def _steps(found: PictureFindings, clean: "CleanImages", *, with_classes: bool) -> int:
    """Return the number of batches of `compared_steps`, or slightly more or fewer."""
    if found.right is not False:
        return sum(len(one.severities) for one in found.tried)
    k = int(found.true_class or 0)
    if not with_classes:
        return 0
    mixed_up = sum(len(one.mix_up.ways) for one in found.suitable)
    looks = [one for one in stands(found.image, clean) if one.told]
    undoing = [one for one in looks if one.right_when_undone(found.tried, k)]
    alike = sum(bool(one.trait.alike) and (one in undoing or not one.trait.undone) for one in looks)
    undone = sum(one.ways(found.tried) for one in undoing) if len(enough_wrong(clean)) else 0
    return sum(int(one.right(k).sum()) for one in found.tried) + mixed_up + undone + alike


def _wrong_of(clean: "CleanImages", k: int, own: int | None) -> tuple[int, int]:
    """Return how many images of class k are wrong, and of how many. own: as in `tested`."""
    of_class = clean.class_index == k
    if own is not None:
        of_class[own] = False
    return int((~clean.correct[of_class]).sum()), int(of_class.sum())


def _as_sure(clean: "CleanImages", found: PictureFindings) -> tuple[int, int]:
    """Return how many right images of the predicted class have no higher score than the picture, and of how many."""
    k = found.predicted
    scores = clean.scores[clean.correct & (clean.class_index == k), k]
    return int((scores.round(3) <= found.scores[k].round(3)).sum()), len(scores)


def _with_centring(
    classifier: "Classifier", found: PictureFindings, standings: Sequence[Standing], clean: "CleanImages"
) -> PictureFindings:
    """Return the findings with what is predicted when the picture is centred, if it lies unusually far off-centre."""
    if not any(one.unusual and (CENTRING, True) in one.trait.undone for one in standings):
        return found
    change = centring(found.image, usual_place_in(clean))
    more = findings_of(classifier, found.image, [change], "", found.true_class)
    return replace(found, tried=(*found.tried, *more.tried), copies=(*found.copies, *more.copies))


def _altering(found: PictureFindings) -> int:
    """Return at how many severities most copies of a picture get another prediction."""
    return sum(int((one.predicted != found.predicted).sum()) for one in found.tried)
