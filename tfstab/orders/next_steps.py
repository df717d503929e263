"""What to do after an assessment or an explanation: commands for the same model and images."""

from collections.abc import Mapping
from typing import Any

from tfstab.assessment.opened import Assessment
from tfstab.datasets.folders import TRAINING
from tfstab.datasets.splits import splits_of
from tfstab.explanation import ExplanationRun
from tfstab.models import own_data
from tfstab.models.loading import ONNX, TFLITE
from tfstab.orders.after_explanation import WHY_ASSESS, AfterExplanation, after_explanation
from tfstab.orders.hardening import MINUTES
from tfstab.orders.order import Subject, default_folder
from tfstab.orders.proposed import (
    TRAINING_IMAGES,
    TRAINING_LOOP,
    chosen_degradations,
    minutes_to_continue,
    ordinary,
    proposed,
    training_images,
    why_advised,
    why_explain,
    why_more,
    why_training_loop,
)
from tfstab.orders.shell import joined
from tfstab.orders.step import Step, options_of, words_of

KERAS_MODEL = "KERAS_MODEL"  # stands for the model from which a file was made


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
        Its explanation, if there is one. Then these are proposed: more images, if they may decide about a cause; a look
        at other degradations, if noise is not the problem; and the hardenings that its causes call for.
    assessment : Assessment, optional
        Its assessment, from which an image is proposed for a closer look. Continuing it is proposed if
        images that it has not measured yet may decide what is still open.
    """
    if assessment is not None and (advised := _advised(subject, assessment)):
        return [advised]
    after = None if explained is None else after_explanation(explained)
    steps = [] if explained is None or after is None else _after(subject, explained, after)
    looked_at = assessment if after is None else after.assessment
    found = proposed(subject.classifier, _of_test(subject), explained is not None, looked_at)
    if found.lost is not None:
        run, image = found.lost.run, found.lost.image
        words = "inspect", run.path, "--image", run.clean.file(image) or image, "--why"
        steps.append(Step([str(word) for word in words], found.lost.why))
    if found.rare is not None:
        given = {"run": found.rare.run.path, "true_class": found.rare.name}
        steps.append(Step(words_of("inspect", given), found.rare.why))
    if assessment is not None and (why := why_more(assessment)) is not None:
        own = assessment.path.absolute() == default_folder("assess", subject).absolute()
        more = {"minutes": minutes_to_continue(assessment), "out": None if own else assessment.path}
        steps.append(Step(_again(subject, assessment, more), why))
    if found.explain_minutes is not None:
        steps.append(Step(_explain(subject, found.explain_minutes), why_explain(found.explain_minutes)))
    wanted = [ordinary(assessment)] if after is None else after.hardenings
    if found.trainable:
        alone = _without_training_images(subject)
        why = f"%s ({MINUTES:g} minutes){alone}"
        steps += [Step(_harden(subject, assessment, more), why % what) for more, what in wanted]
    elif found.trainable is not None:
        if subject.model.name.endswith((ONNX, TFLITE)):
            why = "if the file was made from a Keras model: %s, to be converted again"
            steps += [Step(_harden_original(subject, assessment, more), why % what) for more, what in wanted]
        steps.append(Step(TRAINING_LOOP, why_training_loop(subject.classifier)))
    return steps


def _after(subject: Subject, explained: ExplanationRun, after: AfterExplanation) -> list[Step]:
    """Return the explanation of more images, and the assessment, as far as they are called for."""
    steps, images = list[Step](), subject.images
    if after.limit is not None:
        config = explained.config.changed
        config |= {"only": ",".join(config["only"])} if "only" in config else {}
        own = explained.path.absolute() == default_folder(explained.kind, subject, explained.config).absolute()
        more = {"images": images.images, "split": images.split, "minutes": after.minutes, "limit": after.limit}
        words = words_of("explain", _given(subject) | config | more | {"out": None if own else explained.path})
        steps.append(Step(words, after.why_limit))
    if after.assess:
        words = words_of("assess", _given(subject) | {"images": images.images, "split": images.split})
        steps.append(Step(words, WHY_ASSESS))
    return steps


def _advised(subject: Subject, assessment: Assessment) -> Step | None:
    """Return the assessment with the options that the check of the inputs advises; None if it advises none."""
    if not assessment.advised:
        return None
    return Step(_again(subject, assessment, assessment.advised), why_advised(assessment.advised))


def _again(subject: Subject, assessment: Assessment, more: Mapping[str, Any]) -> list[str]:
    """Return the command of an assessment with the same options. more: other options, by name of parameter."""
    images = subject.images
    taken = {"limit": images.limit, "images": images.images, "split": images.split}
    return words_of("assess", _given(subject) | taken | assessment.repeat | dict(more))


def _of_test(subject: Subject) -> bool:
    """Return whether these are test images with classes, as `tfstab harden` takes them."""
    images = subject.images
    return images.images is None and images.split not in TRAINING and not images.without_classes


def _explain(subject: Subject, minutes: int) -> list[str]:
    """Return the command that explains the model on as many of the images as these minutes allow."""
    more = {"images": subject.images.images, "split": subject.images.split, "minutes": minutes}
    return words_of("explain", _given(subject) | more)


def _harden(subject: Subject, assessment: Assessment | None, more: dict[str, Any]) -> list[str]:
    """Return the command that hardens the model, and measures the degradations that were chosen for the assessment.

    Training images that are not known are left to the user. more: further options, by name of parameter.
    """
    return words_of("harden", _given(subject) | _given_to_harden(subject, assessment) | more)


def _without_training_images(subject: Subject) -> str:
    """Return how images that are not divided can be hardened against alone, after a semicolon; "" for others."""
    data = subject.images.data or ""
    if not data or training_images(data) != TRAINING_IMAGES or splits_of(data):
        return ""
    return f"; without other images, give only {joined(f'--train={data}')}"


def _harden_original(subject: Subject, assessment: Assessment | None, more: dict[str, Any]) -> list[str]:
    """Return the command that hardens the Keras model from which an ONNX or TFLite file was made."""
    return words_of("harden", {"model": KERAS_MODEL} | _given_to_harden(subject, assessment) | more)


def _given_to_harden(subject: Subject, assessment: Assessment | None) -> dict[str, Any]:
    """Return the images of a hardening, and the degradations that it measures, by name of parameter."""
    data = subject.images.data or own_data(subject.model.name) or ""
    chosen = None if assessment is None else chosen_degradations(assessment)
    return {"data": data, "split": subject.images.split, "train": training_images(data), "degradation": chosen}


def _given(subject: Subject) -> dict[str, Any]:
    """Return model, images and their options by name of parameter."""
    return options_of(subject.model, subject.images)
