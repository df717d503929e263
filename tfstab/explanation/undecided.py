"""What may be a cause: a figure that is beyond its threshold as measured, but not with its whole interval.

A class that may be as good as the others when clean is not named; it is only said that its images are too few.
Two classes whose output weights are alike are not looked at: half of such pairs have less margin than others by chance.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.explanation.assessment_near import assessment_near
from tfstab.explanation.bands import frequency_figures
from tfstab.explanation.cause import Cause
from tfstab.explanation.class_causes import CLEAN_GAP, SLIM, SURE_GAP, SURE_OTHERS, of_margins
from tfstab.explanation.classes import (
    LEAST_OF_NETWORK,
    SURE,
    at_once,
    class_ratios,
    is_sure,
    plain_shares,
    share_in,
    short_names,
    sure_share,
)
from tfstab.explanation.direction_causes import LOW_RATIO, SPECIAL, direction_figures, direction_text, low_text
from tfstab.explanation.gain import gains_of
from tfstab.explanation.more_images import all_counted, all_explained, images_wanted
from tfstab.explanation.run import ExplanationRun
from tfstab.metrics import Estimate, shares
from tfstab.wording import listed, percent

ANY, NEAR = "An assessment", "The assessment of this model"  # the latter if the run lies in or beside its folder
JUDGES = "judges from all of its clean images which classes are misclassified."
Shares = Mapping[int, tuple[float, float]]  # by class, as of `plain_shares`


@dataclass(frozen=True)
class Undecided:
    """What may be a cause, and what decides it.

    Attributes
    ----------
    text : str
        A sentence for each kind, and what decides it; "" if there is nothing.
    about : str
        The first of what may be a cause, such as "class dog"; "" if more images do not decide anything.
    images : int or None
        How many images may decide it; None if no more were given, or if that is not known.
    of_clean : bool
        Whether something depends on clean predictions, of which those of all images chosen are already counted.
    """

    text: str = ""
    about: str = ""
    images: int | None = None
    of_clean: bool = False


def undecided(run: ExplanationRun, causes: Sequence[Cause] = ()) -> Undecided:
    """Return what may be a cause, and what decides it.

    Parameters
    ----------
    run : ExplanationRun
        The run.
    causes : sequence of Cause
        Causes that are named already: they and their classes are left out.
    """
    if len(run.rows) < LEAST_OF_NETWORK:
        return Undecided()
    one, kinds = "another cause" if causes else "a cause", {cause.kind for cause in causes}
    known = {c for cause in causes for c in cause.classes}
    right, sure = run.clean.correct, is_sure(run)
    wrong = _below(plain_shares(run, right), CLEAN_GAP, known)
    unsure = _below(plain_shares(run, sure), SURE_GAP, known | wrong.keys())
    unsure = {c: pair for c, pair in unsure.items() if sure_share(run, (c,)) >= SURE_OTHERS}
    lower, seldom = _certainly_lower(run, wrong, right), _certainly_lower(run, unsure, sure)
    of_clean = _of_shares(run, lower, right, CLEAN_GAP, "are right", one)
    of_clean += _of_shares(run, seldom, sure, SURE_GAP, f"have a score of {SURE:g} or more for their class", one)
    of_clean += _too_few(run, wrong.keys() - lower.keys(), unsure.keys() - seldom.keys(), "clean" in kinds)
    slim = _of_margins(run, known | wrong.keys() | unsure.keys(), one)
    of_explained = slim + ([] if "direction" in kinds else _of_direction(run, one))
    of_low = [] if "low" in kinds else _of_low(run, one)
    complete = len(run.rows) >= int(run.info["data"]["images"])
    if not of_clean and not (of_explained and complete):
        return Undecided(" ".join(of_explained + of_low))
    wanted = _wanted(run, lower or wrong, right, CLEAN_GAP) if wrong else _wanted(run, unsure, sure, SURE_GAP)
    found = list(lower or seldom)[:1]
    any_class = "a class" if of_clean or slim else "a special direction"
    about = f"class {short_names(run, found)[0]}" if found else any_class
    if complete:
        told = [*of_clean, *of_explained, all_explained(run, wanted)]
    else:
        told = [*of_clean, all_counted(run, wanted), *of_explained]
    return Undecided(" ".join(told + of_low), about, wanted, bool(of_clean))


def _wanted(run: ExplanationRun, below: Shares, good: NDArray[np.bool_], gap: float) -> int | None:
    """Return how many images may decide about the first of these classes; as of `images_wanted`."""
    if not below:
        return images_wanted(run)
    first, (_, others) = next(iter(below.items()))
    return images_wanted(run, share_in(run, good, first, len(plain_shares(run, good))), others - gap)


def _below(found: Shares, gap: float, but: Collection[int]) -> Shares:
    """Return the classes whose share is lower than that of the others by more than a gap, the lowest first."""
    below = {c: pair for c, pair in found.items() if c not in but and pair[0] < pair[1] - gap}
    return dict(sorted(below.items(), key=lambda one: one[1][0] - one[1][1]))


def _certainly_lower(run: ExplanationRun, found: Shares, good: NDArray[np.bool_]) -> Shares:
    """Return those of the classes whose share is certainly lower than that of the others, by however little.

    With only a few images, any class may look bad by chance: its interval is so wide that naming it says nothing, and
    an assessment of more images would often contradict it.
    """
    tested = len(plain_shares(run, good))
    return {c: pair for c, pair in found.items() if share_in(run, good, c, tested).high < pair[1]}


def _too_few(run: ExplanationRun, wrong: Collection[int], unsure: Collection[int], another: bool) -> list[str]:
    """Return that some classes have too few images to judge whether one is a cause; [] if no class has.

    wrong, unsure: the classes whose share of right images, or of images with a high score, is below its threshold as
    measured. another: whether a class is already named as a cause.
    """
    counts = sorted(int((run.clean.class_index == c).sum()) for c in {*wrong, *unsure})
    if not counts:
        return []
    bad = " or ".join(word for word, classes in (("misclassified", wrong), ("unsure", unsure)) if classes)
    images = f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,} to {counts[-1]:,}"
    assessed = f" {ANY if assessment_near(run) is None else NEAR} {JUDGES}" if wrong else ""
    return [
        f"It cannot be judged from these images whether {'another' if another else 'a'} class is often {bad} even when "
        f"clean: {images} clean images of a class are too few for that.{assessed}"
    ]


def _of_shares(
    run: ExplanationRun, found: Shares, good: NDArray[np.bool_], gap: float, are: str, one: str
) -> list[str]:
    """Return that classes may have fewer good images than others, with the figures of the first.

    The interval is the one that decides, for all classes at once. are: what makes an image good, such as "are right".
    """
    if not found:
        return []
    first, (_, others) = next(iter(found.items()))
    tested = len(plain_shares(run, good))
    own = share_in(run, good, first, tested)
    images = int((run.clean.class_index == first).sum())
    return [
        f"Class {short_names(run, [first])[0]} may be {one}: {shares.share(own)} ({shares.interval(own)}, "
        f"{at_once(run, tested)}) of its {images:,} clean images {are}, compared with "
        f"{percent(others)} of those of the other classes. It is called a cause if this share is certainly below "
        f"{percent(others - gap)}, {100 * gap:g} points below that of the others.{_rest(run, found)}"
    ]


def _of_margins(run: ExplanationRun, but: Collection[int], one: str) -> list[str]:
    """Return that classes may have a slim margin, with the figure of the slimmest."""
    gains, slimmest, beside = gains_of(run), dict[int, tuple[Estimate, int]](), dict[int, tuple[int, float]]()
    if gains is None:
        return []
    classes = run.clean.class_index[run.rows]
    for network in gains.networks:
        ratios = class_ratios(gains.margin[:, gains.last_hidden(network)], classes)
        for c, ratio in ratios.items():
            if c not in but and ratio.value < min(SLIM, slimmest[c][0].value if c in slimmest else SLIM):
                slimmest[c], beside[c] = (ratio, len(ratios)), _next(c, ratios)
    found = dict(sorted(slimmest.items(), key=lambda each: each[1][0].value))
    if not found or sure_share(run, tuple(found)) < SURE_OTHERS:
        return []
    first, (ratio, tested) = next(iter(found.items()))
    name, (other, value) = short_names(run, [first])[0], beside[first]
    why = f"This is called a slim margin if certainly below {percent(SLIM)}."
    if ratio.high < SLIM:
        why = (
            f"This is certainly below {percent(SLIM)}, but it is called a cause only if it stands out, and the "
            f"interval also contains the next class, {short_names(run, [other])[0]}, with {percent(value)}."
        )
    return [
        f"Class {name} may be {one}: its images have {shares.share(ratio)} ({shares.interval(ratio)}"
        f"{of_margins(run, tested)}) of the margin of other images in the last layer before the logits. {why}"
        f"{_rest(run, found)}"
    ]


def _next(c: int, ratios: Mapping[int, Estimate]) -> tuple[int, float]:
    """Return the class with the next larger ratio than class `c`, and its ratio; the class itself if it is the last."""
    larger = {k: one.value for k, one in ratios.items() if k != c and one.value >= ratios[c].value}
    return min(larger.items(), key=lambda each: each[1]) if larger else (c, ratios[c].value)


def _rest(run: ExplanationRun, found: Mapping[int, object]) -> str:
    """Return which classes other than the first may be a cause, too."""
    names = short_names(run, list(found)[1:])
    if len(names) == 1:
        return f" Class {names[0]} may be a cause, too."
    return f" Classes {listed(names)} may be causes, too." if names else ""


def _of_direction(run: ExplanationRun, one: str) -> list[str]:
    """Return that the minimum noise may lie in a special direction."""
    figures = direction_figures(run)
    if figures is None or not figures.ratio.value < SPECIAL:
        return []
    return [
        f"A special direction may be {one}. {direction_text(figures)}. It is called a cause if this ratio is certainly "
        f"below {SPECIAL:g}."
    ]


def _of_low(run: ExplanationRun, one: str) -> list[str]:
    """Return that the network may be sensitive to low frequencies.

    More images do not decide this: the stripes are tried on a few alone.
    """
    figures = frequency_figures(run)
    if not (figures.fall_ratio.value < LOW_RATIO and figures.error_difference.value > 0):
        return []
    return [f"Sensitivity to low frequencies may be {one}, but this is not certain. {low_text(figures)}"]
