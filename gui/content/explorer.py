"""What the explorer shows: an image under degradations in a row, in words and as a triple."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import Degradation, degradation_names, get_degradation
from tfstab.degradations.registry import registered_files
from tfstab.errors import InputError
from tfstab.gui.content.noise_facts import decibels, norms
from tfstab.gui.content.own_picture import OwnPicture
from tfstab.gui.content.predictions import WHEN_CLEAN, correct, predictions, says, score_bars
from tfstab.gui.content.triple import Facts, Triple
from tfstab.gui.jobs.severities import settled
from tfstab.metrics.image import psnr
from tfstab.runs.info import without_classes
from tfstab.wording import after_number, of_parameter

GIVEN = "as given"  # replaces `WHEN_CLEAN` for a picture of the user's own
AMONG = "Compared with the images of the run"
MOST_STEPS = 8
KEY = "explorer"  # of its part of a viewpoint's state
PICTURE, EXPLAINED = "picture", "explained"  # keys of `Exploring.to_json`


@dataclass(frozen=True)
class Step:
    """One degradation of several in a row, and its severity.

    Attributes
    ----------
    name : str
        Name of the family.
    severity : float
        Its severity; the neutral one leaves the image unchanged.
    """

    name: str
    severity: float

    @property
    def family(self) -> Degradation:
        """The family."""
        return get_degradation(self.name)

    @property
    def text(self) -> str:
        """The step in words, such as "Gaussian noise, sigma 20 grey levels"."""
        family = self.family
        if self.severity == family.neutral:
            return f"{family.title}, none"
        amount = of_parameter(family.parameter, f"{self.severity:.4g}")
        return f"{family.title}, {amount} {after_number(family.unit)}".rstrip()


Steps = tuple[Step, ...]


def new_step(name: str) -> Step:
    """Return a step of a family that leaves the image unchanged."""
    return Step(name, float(get_degradation(name).neutral))


@dataclass(frozen=True)
class Exploring:
    """What the explorer shows: an image, and the degradations that are applied to it one after another.

    Attributes
    ----------
    image : int
        Index of the image.
    steps : tuple of Step
        Degradations in the order in which they are applied.
    seed : int
        Seed of random degradations.
    own : OwnPicture or None
        A picture of the user's own, which is shown in place of the image.
    """

    image: int
    steps: Steps = ()
    seed: int = 0
    own: OwnPicture | None = None

    @property
    def subject(self) -> "int | OwnPicture":
        """What is degraded: the image, or a picture of the user's own."""
        return self.image if self.own is None else self.own

    def with_severity(self, place: int, severity: float) -> "Exploring":
        """Return the same with another severity of one step."""
        steps = list(self.steps)
        steps[place] = replace(steps[place], severity=severity)
        return replace(self, steps=tuple(steps))

    def moved(self, place: int, by: int) -> "Exploring":
        """Return the same with one step applied that many places later."""
        steps = list(self.steps)
        steps.insert(min(max(place + by, 0), len(steps) - 1), steps.pop(place))
        return replace(self, steps=tuple(steps))

    def without(self, place: int) -> "Exploring":
        """Return the same without one step."""
        return replace(self, steps=self.steps[:place] + self.steps[place + 1 :])

    @property
    def names(self) -> list[str]:
        """Names of the families, in the order in which they are applied."""
        return [step.name for step in self.steps]

    @property
    def pairs(self) -> list[tuple[str, float]]:
        """Names and severities, as `tfstab.degradations.chain` takes them."""
        return [(step.name, step.severity) for step in self.steps]

    @property
    def unchanged(self) -> bool:
        """Whether no degradation changes the image: all severities are neutral."""
        return all(step.severity == step.family.neutral for step in self.steps)

    @property
    def random(self) -> bool:
        """Whether a degradation that changes the image draws random numbers."""
        return any(step.family.random and step.severity != step.family.neutral for step in self.steps)

    @property
    def text(self) -> str:
        """The degradations that change the image, in words, with the seed unless it is the first one."""
        steps = [step for step in self.steps if step.severity != step.family.neutral]
        seed = f", seed {self.seed}" if self.seed and self.random else ""
        return (", then ".join(step.text for step in steps) or "unchanged") + seed

    def to_json(self) -> dict[str, Any]:
        """Return the fields as values of a JSON file; of an image that is explained, "explained" is its true class."""
        values = {"image": self.image, "steps": [list(pair) for pair in self.pairs], "seed": self.seed}
        if self.own is None:
            return values
        picture = self.own.to_json()
        return values | ({EXPLAINED: self.own.actual} if picture is None else {PICTURE: picture})

    @classmethod
    def from_json(cls, value: Any) -> "Exploring":
        """Return what `to_json` wrote, which may come from a stranger; raise InputError for anything else.

        A picture of the user's own is left out; `PictureOpener.restore` brings it back.
        """
        try:
            image, steps, seed = value["image"], value["steps"], value["seed"]
            whole = all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**63 for n in (image, seed))
            if not whole or not isinstance(steps, list) or len(steps) > MOST_STEPS:
                raise ValueError
            taken = []
            for name, severity in steps:
                family = get_degradation(str(name))
                taken.append(Step(family.name, settled(family, float(severity))))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise InputError("the state of the explorer is damaged; expected an image, steps and a seed.") from error
        return cls(image, tuple(taken), seed)


