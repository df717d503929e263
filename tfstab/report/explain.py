"""`tfstab.explain`: from a model and images to an explanation with its report page."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tfstab
from tfstab.datasets import Dataset
from tfstab.explanation import ExplanationConfig, ExplanationRun, run_explanation
from tfstab.explanation.budget import Budget, check_explained
from tfstab.explanation.config import COPIES, SIGMA
from tfstab.explanation.running import MOST_IMAGES, Progress
from tfstab.orders import Loaded, Subject, run_name, subject_of
from tfstab.orders.next_steps import next_steps
from tfstab.orders.python_steps import python_steps_explained
from tfstab.paths import user_path
from tfstab.report.run_report import write_report
from tfstab.runs.files import REPORT

if TYPE_CHECKING:
    from tfstab.report.run_report import OnProgress


def explain(
    model: Any = None,
    data: str | Path | Dataset | Any = None,
    *,
    out: str | Path | None = None,
    minutes: float | None = None,
    seed: int = 0,
    limit: int = MOST_IMAGES,
    sigma: float = SIGMA,
    copies: int = COPIES,
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
    as_is: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> ExplanationRun:
    """Explain why a classifier misclassifies degraded images: in which layer, direction and frequency.

    Writes a run folder with a report page, `report.html`. An explanation that is there is resumed: nothing is measured
    twice, and it may be given more images.

    Parameters
    ----------
    model : str, Path, keras.Model or Classifier, optional
        What `load_classifier` takes; by default the bundled network of the data set.
    data : str, Path, Dataset, tf.data.Dataset or (images, labels), optional
        What `load_dataset` takes, such as a folder or a pair of arrays, or a data set; by default that of the bundled
        network. Of images with groups, one image of each group is taken.
    out : str or Path, optional
        The run folder; by default `runs/explanation-MODEL-DATA`.
    minutes : float, optional
        Time for everything, the report included. Images and analyses for which it is too short are left out; the
        next call goes on with them.
    seed : int
        Seed of all random numbers.
    limit : int
        Size of the stratified sample of images that are explained.
    sigma : float
        Standard deviation of the random noise, in grey levels.
    copies : int
        Noisy copies of each image.
    preprocess, outputs, threshold, trust, imports, class_names
        As in `load_classifier`.
    split, data_dir, resize, damaged
        As in `load_dataset`.
    as_is : bool
        Whether to go on if other inputs or another order of classes make the model far more accurate.
    on_progress : callable, optional
        Gets a Progress before each part.

    Returns
    -------
    ExplanationRun
        The run, opened: finished, unless the time was too short. Its `next_steps` say what to do next.

    Raises
    ------
    InputError, ModelError, DataError
        Model and images cannot be read, or do not fit each other; without `as_is`, also if the model is far more
        accurate with another `preprocess` or other `class_names`, which the message names, or if the minutes are not
        enough for the first images.
    RunError
        The folder holds a different run.

    References
    ----------
    Ford, Gilmer, Carlini and Cubuk, Adversarial Examples Are a Natural Consequence of Test Error in Noise, ICML 2019.
    Elsayed et al., Large Margin Deep Networks for Classification, NeurIPS 2018.

    Examples
    --------
    >>> explanation = tfstab.explain(classifier, digits.take(2), copies=5, out="runs/why")
    >>> len(explanation.rows), (explanation.path / "report.html").exists()
    (2, True)
    """
    config = ExplanationConfig(sigma=sigma, copies=copies, seed=seed)
    budget = Budget(minutes, page=True)
    subject = subject_of(
        model,
        data,
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
    )
    folder = default_folder_of(subject, config) if out is None else user_path(out)
    classifier, dataset = subject.classifier, subject.dataset
    given: dict[str, Any] = {"minutes": budget, "as_is": as_is, "on_progress": on_progress}
    run = run_explanation(classifier, dataset, config, folder, **given)
    check_explained(run, budget)
    write_page(run)
    if isinstance(subject, Subject):
        run.next_steps = list(map(str, next_steps(subject, run)))
    else:
        run.next_steps = list(map(str, python_steps_explained(subject, run)))
    return run


def default_folder_of(subject: Subject | Loaded, config: ExplanationConfig) -> Path:
    """Return `runs/explanation-MODEL-DATA-SETTINGS`, with the settings that differ from the defaults."""
    name = subject.model.name if isinstance(subject, Subject) else subject.classifier.name
    return Path("runs") / run_name("explanation", name, subject.dataset.name, subject.changed | config.changed)


def write_page(run: ExplanationRun, on_progress: "OnProgress | None" = None) -> Path:
    """Write the report page of an explanation into its run folder, unless it is there already; return its path."""
    page = run.path / REPORT
    if not _is_current(page, run):
        write_report([run], page, on_progress=on_progress)
    return page


def _is_current(page: Path, run: ExplanationRun) -> bool:
    """Return whether a page is newer than all results of its run and than the program."""
    if page.is_symlink() or not page.is_file():
        return False
    program = Path(tfstab.__file__).parent.rglob("*.py")
    return page.stat().st_mtime_ns > max(
        path.stat().st_mtime_ns for path in (run.path / "run.json", *run.parts.values(), *program)
    )
