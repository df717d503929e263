"""What to do after one picture was inspected: commands for the same model and picture."""

import contextlib
from collections.abc import Mapping
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tfstab.datasets.folders import TRAINING
from tfstab.errors import TfstabError
from tfstab.explanation.picture import PictureFindings
from tfstab.explanation.picture_verdict import MODEL
from tfstab.explanation.remedies import HARDENINGS
from tfstab.models import own_data
from tfstab.orders.hardening import MINUTES
from tfstab.orders.picture_run import ComparedRun
from tfstab.orders.proposed import training_images
from tfstab.orders.step import Step, options_of_run, words_of
from tfstab.runs.form import form_difference, form_of
from tfstab.runs.info import RUNS, read_info
from tfstab.runs.known_models import find_model

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MOST_LOOKED_AT = 500  # runs in the current folder, among which one of the model is looked for
CLASS = "NAME"  # stands for the true class
HOW_FIRM = "how firm the prediction is, and which images are most similar"
WITH_CLASS = "if the prediction is wrong: whether the photograph or the model is probably the reason"


def steps_of_picture(
    found: PictureFindings, classifier: "Classifier", picture: Path, model: Path, resize: str | None
) -> list[Step]:
    """Return which commands to run next after a model and a picture were given.

    Parameters
    ----------
    found : PictureFindings
        What was found out.
    classifier : Classifier
        The model.
    picture, model : Path
        The picture, and the model as it was given.
    resize : str or None
        How the user said that the picture is resized.
    """
    known = run_of(classifier)
    if known is not None:
        run, info = known
        name = CLASS if found.true_class is None else found.class_names[found.true_class]
        at = None if find_model(info) else model  # the run may have been made elsewhere
        words = words_of("inspect", {"run": run, "picture": picture, "true_class": name, "why": True, "model": at})
        return [Step(words, "the picture compared with the images of a run of this model")]
    source = classifier.source
    options = {} if source is None else source.options
    photos = own_data(str(model)) or "PHOTOS"
    given = options | {"model": model, "data": photos, "resize": resize}
    return [Step(words_of("assess", given), "how stable the model is; then compare the picture with these images")]


def steps_beside(
    found: PictureFindings,
    reference: ComparedRun,
    picture: Path,
    classifier: "Classifier",
    given: Mapping[str, Any] = MappingProxyType({}),
) -> list[Step]:
    """Return which commands to run next after a run and a picture were given.

    If the picture looks unlike the images of the run, hardening may help. It is proposed unless the picture is right,
    the reason is a mix-up, such as dark and bright swapped, or the model was hardened before; and only if it is known
    where model and images are. If the model is probably the reason, the picture's class is often wrong when clean,
    so the hardening for such a class is proposed instead.

    Parameters
    ----------
    found : PictureFindings
        What was found out.
    reference : ComparedRun
        The run.
    picture : Path
        The picture.
    classifier : Classifier
        The model.
    given : mapping
        The options of `tfstab inspect` that were given to find and read them, by name of parameter.
    """
    steps = []
    name = CLASS if found.true_class is None else found.class_names[found.true_class]
    if found.why is None or found.true_class is None:
        again = {"run": reference.path, "picture": picture, "true_class": name, "why": True}
        steps.append(Step(words_of("inspect", again | dict(given)), HOW_FIRM if found.why is None else WITH_CLASS))
    if found.compared is not None and found.compared.same and found.compared.same_measured:
        words = words_of("inspect", {"run": reference.path, "image": found.compared.same, "model": given.get("model")})
        steps.append(Step(words, "what was measured of this image of the run"))
    steps.append(Step(["view", str(reference.path)], "other severities: open the picture in the Explorer"))
    unusual = found.compared is not None and any(one.unusual for one in found.compared.standings)
    mixed_up = found.verdict is not None and bool(found.verdict.mix_ups)
    if found.verdict is not None and found.verdict.says == MODEL:
        steps += [
            step for more, what in HARDENINGS["clean"] for step in harden_steps(reference, classifier, more, what)
        ]
    elif unusual and found.right is not True and not mixed_up:
        steps += harden_steps(reference, classifier)
    return steps


def run_of(classifier: "Classifier") -> tuple[Path, dict[str, Any]] | None:
    """Return the assessment, or else the run, of a model in the usual folder of runs with the most images.

    Also returned is what it records of the model. None if there is none.
    """
    found: list[tuple[bool, int, Path, dict[str, Any]]] = []
    files = chain(Path(RUNS).glob("*/*/run.json"), Path(RUNS).glob("*/run.json"))
    for file in islice(files, MOST_LOOKED_AT):
        with contextlib.suppress(TfstabError):  # damaged, or of a newer tfstab
            info = read_info(file.parent)
            same = info["model"]["fingerprint"] == classifier.fingerprint
            if same and not form_difference(info["model"], form_of(classifier)):
                inside = file.parent.parent != Path(RUNS)
                folder = file.parent.parent if inside else file.parent
                found.append((inside, info["data"]["images"], folder, info["model"]))
    return max(found, key=lambda one: one[:3])[2:] if found else None


def harden_steps(
    reference: ComparedRun,
    classifier: "Classifier",
    more: Mapping[str, Any] = MappingProxyType({}),
    what: str = "a model that is more stable under degradations",
) -> list[Step]:
    """Return the command that hardens the model of a run; [] if it cannot be or was hardened, or is not known.

    Parameters
    ----------
    reference : ComparedRun
        The run.
    classifier : Classifier
        The model.
    more : mapping
        Further options, by name of parameter.
    what : str
        What is made with them.
    """
    from tfstab.training.hardening_card import is_hardened
    from tfstab.training.remedies.trainable import cannot_save

    given = options_of_run(reference.run.info)
    if given is None or given["split"] in TRAINING or not reference.with_classes:
        return []
    if is_hardened(classifier) or cannot_save(classifier):
        return []
    train = training_images(given["data"])
    kept = {name: value for name, value in given.items() if name != "seed"}
    return [Step(words_of("harden", kept | {"train": train} | dict(more)), f"{what} ({MINUTES:g} minutes)")]
