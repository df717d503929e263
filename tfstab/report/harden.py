"""`tfstab.harden`: hardens a model, compares it with the original, and writes a report."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfstab.assessment.before_after import BeforeAfter
from tfstab.assessment.plan import Clock
from tfstab.datasets import Dataset
from tfstab.degradations import Degradation
from tfstab.degradations.ranges import Families, severity_ranges
from tfstab.execution.stopping import check_stops
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.orders.call import written
from tfstab.orders.degradations import families_of
from tfstab.orders.hardening import MINUTES, HardeningSubject, hardening_subject
from tfstab.paths import user_path
from tfstab.report.harden_folder import LOCK, WORK, check_folder, default_folder_of, name_of_hardened
from tfstab.report.harden_page import write_page
from tfstab.report.harden_progress import HardenProgress, OnProgress, Tenths
from tfstab.report.harden_time import (
    END_SECONDS,
    END_SHARE,
    STEPS_SHARE,
    TRAINING_SHARE,
    check_time,
    enough_minutes,
)
from tfstab.report.hardening import Hardening
from tfstab.report.hardening_calls import hardening_calls
from tfstab.report.hardening_control import control_steps, larger_share_steps, minutes_of_training
from tfstab.runs.atomic import write_json
from tfstab.runs.files import COMPARISON
from tfstab.runs.locking import locked
from tfstab.training.control import training_title
from tfstab.training.folder import TEST
from tfstab.training.hardening import Hardened, is_final, run_hardening
from tfstab.training.hardening_config import HardenConfig
from tfstab.training.hardening_folder import STATE
from tfstab.training.images import Material
from tfstab.training.material import check_training_images
from tfstab.training.remedies import REMEDIES, WITHOUT_TRAINING
from tfstab.training.rounds import HardeningProgress
from tfstab.training.too_slow import TooSlowError


def harden(
    model: Any = None,
    data: str | Path | Dataset | Any = None,
    *,
    train: Any = None,
    against: Families | None = None,
    remedy: str = "mixture",
    clean_share: float = 0.25,
    keep_clean: float = 1.0,
    steps: int | None = None,
    minutes: float = MINUTES,
    out: str | Path | None = None,
    seed: int = 0,
    limit: int | None = None,
    degradations: Sequence[str | Degradation] | None = None,
    search: bool = True,
    preprocess: str | None = None,
    outputs: str | None = None,
    threshold: float | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: Sequence[str] | None = None,
    split: str = "test",
    data_dir: str | Path | None = None,
    resize: str | None = None,
    damaged: str = "fail",
    on_progress: OnProgress | None = None,
) -> Hardening:
    """Make a classifier more stable against degradations, and measure what that changed.

    The model is fine-tuned on degraded training images; if it cannot be trained, the remedies that need no training are
    tried. Then sweeps and searches measure the original and the hardened model on the same test images, and the results
    are compared image by image. A hardening that was stopped is resumed. A finished one is not trained again; the time
    makes its comparison more precise. If nothing was adopted, there is nothing to compare; then a call with at least
    1.5 times as many minutes trains again.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier, optional
        What `load_classifier` takes; by default the bundled network of the data set. It stays unchanged.
    data : str, Path, Dataset, tf.data.Dataset or (images, labels), optional
        Test images: a data set, or what `load_dataset` takes. By default the test split of `train`; if it
        has none, a fifth of its images is held out. Of images with groups, one image of each group is taken.
    train : str, Path, Dataset, tf.data.Dataset or (images, labels), optional
        Training images; if the source is divided, its training split. By default the training split of `data`.
    against : str, sequence of str or Degradation, or mapping of str to (float, float), optional
        Families of degradations to harden against, with their weakest and strongest severity if wanted; by default all
        built-in ones, for which "all" stands, as in ["all", "rain"]. Remedies other than the mixtures train on
        degradations of their own; for them, these families only decide how far the original weights are moved towards
        the fine-tuned ones.
    remedy : str
        How to train: a name in `tfstab.training.remedies.REMEDIES`; or "without_training", for the best of the remedies
        that need no training.
    clean_share : float
        Share of the training images that stay clean, from 0 to 1; for mixtures of degradations only.
    keep_clean : float
        How many percentage points of clean accuracy may be lost, measured on validation images, at most 2,000: those of
        a split `val` or `validation`, or else a quarter of the test images, which are not used for the comparison.
    steps : int, optional
        Number of training steps, at least 20. Fewer than given are taken if the minutes do not allow so many. By
        default, as many as they allow.
    minutes : float
        Time for training, measuring and writing the report.
    out : str or Path, optional
        Folder of the hardening; by default `runs/harden-MODEL-DATA` and the settings that are not at their defaults.
    seed : int
        Seed of all random numbers.
    limit : int, optional
        Size of a stratified sample of the test images; by default, all may be used.
    degradations : sequence of str or Degradation, optional
        The families to measure, whether hardened against or not, by the names that `tfstab degradations` lists or as
        objects; by default all.
    search : bool
        Whether to search for the minimum noise of both networks; without it, all time after the training is for the
        degradations.
    preprocess, outputs, threshold, trust, imports, class_names
        As in `load_classifier`.
    split : str
        The split of `data` that has the test images. If it is the split `val` or `validation`, some of its images are
        set aside for validation, as without such a split.
    data_dir, resize, damaged
        As in `load_dataset`, for training and test images.
    on_progress : callable, optional
        Gets a HardenProgress after each step of the training, and often while both models are measured. `print` shows a
        line for each degradation, and for each tenth of the training and of the measurement.

    Returns
    -------
    Hardening
        The hardened model, its file and card, the comparison with the original, and the report. Test images that were
        held out are kept in the folder, as `test.npz`.

    Raises
    ------
    InputError, ModelError, DataError
        The model or the images cannot be read, or do not fit each other; these errors come before the training starts.
        ModelError also if the model cannot be saved, or its training diverges.
    RunError
        The folder holds something else, or cannot be written.

    References
    ----------
    Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022: averages of original and fine-tuned weights.

    Examples
    --------
    >>> many, fog = tfstab.load_dataset("mnist-5k").take(100), ["fog"]
    >>> hardening = tfstab.harden(classifier, train=many, against=fog, degradations=fog, minutes=0.02, out="hardened")
    >>> hardening.model.name, hardening.report.name
    ('mnist-lenet-hardened.keras', 'report.html')
    >>> len(hardening.test_images)  # of the 20 that were held out, 5 are set aside for validation
    15
    """
    arguments = dict(locals())  # as they were given
    began = time.perf_counter()
    config = harden_config(remedy, against, clean_share=clean_share, keep_clean=keep_clean, steps=steps, seed=seed)
    check_harden(minutes, out, degradations)
    subject = hardening_subject(
        model,
        data,
        train,
        split=split,
        data_dir=data_dir,
        limit=limit,
        resize=resize,
        damaged=damaged,
        preprocess=preprocess,
        outputs=outputs,
        threshold=threshold,
        trust=trust,
        imports=imports,
        class_names=class_names,
        remedy=remedy,
    )
    told = Tenths(print) if on_progress is print else on_progress
    repeat = written(harden, {name: value for name, value in arguments.items() if name != "on_progress"})
    given: dict[str, Any] = {"degradations": degradations, "on_progress": told, "began": began, "called": repeat}
    return run_harden(subject, config, minutes=minutes, out=out, search=search, **given)


def harden_config(remedy: str, against: Families | None, **settings: Any) -> HardenConfig:
    """Return the settings of a hardening.

    Parameters
    ----------
    remedy, against
        As in `harden`; a family without severities gets its default range.
    **settings
        Further fields of `HardenConfig`.

    Raises
    ------
    InputError
        A family or the remedy is unknown, or a value is out of range.
    """
    if isinstance(against, Mapping):
        against = {part.family.name: (part.weakest, part.strongest) for part in severity_ranges(against)}
    return HardenConfig(remedy=remedy, against=against, **settings)


def check_harden(minutes: float, out: str | Path | None, degradations: Sequence[str | Degradation] | None) -> None:
    """Check what can be checked before anything is loaded; raises InputError or RunError."""
    check_stops(minutes)
    families_of(degradations)
    if out is not None:
        check_folder(user_path(out))


def run_harden(
    subject: HardeningSubject,
    config: HardenConfig,
    *,
    minutes: float = MINUTES,
    out: str | Path | None = None,
    degradations: Sequence[str | Degradation] | None = None,
    search: bool = True,
    on_progress: OnProgress | None = None,
    began: float | None = None,
    asked: Mapping[str, Any] | None = None,
    called: Mapping[str, str] | None = None,
) -> Hardening:
    """Harden a model that is loaded: see `harden`.

    Parameters
    ----------
    subject : HardeningSubject
        Model, training and test images.
    config : HardenConfig
        Settings of the hardening.
    minutes, out, degradations, search, on_progress
        As in `harden`.
    began : float, optional
        When the time given began to run, by `time.perf_counter`; by default now.
    asked : mapping, optional
        The parameters of `tfstab harden` as they were given, by name, for commands to go on with.
    called : mapping, optional
        The arguments of `harden` as they are written, by name, for Python calls to go on with.
    """
    clock = Clock(60 * minutes, began)
    folder = user_path(default_folder_of(subject, config) if out is None else Path(out))
    check_folder(folder)
    with locked(folder, LOCK, WORK):
        return _harden_in(
            folder, subject, config, clock, minutes, degradations, on_progress, asked, called, search=search
        )


def _harden_in(
    folder: Path,
    subject: HardeningSubject,
    config: HardenConfig,
    clock: Clock,
    minutes: float,
    degradations: Sequence[str | Degradation] | None,
    on_progress: OnProgress | None,
    asked: Mapping[str, Any] | None,
    called: Mapping[str, str] | None,
    *,
    search: bool,
) -> Hardening:
    """Harden in a folder that this process has locked."""
    tell = on_progress or (lambda progress: None)
    classifier, names = subject.classifier, subject.test.class_names
    check_training_images(classifier, names, subject.train, subject.test, validation=subject.validation)
    compared, watched = subject.divided

    def on_step(progress: HardeningProgress) -> None:
        """Tell how far the training has got."""
        tell(HardenProgress(stage, title, progress.step, progress.steps, progress.clean))

    untrained = config.remedy == WITHOUT_TRAINING or bool(subject.untrainable)
    stage, title = "remedies", "without training"
    if not untrained:
        stage, title = "training", training_title(config.remedy, config.clean_share)
    tell(HardenProgress(stage, title))
    families = families_of(degradations)
    if not (folder / STATE).exists():
        check_time(subject, config, families, clock)
    loading, share = clock.elapsed, TRAINING_SHARE if config.steps is None else STEPS_SHARE
    left = max(1.0, share * clock.seconds - loading) / 60
    given: dict[str, Any] = {"validation": watched, "minutes": left, "trust": subject.trust, "on_progress": on_step}
    try:
        named = name_of_hardened(classifier.name, config)
        hardened = run_hardening(classifier, subject.train, config, folder, name=named, **given)
    except TooSlowError as error:
        raise TooSlowError(error.name, (loading + error.seconds) / share) from None
    comparison, left_out, enough = None, list[str](), None
    if not hardened.unchanged:
        clock.seconds -= min(END_SECONDS, END_SHARE * clock.seconds)
        measuring = BeforeAfter(
            classifier,
            hardened.classifier,
            compared,
            families,
            folder,
            clock,
            order=subject.order,
            seed=config.seed,
            first=() if config.against is None else [part.family.name for part in config.families],
            search=search,
            on_progress=lambda what, done, total: tell(HardenProgress("measuring", what, done, total)),
        )
        comparison = RemedyComparison(*measuring.measure(), _hardened_against(hardened.card, config))
        left_out = measuring.left_out
        enough = enough_minutes(measuring, len(comparison.images), minutes)
    Material(subject.train, subject.test, subject.held_out).save_held_out(folder / TEST)
    tell(HardenProgress("report", ""))
    again = _retrain_minutes(hardened, minutes)
    counts = clock.elapsed / 60, len(compared)
    found = folder, hardened, comparison, *counts, again, tuple(left_out), enough
    hardening = Hardening(*found, searched=search, test_images=compared)
    as_long = minutes_of_training(hardened.card, left, minutes)
    if called is not None and comparison is not None and hardened.path is not None:
        made = hardening_calls(folder, hardened.card, called, as_long, minutes, gained=bool(hardening.caveat))
        hardening = replace(hardening, trainings=tuple(made))
    if asked is not None and comparison is not None:
        proposed = folder, hardened.card, asked, as_long
        control = control_steps(*proposed) if hardening.caveat else []
        hardening = replace(hardening, control=tuple(control), larger=tuple(larger_share_steps(*proposed)))
    write_json(folder / COMPARISON, hardening.to_json())
    write_page(hardening, subject)
    return hardening


def _hardened_against(card: dict[str, Any], config: HardenConfig) -> Sequence[str]:
    """Return the names of the families that the model was hardened against."""
    own = None if "cannot_train" in card else REMEDIES[config.remedy].families
    return [part.family.name for part in config.families] if own is None else own


def _retrain_minutes(hardened: Hardened, minutes: float) -> float | None:
    """Return with how many minutes a hardening that adopted nothing trains or measures again; None if it never does."""
    spent = hardened.card.get("minutes")
    if not hardened.unchanged or not isinstance(spent, int | float):
        return None
    if "cannot_train" in hardened.card and is_final(hardened.card, None):
        return None
    return 2 * max(minutes, spent / TRAINING_SHARE)
