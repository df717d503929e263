"""What to do after an assessment or an explanation, whether it is called as a command or in Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfstab.assessment.class_findings import worst_family_finding
from tfstab.assessment.clean_findings import guessing
from tfstab.assessment.levels import HARMLESS
from tfstab.assessment.opened import Assessment
from tfstab.assessment.ranking import standings
from tfstab.assessment.recalls import lost_when_severe, weakest_rare_class
from tfstab.assessment.results import image_seconds_in
from tfstab.assessment.undecided import more_may_decide
from tfstab.assessment.verdict import deepest_fall
from tfstab.assessment.words import name
from tfstab.classifier import Classifier
from tfstab.classifier.preprocess import about
from tfstab.datasets.splits import training_split_of
from tfstab.degradations import BUILT_IN
from tfstab.degradations.ranges import ALL
from tfstab.explanation.budget import minutes_for_cause
from tfstab.explanation.remedies import OF_MIXTURE, Hardening
from tfstab.names import quoted
from tfstab.orders.hardening import MINUTES
from tfstab.orders.hardening_images import beside
from tfstab.sweep import SweepRun

TRAINING_IMAGES = "TRAINING_IMAGES"  # stands for images that are not known
TRAINING_LOOP = ("guide", "training-loop")
EXPLAIN_MINUTES = 3  # at least: enough for a few dozen images of a small network; all images may take half an hour


@dataclass(frozen=True)
class LostImage:
    """An image that is proposed for a closer look.

    Attributes
    ----------
    run : SweepRun
        A sweep in which it is lost.
    image : int
        Its index in the full split.
    why : str
        What there is to see, as in "why this image of class dog is lost under fog".
    """

    run: SweepRun
    image: int
    why: str


@dataclass(frozen=True)
class RareRecall:
    """A rare class of which images are lost at a severity of a degradation that does little harm on average.

    Attributes
    ----------
    run : SweepRun
        The sweep of the degradation.
    name : str
        Name of the class.
    """

    run: SweepRun
    name: str

    @property
    def why(self) -> str:
        """What there is to see, as in "recall of class defect at each severity of contrast"."""
        return f"recall of class {quoted(name(self.name))} at each severity of {self.run.degradation.title}"


@dataclass(frozen=True)
class Proposed:
    """What is proposed next, whether it is called as a command or in Python.

    Attributes
    ----------
    lost : LostImage or None
        An image to explain.
    rare : RareRecall or None
        A class whose recall is worth a look.
    explain_minutes : int or None
        How long to explain why noise changes predictions; None if that is not proposed.
    trainable : bool or None
        True if tfstab can train the model, False if only its own program can; None if no training is proposed.
    """

    lost: LostImage | None
    rare: RareRecall | None
    explain_minutes: int | None
    trainable: bool | None


def proposed(classifier: Classifier, of_test: bool, explained: bool, assessment: Assessment | None) -> Proposed:
    """Return what to do next, as far as the model allows it.

    Parameters
    ----------
    classifier : Classifier
        The model.
    of_test : bool
        Whether these are test images with classes, as `tfstab harden` takes them.
    explained : bool
        Whether the model has been explained, so that only hardening is left.
    assessment : Assessment or None
        As in `next_steps`.
    """
    votes = classifier.combine == "vote"
    lost = None if assessment is None or votes or classifier.labels_only else _lost(assessment)
    # Votes have no slope; and where noise does little harm, or was left out, nobody asks why.
    asks = not explained and not votes and _harmed_by_noise(assessment)
    minutes = _explain_minutes(assessment) if asks else None
    rare = None if assessment is None else _rare_recall(assessment)
    return Proposed(
        lost, rare, minutes, _can_be_saved(classifier) if of_test and not _is_hardened(classifier) else None
    )


def why_explain(minutes: int) -> str:
    """Return what an explanation is for."""
    return f"why noise changes predictions ({minutes} minutes)"


def why_harden(assessment: Assessment) -> str:
    """Return what the ordinary hardening after an assessment is for."""
    return f"{ordinary(assessment)[1]} ({MINUTES:g} minutes)"


def ordinary(assessment: Assessment | None) -> Hardening:
    """Return the ordinary hardening: on all built-in degradations, and on those of the user's own that were measured.

    If the degradations of the assessment were chosen, it measures these only, and says so.
    """
    chosen = None if assessment is None else chosen_degradations(assessment)
    own = [] if assessment is None else own_degradations(assessment)
    more: dict[str, Any] = {"against": ",".join([ALL, *own])} if own else {}
    trained = f"{OF_MIXTURE}{' and yours' if own else ''}"
    if chosen is None:
        return more, trained
    these = f"these {count}" if (count := len(chosen.split(","))) > 1 else "this one"  # they are named in the call
    return more, f"{trained}{',' if own else ''} and measured on {these}"


def why_training_loop(classifier: Classifier) -> str:
    """Return what the guide on training in the user's own program is for, and what tfstab cannot do with the model."""
    from tfstab.classifier.layers import networks_of

    cannot = "train this model" if networks_of(classifier) else "train this model or examine its layers"
    return f"a more stable model: train it on degraded images in your own program; tfstab cannot {cannot}"


