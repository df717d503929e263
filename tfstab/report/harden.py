"""`tfstab.harden`: hardens a model, compares it with the original, and writes a report."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfstab.assessment.before_after import SIDES, BeforeAfter
from tfstab.assessment.plan import Clock
from tfstab.datasets import Dataset
from tfstab.degradations import degradation_names, get_degradation
from tfstab.degradations.ranges import severity_ranges
from tfstab.errors import RunError
from tfstab.execution.stopping import check_stops
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.orders import run_name
from tfstab.orders.hardening import HardeningSubject, hardening_subject
from tfstab.paths import check_path
from tfstab.report.harden_page import write_page
from tfstab.report.hardening import Hardening
from tfstab.runs.atomic import write_json
from tfstab.runs.files import REPORT
from tfstab.training.folder import TEST
from tfstab.training.hardening import HardeningProgress, run_hardening
from tfstab.training.hardening_config import HardenConfig
from tfstab.training.images import Material
from tfstab.training.material import check_training_images
from tfstab.training.remedies import REMEDIES

MINUTES = 10.0
TRAINING_SHARE = 0.6  # of the time; the rest is for measuring both networks, and for the report
END_SHARE, END_SECONDS = 0.05, 15.0  # kept for the report: a share of the time, but not more than so many seconds
COMPARISON = "comparison.json"
OWN = ("hardening.json", "hardening.lock", REPORT, COMPARISON, TEST)

Against = str | Sequence[str] | Mapping[str, tuple[float, float] | None]


@dataclass(frozen=True)
class HardenProgress:
    """What a hardening is doing.

    Attributes
    ----------
    stage : str
        "training", "measuring" or "report".
    what : str
        What is trained or measured now.
    done, total : int
        Finished steps of the stage, and all of them; 0 and 0 if that is not known.
    clean : float or None
        Accuracy on clean validation images, 0..1, after the last round of training; None before the first.
    """

    stage: str
    what: str
    done: int = 0
    total: int = 0
    clean: float | None = None


OnProgress = Callable[[HardenProgress], None]


def harden(
    model: Any = None,
    data: str | Path | Dataset | None = None,
    *,
    train: Any = None,
    against: Against | None = None,
    remedy: str = "mixture",
    clean_share: float = 0.25,
    keep_clean: float = 1.0,
    minutes: float = MINUTES,
    out: str | Path | None = None,
    seed: int = 0,
    limit: int | None = None,
    degradations: Sequence[str] | None = None,
    preprocess: str = "none",
    outputs: str | None = None,
    trust: bool = False,
    imports: Sequence[str] = (),
    class_names: Sequence[str] | None = None,
    data_dir: str | Path | None = None,
    resize: str | None = None,
    damaged: str = "fail",
    on_progress: OnProgress | None = None,
) -> Hardening:
    """Make a classifier more stable against degradations, and measure what that changed.

    The model is fine-tuned on degraded training images; one that cannot be trained gets the best remedy that needs no
    training. Then the original and the hardened model are swept and searched on the same test images, and compared pair
    by pair. A hardening that was stopped is resumed; one that is finished is measured more precisely in the minutes
    given.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier, optional
        What `load_classifier` takes; by default the bundled network of the data set. It stays unchanged.
    data : str, Path or Dataset, optional
        Test images: a data set's name, a folder or file of images, or a data set. By default the test split of `train`,
        or a fifth of its images, which are held out.
    train : str, Path, Dataset or tf.data.Dataset, optional
        Training images; of what has several splits, the one for training. By default the training split of `data`.
    against : str, sequence of str or mapping of str to (float, float), optional
        Families of degradations to train against, with their weakest and strongest severity if wanted; by default all
        built-in ones. Remedies that degrade images in a way of their own ignore it.
    remedy : str
        How training images are changed: a name in `tfstab.training.remedies.REMEDIES`.
    clean_share : float
        Share of the training images of a mixture that stay clean, from 0 to 1.
    keep_clean : float
        How many percentage points of clean accuracy may be lost. It is watched on a quarter of the test images, at most
        2,000, which are not used for the comparison.
    minutes : float
        Time for everything, the report included.
    out : str or Path, optional
        Folder of the hardening; by default `runs/harden-MODEL-DATA`.
    seed : int
        Seed of all random numbers.
    limit : int, optional
        Size of a stratified sample of the test images; by default all of them may be used.
    degradations : sequence of str, optional
        Names of the families to measure, whether trained on or not; by default all.
    preprocess, outputs, trust, imports, class_names
        As in `load_classifier`.
    data_dir, resize, damaged
        As in `load_dataset`, for training and test images.
    on_progress : callable, optional
        Gets a HardenProgress after each step.

    Returns
    -------
    Hardening
        The hardened model, its file and card, the comparison with the original, and the report. Test images that were
        held out are kept in the folder, as `test.npz`.

    Raises
    ------
    InputError, ModelError, DataError
        Model and images cannot be read, do not fit each other, or cannot be trained with; all but a training that
        diverges is noticed before the training starts.
    RunError
        The folder holds something else, or cannot be written.

    References
    ----------
    Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022, for the way in which clean accuracy is kept.

    Examples
    --------
    >>> many, fog = tfstab.load_dataset("mnist-5k").take(300), ["fog"]
    >>> hardening = tfstab.harden(classifier, train=many, against=fog, degradations=fog, minutes=0.05, out="hardened")
    >>> hardening.model.name, hardening.report.name
    ('mnist-lenet-hardened.keras', 'report.html')
    """
    began = time.perf_counter()
    config = harden_config(remedy, against, clean_share=clean_share, keep_clean=keep_clean, seed=seed)
    check_harden(minutes, out, degradations)
    subject = hardening_subject(
        model,
        data,
        train,
        data_dir=data_dir,
        limit=limit,
        resize=resize,
        damaged=damaged,
        preprocess=preprocess,
        outputs=outputs,
        trust=trust,
        imports=imports,
        class_names=class_names,
    )
    given: dict[str, Any] = {"degradations": degradations, "on_progress": on_progress, "began": began}
    return run_harden(subject, config, minutes=minutes, out=out, **given)


def harden_config(remedy: str, against: Against | None, **settings: Any) -> HardenConfig:
    """Return the settings of a hardening.

    Parameters
    ----------
    remedy, against
        As in `harden`; a family without severities gets those of its default range.
    **settings
        Further fields of `HardenConfig`.

    Raises
    ------
    InputError
        A family or the remedy is unknown, or a value is out of range.
    """
    if isinstance(against, Mapping):
        own = {name: severity_ranges(name)[0] for name, ends in against.items() if ends is None}
        against = {name: ends or (own[name].weakest, own[name].strongest) for name, ends in against.items()}
    return HardenConfig(remedy=remedy, against=against, **settings)


def check_harden(minutes: float, out: str | Path | None, degradations: Sequence[str] | None) -> None:
    """Check what can be checked before anything is loaded; raises InputError or RunError."""
    check_stops(minutes)
    for name in degradations or ():
        get_degradation(name)
    if out is not None:
        _check_folder(Path(out).expanduser())


def run_harden(
    subject: HardeningSubject,
    config: HardenConfig,
    *,
    minutes: float = MINUTES,
    out: str | Path | None = None,
    degradations: Sequence[str] | None = None,
    on_progress: OnProgress | None = None,
    began: float | None = None,
) -> Hardening:
    """Harden a model that is loaded: see `harden`.

    Parameters
    ----------
    subject : HardeningSubject
        Model, training and test images.
    config : HardenConfig
        Settings of the hardening.
    minutes, out, degradations, on_progress
        As in `harden`.
    began : float, optional
        When the time began, in the time of `time.perf_counter`; by default now.
    """
    clock, tell = Clock(60 * minutes, began), on_progress or (lambda progress: None)
    folder = (default_folder_of(subject, config) if out is None else Path(out)).expanduser()
    _check_folder(folder)
    classifier, names = subject.classifier, subject.test.class_names
    check_training_images(classifier, names, subject.train, subject.test, validation=None)
    compared, watched = subject.divided

    def on_step(progress: HardeningProgress) -> None:
        """Tell how far the training has got."""
        tell(HardenProgress("training", REMEDIES[config.remedy].title, progress.step, progress.steps, progress.clean))

    tell(HardenProgress("training", REMEDIES[config.remedy].title))
    left = max(1.0, TRAINING_SHARE * clock.seconds - clock.elapsed) / 60
    hardened = run_hardening(
        classifier,
        subject.train,
        config,
        folder,
        validation=watched,
        minutes=left,
        trust=subject.trust,
        on_progress=on_step,
    )
    clock.seconds -= min(END_SECONDS, END_SHARE * clock.seconds)
    measuring = BeforeAfter(
        classifier,
        hardened.classifier,
        compared,
        [get_degradation(name) for name in dict.fromkeys(degradations or degradation_names())],
        folder,
        clock,
        seed=config.seed,
        on_progress=lambda what, done, total: tell(HardenProgress("measuring", what, done, total)),
    )
    before, after = measuring.measure()
    Material(subject.train, subject.test, subject.held_out).save_held_out(folder / TEST)
    tell(HardenProgress("report", ""))
    own = None if "cannot_train" in hardened.card else REMEDIES[config.remedy].families
    trained = [part.family.name for part in config.families] if own is None else own
    comparison = RemedyComparison(before, after, trained)
    hardening = Hardening(folder, hardened, comparison, clock.elapsed / 60)
    write_json(folder / COMPARISON, hardening.to_json())
    write_page(hardening, subject)
    return hardening


def default_folder_of(subject: HardeningSubject, config: HardenConfig) -> Path:
    """Return `runs/harden-MODEL-DATA-SETTINGS`, with the settings that differ from the defaults."""
    plain = HardenConfig()
    changed: dict[str, Any] = {
        name: getattr(config, name)
        for name in ("remedy", "clean_share", "keep_clean", "seed")
        if getattr(config, name) != getattr(plain, name)
    }
    if config.against is not None:
        named = (f"{part.family.name}-{part.weakest:g}-{part.strongest:g}" for part in config.families)
        changed["against"] = "-".join(named)
    return Path("runs") / run_name("harden", subject.classifier.name, subject.test.name, subject.changed | changed)


def _check_folder(folder: Path) -> None:
    """Raise RunError unless this can be the folder of a hardening: it is new, empty, or holds one."""
    check_path(folder, RunError, recorded=True)
    if folder.is_file():
        raise RunError(f"{folder} is a file: choose a folder for the hardening with --out.")
    there = {path.name for path in folder.iterdir() if path.name[0] != "."} if folder.is_dir() else set[str]()
    foreign = {name for name in there - {*OWN, *SIDES} if not name.startswith("checkpoint-")}
    if foreign and not any(Path(name).stem.endswith("-hardened") for name in there):
        raise RunError(f"{folder} holds other files ({min(foreign)}): choose an empty or a new folder with --out.")