def without_folder(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a viewpoint's state that names the file of a picture without its folder.

    A view that comes from a stranger could otherwise make the viewer read any file; `PictureOpener.restore` reads none
    that has only a name.
    """
    explored = state.get(KEY)
    if not isinstance(explored, dict) or not isinstance(picture := explored.get(PICTURE), dict):
        return dict(state)
    named = picture | {"file": PurePath(str(picture.get("file"))).name}
    return {**state, KEY: explored | {PICTURE: named}}


@dataclass(frozen=True, eq=False)
class Clean:
    """The image that the explorer degrades, while it is clean.

    Attributes
    ----------
    title : str
        A heading.
    image : ndarray of uint8, shape (H, W, C)
        The image.
    scores : ndarray, shape (K,)
        Its scores.
    actual : int or None
        The true class; None if it is unknown.
    """

    title: str
    image: NDArray[np.uint8]
    scores: NDArray[np.float32]
    actual: int | None

    @classmethod
    def of(cls, run: Any, shown: Exploring) -> "Clean":
        """Return the clean image of a run (a SearchRun or SweepRun) that is shown, or the picture in its place."""
        if shown.own is not None:
            own = shown.own
            return cls(own.title, own.image, own.scores, own.actual)
        clean, row = run.clean, run.clean.row(shown.image)
        actual = None if without_classes(run.info) else int(clean.class_index[row])
        return cls(clean.title(shown.image), np.asarray(clean.images[row]), np.asarray(clean.scores[row]), actual)

    @property
    def predicted(self) -> int:
        """The class predicted for it."""
        return int(self.scores.argmax())

    @property
    def wrong(self) -> bool:
        """Whether another class is predicted than the true one, if that is known."""
        return self.actual not in (None, self.predicted)


def explored_triple(run: Any, shown: Exploring, degraded: NDArray[np.float32], scores: np.ndarray | None) -> Triple:
    """Return the images and scores that the explorer shows.

    Parameters
    ----------
    run : SearchRun or SweepRun
        The run of the image.
    shown : Exploring
        How the image is degraded.
    degraded : ndarray of float32, shape (H, W, C)
        The degraded image.
    scores : ndarray, shape (K,), or None
        Its scores; None until they are computed.

    Returns
    -------
    Triple
        Until the scores are computed, bars and facts are about the clean image only.
    """
    clean, names = Clean.of(run, shown), run.class_names
    known = clean.scores if scores is None else scores
    actual = clean.predicted if clean.actual is None else clean.actual
    bars = score_bars(clean.scores, dict(enumerate(known.tolist())), actual, names, known=clean.actual is not None)
    if scores is None:
        bars = tuple(replace(bar, degraded=None, predicted=False) for bar in bars)
    noise = degraded - clean.image
    return Triple(
        title=f"{clean.title}, {shown.text}",
        clean=clean.image,
        noise=noise,
        degraded=degraded,
        clean_says=_says(clean.scores, names),
        degraded_says="" if scores is None else _says(scores, names),
        facts=_facts(clean, shown, noise, scores, names),
        bars=bars,
        clean_is="As given" if shown.own is not None and shown.own.of_run is None else "Clean",
    )


def _facts(clean: Clean, shown: Exploring, noise: np.ndarray, scores: np.ndarray | None, names: Sequence[str]) -> Facts:
    """Return facts about the image in view, which the panel shows unless it has the card of this image."""
    own, known, after = shown.own, clean.actual is not None, clean.scores if scores is None else scores
    when = GIVEN if own is not None and own.of_run is None else WHEN_CLEAN
    k, actual = int(after.argmax()), clean.predicted if clean.actual is None else clean.actual
    said = predictions(actual, clean.scores, k, float(after[k]), float(after[actual]), names, known=known, clean=when)
    if own is not None and not known:
        said = (("True class", "unknown"), *said[1:])  # nothing counts as right in its place
    looks = () if own is None or not own.looks else ((AMONG, own.looks),)
    if scores is None:
        return (clean.title, said[:2]), *looks
    judged = correct(not clean.wrong, k == actual, when) if known else ()
    decibel = decibels(float(psnr(noise[None])[0]))
    return (clean.title, (*said, *judged)), *looks, (shown.text, (*norms(noise), ("PSNR", decibel)))


def _says(scores: np.ndarray, names: Sequence[str]) -> str:
    return says(int(scores.argmax()), float(scores.max()), names)


def families() -> dict[str, str]:
    """Return the titles of the degradations on offer, by name, with those of files that were loaded in the meantime."""
    return _titles(tuple(registered_files()))


@cache  # installed packages are looked through for them, which takes 15 ms
def _titles(_registered: tuple[str, ...]) -> dict[str, str]:
    return {name: get_degradation(name).title for name in degradation_names()}