def why_more(assessment: Assessment) -> str | None:
    """Return why an assessment should be continued; None if that gains nothing, or its minutes are not known."""
    figures = assessment.figures
    if "minutes" not in assessment.repeat or guessing(figures):
        return None
    gained = ["the minimum noise, for which there was no time"] if assessment.search_minutes else []
    if more_may_decide(standings(figures.families), figures):
        gained.append(f"more of the {figures.available:,} images given, which may decide what is still open")
    minutes = minutes_to_continue(assessment)
    time = f"{minutes:g} {'minute' if minutes == 1 else 'minutes'}"
    return f"{', and '.join(gained)} ({time})" if gained else None


def minutes_to_continue(assessment: Assessment) -> float:
    """Return the minutes of the call that made an assessment, or more if the search takes more."""
    return max(float(assessment.repeat["minutes"]), assessment.search_minutes)


def why_advised(advised: Mapping[str, str]) -> str:
    """Return why other options are advised, by name of parameter: "preprocess", "classes"."""
    form = advised.get("preprocess")
    if form is None:
        return "the outputs seem to mean other classes"
    others = ", and its outputs seem to mean other classes" if "classes" in advised else ""
    return f"the model seems to expect inputs {about(form)}{others}"


def _is_hardened(classifier: Classifier) -> bool:
    """Return whether `tfstab harden` wrote the model."""
    from tfstab.training.hardening_card import is_hardened

    return is_hardened(classifier)


def _can_be_saved(classifier: Classifier) -> bool:
    """Return whether `tfstab harden` writes a model file."""
    from tfstab.training.remedies.trainable import cannot_save

    return cannot_save(classifier) is None


def _lost(assessment: Assessment) -> LostImage | None:
    """Return an image that is lost under the most harmful degradation; None if none is lost.

    The image is of the class that the verdict names for this degradation, if it names one. Images of a network that may
    be guessing are not proposed.
    """
    figures = assessment.figures
    if not figures.families or guessing(figures):
        return None
    fall, weaker = deepest_fall(figures), worst_family_finding(figures)
    family = figures.families[0] if fall is None else fall.family
    label = fall.index if fall is not None else figures.classes.index(weaker.about[0]) if weaker else None
    of_class = "" if label is None else f" of class {quoted(name(figures.classes[label]))}"
    for run in filter(None, (family.run, family.rare if label is not None else None)):
        if (image := _lost_image(run, label)) is not None:
            return LostImage(run, image, f"why this image{of_class} is lost under {family.title}")
    return None


def _rare_recall(assessment: Assessment) -> RareRecall | None:
    """Return the rare class to look at if a degradation does it little harm on average, but more at some severity."""
    figures = assessment.figures
    rare = weakest_rare_class(figures.clean_classes)
    if rare is None or guessing(figures):
        return None
    harmless = [standing.family for standing in standings(figures.families) if standing.harmless]
    family = lost_when_severe(harmless, rare.index)
    return None if family is None else RareRecall(family.run, figures.classes[rare.index])


def _lost_image(run: SweepRun, label: int | None) -> int | None:
    """Return a typical lost image of a class, or of any class for None; None if no copy of any image is lost.

    Most images are lost at the strongest severities, which says little. So an image is looked for that loses half of
    its copies at the middle severity or a milder one. If there is none, half of the copies at any severity will do, and
    otherwise a single copy. Of all such images, the one at the upper quartile of the clean scores is chosen: any change
    makes an image with a low score wrong, and the image with the highest score is not typical.
    """
    m, order = run.measures, run.config.mildest_first
    mine = m.clean_correct & m.wrong_share.any(axis=1)
    mine &= True if label is None else m.labels == label
    fails = m.failing_severity(0.5)
    mild = np.isin(fails, m.severities[order[: len(order) // 2 + 1]])
    rows = next((np.flatnonzero(some) for some in (mine & mild, mine & np.isfinite(fails), mine) if some.any()), None)
    if rows is None:
        return None
    scores = m.clean_true_score[rows]
    upper = np.sort(scores)[3 * (len(rows) - 1) // 4]
    return int(m.images[rows[scores == upper][0]])


def _harmed_by_noise(assessment: Assessment | None) -> bool:
    """Return whether Gaussian noise costs at least a tenth, as measured; true if nothing was assessed."""
    if assessment is None:
        return True
    families = assessment.figures.families
    return any(family.name == "gaussian_noise" and family.kept.value <= HARMLESS for family in families)


def _explain_minutes(assessment: Assessment | None) -> int:
    """Return how many minutes an explanation needs to name a cause, at the speed that the assessment measured."""
    seconds = None if assessment is None else image_seconds_in(assessment.path)
    return EXPLAIN_MINUTES if seconds is None else max(EXPLAIN_MINUTES, minutes_for_cause(seconds))


def training_images(data: str) -> str | None:
    """Return where the training images that belong to some test images are; None for a split of the same source."""
    return None if training_split_of(data) is not None else beside(data) or TRAINING_IMAGES


def own_degradations(assessment: Assessment) -> list[str]:
    """Return the names of the user's own degradations that an assessment measured, if they can be trained on."""
    measured = (family.run.degradation for family in assessment.figures.families)
    return sorted(one.name for one in measured if one.clip and one.name not in BUILT_IN)


def chosen_degradations(assessment: Assessment) -> str | None:
    """Return the degradations that were chosen for an assessment; None for all, or if an earlier call measured more."""
    chosen: str | None = assessment.repeat.get("degradation")
    measured = {family.name for family in assessment.figures.families}
    return chosen if chosen is not None and measured <= set(chosen.split(",")) else None
