"""`run_hardening`: fine-tunes a network on degraded images, with a limit for the loss of clean accuracy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfstab.classifier import Classifier
from tfstab.classifier.source import Source, without_defaults
from tfstab.content import content_of
from tfstab.datasets import Dataset
from tfstab.degradations.augment import augment
from tfstab.errors import DataError, RunError
from tfstab.models.loading import load_classifier
from tfstab.paths import user_path
from tfstab.training.hardening_card import data_of, summary_of, untrained_card
from tfstab.training.hardening_config import HardenConfig
from tfstab.training.hardening_folder import AGAIN, HardeningFolder
from tfstab.training.hardening_training import MINUTES, HardeningTraining
from tfstab.training.remedies import WITHOUT_TRAINING
from tfstab.training.remedies.kept import KeptArrays, discard_kept
from tfstab.training.remedies.measuring import MOST_IMAGES
from tfstab.training.remedies.trainable import can_train
from tfstab.training.remedies.untrained import measuring_batch, without_training
from tfstab.training.rounds import HardeningProgress, OnProgress

MORE = 1.5  # times the minutes of the last training: with so many, a hardening that adopted nothing is trained again


@dataclass(frozen=True)
class Hardened:
    """The result of a hardening.

    Attributes
    ----------
    classifier : Classifier
        The hardened network.
    card : dict
        Its model card.
    path : Path or None
        Its file; None if it cannot be saved as a `.keras` file.

    Examples
    --------
    >>> from tfstab.training import HardenConfig, run_hardening
    >>> many = tfstab.load_dataset("mnist-5k").take(80)
    >>> config = HardenConfig(against=["fog"], epochs=1, batch_size=16)
    >>> hardened = run_hardening(classifier, many, config, "hardened-digits")
    >>> hardened.path.name, sorted(hardened.card["validation"])[:2]
    ('mnist-lenet-hardened.keras', ['by_share', 'clean_after'])
    """

    classifier: Classifier
    card: dict[str, Any]
    path: Path | None

    @property
    def unchanged(self) -> bool:
        """Whether nothing was adopted, so that the weights are those of the original."""
        return bool(self.card["fingerprint"] == self.card["original"]["fingerprint"])

    def summary(self) -> str:
        """Return a few lines: what was done, and the accuracy on validation images before and after."""
        return summary_of(self.card)

    __str__ = summary


def run_hardening(
    classifier: Classifier,
    train: Dataset,
    config: HardenConfig | None = None,
    out: str | Path = "hardened",
    *,
    validation: Dataset | None = None,
    minutes: float | None = None,
    name: str | None = None,
    trust: bool = False,
    on_progress: OnProgress | None = None,
) -> Hardened:
    """Harden a network, and write NAME-hardened.keras and its model card.

    A network that cannot be trained, or is not to be, gets the best of the remedies that need no training. A hardening
    that was stopped is resumed and ends with the same weights as without the interruption, unless the number of steps
    had to be changed.
    A finished one is opened. If its training adopted nothing and there are now at least 1.5 times as many minutes, it
    is trained again from the original weights, and keeps its files until the new ones replace them.

    Parameters
    ----------
    classifier : Classifier
        The network, which stays unchanged.
    train : Dataset
        Training images. Their labels are outputs of the network, as `match_classes` makes them.
    config : HardenConfig, optional
        Settings.
    out : str or Path
        Folder for the hardened network, its card and the state of the training.
    validation : Dataset, optional
        Images that decide how far the weights may move, with labels like those of `train`. The network should not have
        been trained on them, since its accuracy on such images is too high. By default a part of `train` is held out.
    minutes : float, optional
        Time for the training; by default 10. When the training begins, the number of steps is chosen by it, unless
        `config.epochs` is given. If the training gets slower, it takes fewer steps.
    name : str, optional
        Name of the hardened network and of its file; by default the network's name with "-hardened".
    trust : bool
        Whether the hardened network's file may run code when it is loaded; needed if the original's file does.
    on_progress : callable, optional
        Gets a HardeningProgress after each step.

    Returns
    -------
    Hardened
        The network, its card and its file.

    Raises
    ------
    InputError
        The network does not take the images.
    DataError
        There are too few images to hold some out for validation.
    ModelError
        The network cannot be saved as a `.keras` file, or its training diverges.
    RunError
        `out` holds another hardening, or another process is hardening there.

    References
    ----------
    Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022.

    Examples
    --------
    >>> from tfstab.training import HardenConfig, run_hardening
    >>> many = tfstab.load_dataset("mnist-5k").take(80)
    >>> config = HardenConfig(against=["fog"], epochs=1, batch_size=16)
    >>> print(run_hardening(classifier, many, config, "hardened-digits").card["remedy"]["title"])
    mixture of degradations
    """
    config, classifier = config or HardenConfig(), classifier.for_images(train.image_shape)
    fitting, held_out = (
        (train, validation) if validation is not None else train.split_off(config.validation, config.seed)
    )
    if not len(fitting):
        raise DataError(f"{train.name} has {len(train)} images: too few to hold some out for validation.")
    folder = HardeningFolder(user_path(out), name or f"{classifier.name}-hardened")
    identity = {"settings": config.identity, "network": classifier.fingerprint, "data": train.fingerprint}
    identity |= {"validation": held_out.fingerprint}
    with folder.lock():
        state = folder.open(identity, classifier)
        reason = can_train(classifier)
        untrained = reason is not None or config.remedy == WITHOUT_TRAINING
        finished = folder.model_path.exists() and not state.get(AGAIN)
        if untrained and not (finished and is_final(folder.card(), minutes)):
            state = state or folder.begin(identity)
            given = fitting, held_out, config, folder, state, reason, minutes, trust, on_progress
            return _untrained(classifier, *given)
        begun = state if state.get("steps") else {"identity": identity}
        if finished and not untrained and _trains_again(folder, minutes):
            finished, begun = False, {"identity": identity, AGAIN: True}
        tuned = None
        if not finished:
            hardening = HardeningTraining(classifier, fitting, held_out, config, folder)
            hardening.run(begun, minutes, on_progress)
            tuned = hardening.tuned
        folder.discard_checkpoints()
        if is_final(folder.card(), None):
            discard_kept(folder.path)
        hardened = _opened(classifier, folder, trust)
        if tuned is not None:
            hardened.classifier.take_compiled(tuned)  # compiling a large network takes seconds
        return hardened


def _untrained(
    classifier: Classifier,
    fitting: Dataset,
    validation: Dataset,
    config: HardenConfig,
    folder: HardeningFolder,
    state: dict[str, Any],
    reason: str | None,
    minutes: float | None,
    trust: bool,
    on_progress: OnProgress | None,
) -> Hardened:
    """Harden a network without training, and write what can be written. reason: why it cannot be trained, if so."""

    def told(share: float) -> None:
        if on_progress is not None:
            on_progress(HardeningProgress(round(100 * share), 100, None))

    mixture, identity = augment(config.against, seed=config.seed), state["identity"]
    with KeptArrays(folder.path, [identity, measuring_batch(classifier)], classifier.device) as kept:
        options: dict[str, Any] = {"minutes": minutes, "on_progress": told, "kept": kept}
        settings = mixture, config.keep_clean, config.seed
        hardened, found = without_training(classifier, fitting, validation, *settings, **options)
    card = untrained_card(classifier, hardened, config, found, reason) | {"data": data_of(fitting, validation)}
    card["minutes"] = MINUTES if minutes is None else minutes
    if card["not_saved"]:
        folder.finish(None, card)
        return Hardened(hardened, card, None)
    folder.finish(hardened.given, card, state | {AGAIN: folder.model_path.exists()})
    if is_final(card, None):
        discard_kept(folder.path)
    content = content_of(folder.model_path) if trust else None
    if hardened is classifier:  # its own source stays that of its own file
        hardened = classifier.with_model(classifier.given, classifier.name)
        hardened.take_compiled(classifier)
    form = without_defaults(hardened.form)
    hardened.source = Source.of(folder.model_path, form, trust, _imports(classifier), hardened.class_names, content)
    return Hardened(hardened, card, folder.model_path)


def is_final(card: dict[str, Any], minutes: float | None) -> bool:
    """Return whether remedies without training need not be measured again, even with so many minutes.

    minutes: the time of the new call; None for unlimited time.

    Without time for all validation images, none of the remedies may have been clearly better: more images may show one.
    """
    used, available = card["validation"].get("images"), card.get("data", {}).get("validation", {}).get("images")
    few = isinstance(used, int) and isinstance(available, int) and used < min(available, MOST_IMAGES)
    if not few or card["fingerprint"] != card["original"]["fingerprint"]:
        return True
    spent = card.get("minutes")
    return minutes is not None and not (isinstance(spent, int | float) and minutes >= MORE * spent)


def _trains_again(folder: HardeningFolder, minutes: float | None) -> bool:
    """Return whether a finished training adopted nothing, and has clearly more time now."""
    card = folder.card()
    spent, now = card.get("minutes"), MINUTES if minutes is None else minutes
    return card["share_of_new_weights"] == 0 and isinstance(spent, int | float) and now >= MORE * spent


def _imports(classifier: Classifier) -> list[str]:
    """Return the modules with which the network was loaded; the hardened one needs them, too."""
    return [] if classifier.source is None else classifier.source.options.get("imports", [])


def _opened(classifier: Classifier, folder: HardeningFolder, trust: bool) -> Hardened:
    """Open a finished hardening."""
    card = folder.card()
    # Smoothed models and ensembles take grey levels, even if the original is given scaled ones.
    form = {"preprocess": "none"} | {name: card["form"][name] for name in classifier.form if name in card["form"]}
    given: dict[str, Any] = {"imports": _imports(classifier), "class_names": classifier.class_names, "trust": trust}
    opened = load_classifier(folder.model_path, **given, **form)
    if opened.fingerprint != card["fingerprint"]:
        raise RunError(
            f"{folder.model_path} is not the network that its model card describes: restore it, or harden again in "
            "another folder."
        )
    return Hardened(opened, card, folder.model_path)
