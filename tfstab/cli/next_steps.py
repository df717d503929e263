"""What to do after an assessment or an explanation: commands for the same model and images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from tfstab.assessment.opened import Assessment
from tfstab.assessment.other_findings import guessing
from tfstab.cli.shell import command
from tfstab.datasets import splits_of
from tfstab.datasets.images import reading_of
from tfstab.errors import TfstabError
from tfstab.models import own_data
from tfstab.orders import ImageOptions, ModelOptions, Subject
from tfstab.orders.hardening import beside
from tfstab.orders.model_of_run import model_of_run
from tfstab.orders.parameters import arguments_of, parameters_of

TRAINING_IMAGES = "TRAINING_IMAGES"  # stands for images that are not known


def print_next(subject: Subject, explained: bool = False, assessment: Assessment | None = None) -> None:
    """Print which commands to run next, without those that this model does not allow.

    Parameters
    ----------
    subject : Subject
        The model and the images, as they were given.
    explained : bool
        Whether the model has been explained, so that only hardening is left.
    assessment : Assessment, optional
        Its assessment, from which an image is proposed for a closer look.
    """
    steps: dict[str, str] = {}
    if assessment is not None and not subject.classifier.labels_only and subject.classifier.combine != "vote":
        steps |= _inspect(assessment)
    if not explained and subject.classifier.combine != "vote":  # votes have no slope
        steps[_explain(subject)] = "why noise changes predictions"
    if _can_be_hardened(subject):
        steps[_harden(subject)] = "a more stable model"
    width = max(map(len, steps), default=0)
    for number, (step, why) in enumerate(steps.items()):
        typer.echo(f"{'' if number else 'next:':7} {step:{width}}   # {why}")


def _can_be_hardened(subject: Subject) -> bool:
    """Return whether `tfstab harden` writes a model file, and takes these images."""
    from tfstab.training.remedies.trainable import cannot_save

    images = subject.images
    of_test = images.images is None and images.split == "test" and not images.without_classes
    return of_test and cannot_save(subject.classifier) is None


def _inspect(assessment: Assessment) -> dict[str, str]:
    """Return the command that says why the weakest image is lost where most is lost, and what it does; {} if none is.

    Images of a network that may be guessing are not proposed.
    """
    figures = assessment.figures
    if not figures.families or guessing(figures):
        return {}
    worst = figures.families[0]
    weakest = worst.run.measures.weakest_images()[:1]
    if not len(weakest) or (worst.share_right[weakest] == 1).all():
        return {}
    image = int(worst.images[weakest[0]])
    step = command("inspect", worst.run.path, "--image", worst.run.clean.file(image) or image, "--why")
    return {step: f"why this image is lost under {worst.title}"}


def _explain(subject: Subject) -> str:
    """Return the command that explains the model, with a sample of the images."""
    more = {"images": subject.images.images, "split": subject.images.split}
    return typed("explain", _given(subject) | more)


def _harden(subject: Subject) -> str:
    """Return the command that hardens the model; training images that are not known are left to the user."""
    data = subject.images.data or own_data(subject.model.name) or ""
    train = None if "train" in splits_of(data) else beside(data) or TRAINING_IMAGES
    return typed("harden", _given(subject) | {"data": data, "train": train})


def sweep_of_image(info: Mapping[str, Any], image: int, degradation: str, out: Path) -> str:
    """Return the commands that sweep one image of a run in a new folder, and say why it fails.

    "" if it is not known where its model and images are.

    Parameters
    ----------
    info : mapping
        The run's run.json.
    image : int
        Index of the image in the full split.
    degradation : str
        Name of the family.
    out : Path
        The new folder.
    """
    data = info["data"]
    read = reading_of(str(data.get("note", "")))
    images = ImageOptions(
        data["name"], data["split"], resize=read.get("resize"), damaged=read.get("damaged", ImageOptions.damaged)
    )
    try:
        images.check()
        given = _options(model_of_run(info), images)
    except TfstabError:
        return ""
    own = {"split": images.split, "images": str(image), "degradation": degradation, "seed": info["seed"], "out": out}
    return f"{typed('sweep', given | own)} && {command('inspect', out, '--image', image, '--why')}"


def _given(subject: Subject) -> dict[str, Any]:
    """Return model, images and their options by name of parameter."""
    return _options(subject.model, subject.images)


def _options(model: ModelOptions, images: ImageOptions) -> dict[str, Any]:
    """Return a model, images and their options by name of parameter."""
    return {
        "model": model.name, "data": images.data, "preprocess": model.preprocess, "outputs": model.outputs,
        "classes": model.classes, "trust": model.trust, "imports": model.imports or None, "resize": images.resize,
        "data_dir": images.data_dir, "damaged": images.damaged,
    }  # fmt: skip


def typed(name: str, values: dict[str, Any]) -> str:
    """Return a command with its arguments first, as people type it. values: by name of parameter."""
    words = arguments_of(parameters_of(name), values)
    end = words.index("--") if "--" in words else len(words)
    arguments = words[end + 1 :]
    if any(one.startswith("-") for one in arguments):  # they would be taken for options
        return command(name, *words)
    return command(name, *arguments, *words[:end])
