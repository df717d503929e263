"""What to do after an assessment or an explanation: commands for the same model and images."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfstab.assessment.class_findings import worst_family_finding
from tfstab.assessment.clean_findings import guessing
from tfstab.assessment.levels import HARMLESS
from tfstab.assessment.opened import Assessment
from tfstab.assessment.ranking import standings
from tfstab.assessment.recalls import lost_when_severe, weakest_rare_class
from tfstab.assessment.results import image_seconds_in
from tfstab.assessment.verdict import deepest_fall
from tfstab.assessment.words import name
from tfstab.classifier import Classifier
from tfstab.classifier.preprocess import about
from tfstab.datasets import splits_of
from tfstab.datasets.registry import FOLDER, with_prefix
from tfstab.datasets.remarks import reading_of, remarks_of
from tfstab.datasets.resize import parse_resize, resize_option
from tfstab.errors import TfstabError
from tfstab.explanation import ExplanationRun
from tfstab.explanation.budget import minutes_for_cause
from tfstab.explanation.cause import causes_of
from tfstab.explanation.remedies import MORE_STABLE, OF_MIXTURE, Hardening, hardenings
from tfstab.models import own_data
from tfstab.models.input_shape import input_of_file
from tfstab.models.loading import ONNX, TFLITE
from tfstab.names import quoted
from tfstab.orders.hardening import MINUTES, beside
from tfstab.orders.images import ImageOptions
from tfstab.orders.model import ModelOptions
from tfstab.orders.model_of_run import model_of_run
from tfstab.orders.order import Subject
from tfstab.orders.parameters import arguments_of, parameters_of
from tfstab.orders.shell import command, from_here
from tfstab.sweep import SweepRun
from tfstab.wording import capital

TRAINING_IMAGES = "TRAINING_IMAGES"  # stands for images that are not known
KERAS_MODEL = "KERAS_MODEL"  # stands for the model from which a file was made
TRAINING_LOOP = ("guide", "training-loop")
WHY_TRAINING_LOOP = "a more stable model: train it on degraded images"
EXPLAIN_MINUTES = 3  # at least: enough for a few dozen images of a small network; all images may take half an hour


@dataclass(frozen=True)
class Step:
    """A command that could come next.

    Attributes
    ----------
    words : sequence of str
        What is typed after `tfstab`.
    why : str
        What it is for, as in "a more stable model".
    """

    words: Sequence[str]
    why: str

    @property
    def command(self) -> str:
        """The command as it is typed where the user is."""
        return command(*self.words)

    @property
    def elsewhere(self) -> str:
        """The command as it is typed where tfstab is installed."""
        return shlex.join(["tfstab", *self.words])

    @property
    def purpose(self) -> str:
        """What it is for, as the beginning of a line."""
        return capital(self.why)


def next_steps(
    subject: Subject, explained: ExplanationRun | None = None, assessment: Assessment | None = None
) -> list[Step]:
    """Return which commands to run next, without those that this model does not allow.

    An explanation, which is about noise, is proposed only where Gaussian noise, as measured, costs at least a tenth of
    the accuracy: otherwise, other degradations are the problem, about which an explanation says nothing.

    If the check of the inputs advised other options, that is the assessment with these, as all other commands would
    work on inputs or classes that seem to be wrong.

    Parameters
    ----------
    subject : Subject
        The model and the images, as they were given.
    explained : ExplanationRun, optional
        Its explanation, if there is one: then only the hardenings that its causes call for are proposed.
    assessment : Assessment, optional
        Its assessment, from which an image is proposed for a closer look.
    """
    if assessment is not None and (advised := _advised(subject, assessment)):
        return [advised]
    steps = []
    found = proposed(subject.classifier, _of_test(subject), explained is not None, assessment)
    if found.lost is not None:
        run, image = found.lost.run, found.lost.image
        words = "inspect", run.path, "--image", run.clean.file(image) or image, "--why"
        steps.append(Step([str(word) for word in words], found.lost.why))
    if found.rare is not None:
        given = {"run": found.rare.run.path, "true_class": found.rare.name}
        steps.append(Step(words_of("inspect", given), found.rare.why))
    if found.explain_minutes is not None:
        steps.append(Step(_explain(subject, found.explain_minutes), why_explain(found.explain_minutes)))
    wanted = [_ordinary(assessment)] if explained is None else hardenings(causes_of(explained))
    if found.trainable:
        steps += [Step(_harden(subject, assessment, more), f"{what} ({MINUTES:g} minutes)") for more, what in wanted]
    elif found.trainable is not None:
        if subject.model.name.endswith((ONNX, TFLITE)):
            why = "if the file was made from a Keras model: %s, to be converted again"
            steps += [Step(_harden_original(subject, assessment, more), why % what) for more, what in wanted]
        steps.append(Step(TRAINING_LOOP, WHY_TRAINING_LOOP))
    return steps


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
    return f"{_ordinary(assessment)[1]} ({MINUTES:g} minutes)"


def _ordinary(assessment: Assessment | None) -> Hardening:
    """Return the ordinary hardening.

    If the degradations of the assessment were chosen, it measures these but trains on the built-in ones, and says so.
    """
    chosen = None if assessment is None else chosen_degradations(assessment)
    return {}, MORE_STABLE if chosen is None else OF_MIXTURE


def _advised(subject: Subject, assessment: Assessment) -> Step | None:
    """Return the assessment with the options that the check of the inputs advises; None if it advises none."""
    if not assessment.advised:
        return None
    images = subject.images
    more = {"limit": images.limit, "images": images.images, "split": images.split}
    words = words_of("assess", _given(subject) | more | assessment.repeat | assessment.advised)
    return Step(words, why_advised(assessment.advised))


def why_advised(advised: Mapping[str, str]) -> str:
    """Return why other options are advised, by name of parameter: "preprocess", "classes"."""
    form = advised.get("preprocess")
    if form is None:
        return "the outputs seem to mean other classes"
    others = ", and its outputs seem to mean other classes" if "classes" in advised else ""
    return f"the model seems to expect inputs {about(form)}{others}"


def _of_test(subject: Subject) -> bool:
    """Return whether these are test images with classes, as `tfstab harden` takes them."""
    images = subject.images
    return images.images is None and images.split == "test" and not images.without_classes


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


def _explain(subject: Subject, minutes: int) -> list[str]:
    """Return the command that explains the model on as many of the images as these minutes allow."""
    more = {"images": subject.images.images, "split": subject.images.split, "minutes": minutes}
    return words_of("explain", _given(subject) | more)


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


def _harden(subject: Subject, assessment: Assessment | None, more: dict[str, Any]) -> list[str]:
    """Return the command that hardens the model, and measures the degradations that were chosen for the assessment.

    Training images that are not known are left to the user. more: further options, by name of parameter.
    """
    return words_of("harden", _given(subject) | _given_to_harden(subject, assessment) | more)


def _harden_original(subject: Subject, assessment: Assessment | None, more: dict[str, Any]) -> list[str]:
    """Return the command that hardens the Keras model from which an ONNX or TFLite file was made."""
    return words_of("harden", {"model": KERAS_MODEL} | _given_to_harden(subject, assessment) | more)


def _given_to_harden(subject: Subject, assessment: Assessment | None) -> dict[str, Any]:
    """Return the images of a hardening, and the degradations that it measures, by name of parameter."""
    data = subject.images.data or own_data(subject.model.name) or ""
    chosen = None if assessment is None else chosen_degradations(assessment)
    return {"data": data, "train": training_images(data), "degradation": chosen}


def training_images(data: str) -> str | None:
    """Return where the training images that belong to some test images are; None for a split of the same source."""
    return None if "train" in splits_of(data) else beside(data) or TRAINING_IMAGES


def chosen_degradations(assessment: Assessment) -> str | None:
    """Return the degradations that were chosen for an assessment; None for all, or if an earlier call measured more."""
    chosen: str | None = assessment.repeat.get("degradation")
    measured = {family.name for family in assessment.figures.families}
    return chosen if chosen is not None and measured <= set(chosen.split(",")) else None


def _given(subject: Subject) -> dict[str, Any]:
    """Return model, images and their options by name of parameter."""
    return options_of(subject.model, subject.images)


def options_of(model: ModelOptions, images: ImageOptions) -> dict[str, Any]:
    """Return a model, images and their options by name of parameter."""
    return {
        "model": model.name, "data": images.data, "preprocess": model.preprocess, "outputs": model.outputs,
        "threshold": model.threshold, "classes": model.classes, "trust": model.trust, "imports": model.imports or None,
        "resize": images.resize, "data_dir": images.data_dir, "damaged": images.damaged,
    }  # fmt: skip


def options_of_run(info: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return model, images and their options of a run by name of parameter; None if it is not known where they are.

    Paths are written as a user types them in the current folder: default folders are named after the options, so the
    command goes on in the folder of one typed by hand. How many images were taken is not known. info: the run's
    run.json.
    """
    data = info["data"]
    read = reading_of(remarks_of(data))
    images = ImageOptions(data["name"], data["split"], damaged=read.get("damaged", ImageOptions.damaged))
    try:
        images.check()
        model = model_of_run(info).without_card
        images = replace(images, resize=_as_given(read.get("resize"), model.name))
        here = {"model": from_here(model.name), "data": _typed_images(data["name"])}
        return options_of(model, images) | here | {"split": images.split, "seed": info["seed"]}
    except TfstabError:
        return None


def _typed_images(data: str) -> str:
    """Return images as they are typed: "photos/test" for "folder:photos/test", unless a data set has this name."""
    bare = from_here(data.removeprefix(FOLDER))
    return bare if not data.startswith(FOLDER) or with_prefix(bare) == f"{FOLDER}{bare}" else data


def _as_given(resize: str | None, model: str) -> str | None:
    """Return how images were resized without the model's own size, which a user need not give.

    With the size, folders that are named by the options would have other names, and their work would be made again.
    """
    if resize is None:
        return None
    way, size, named = parse_resize(resize)
    taken = input_of_file(model)
    return resize_option(way, None, named) if taken is not None and taken.shape[:2] == size else resize


def words_of(name: str, values: dict[str, Any]) -> list[str]:
    """Return the words of a command with its arguments first, as people type it. values: by name of parameter."""
    words = arguments_of(parameters_of(name), values)
    end = words.index("--") if "--" in words else len(words)
    arguments = words[end + 1 :]
    if any(one.startswith("-") for one in arguments):  # they would be taken for options
        return [name, *words]
    return [name, *arguments, *words[:end]]
