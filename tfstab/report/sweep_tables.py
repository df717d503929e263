"""The tables of a sweep (section 4 of the paper)."""

from typing import Any

import numpy as np

from tfstab.metrics import wilson_interval
from tfstab.metrics.certificate import CONFIDENCE
from tfstab.metrics.weak_groups import FEWEST
from tfstab.report.tables import Table
from tfstab.runs.info import without_classes
from tfstab.sweep import SweepRun, metrics
from tfstab.sweep.measures import SweepMeasures
from tfstab.wording import counted, unit_of_numbers

INTERVALS = (
    "95 % intervals from the differences between images, each with all of its copies (Korn and Graubard; Wilson for "
    "clean accuracy)."
)
SMOOTHED = (
    "Certified by randomised smoothing (Cohen et al. 2019): no noise of a smaller L2 norm changes the class that the "
    "smoothed classifier (the majority over noisy copies of that sigma, clipped if those of the sweep are) gives the "
    f"image, with {CONFIDENCE:.1%} confidence for all sigmas of an image together. It is no bound on the minimum noise "
    "of the network itself."
)


def headline(run: SweepRun) -> list[str]:
    """Return the lines that sum a sweep up, one for each metric that has one."""
    return metrics.headline(run.measures) if len(run.measures) else ["nothing has been swept yet"]


def severity_table(run: SweepRun) -> Table:
    """Return accuracy in % and calibration at each severity, over all images and over those right when clean.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.

    Returns
    -------
    Table
        One row for the clean images, if there are any, and one for each severity.

    Examples
    --------
    >>> from tfstab.report import severity_table
    >>> [row[0] for row in severity_table(sweep).rows]
    ['clean', '10', '80']
    """
    m, ends = run.measures, run.measures.intervals
    right = int(m.clean_correct.sum())
    rows: list[tuple[Any, ...]] = []
    if len(m):
        known = not without_classes(run.info)  # else what is predicted is right by definition
        wilson = [100 * end for end in wilson_interval(right, len(m))] if known else [None, None]
        only, error = 100.0 if right else None, float(m.clean_calibration.error[0])
        rows.append(("clean", None, len(m), 100 * m.clean_accuracy, *wilson, only, only, only, 100 * error))
    right_when_clean = ends.accuracy_of_clean_correct.T
    made = m.total.sum(axis=0).tolist()
    at_each = (m.accuracy_by_severity(), made, m.psnr, ends.accuracy.T, right_when_clean, m.calibration.error)
    for a, images, psnr, both, right_ends, error in zip(*at_each, strict=True):
        if images:
            shares = (a.accuracy, *both, a.accuracy_of_clean_correct, *right_ends, error)
            rows.append((f"{a.severity:g}", float(psnr), images, *(100 * float(x) for x in shares)))
    shares_of = ("accuracy", "accuracy from", "accuracy to", "still right", "still right from", "still right to")
    columns = (run.degradation.parameter, "PSNR", "copies", *shares_of, "ECE")
    notes = (
        f"Accuracies and ECE (expected calibration error) in %. Still right: of the {counted(right)} (of {len(m)}) "
        f"that are right when clean. {severity_note(run)}",
        INTERVALS,
    )
    return Table(f"Accuracy under {run.degradation.title}", columns, rows, notes, digits={"PSNR": 1})


def severity_note(run: SweepRun) -> str:
    """Return a sentence on the units of severity and PSNR."""
    family = run.degradation
    unit = f"{family.parameter.capitalize()} {unit_of_numbers(family.unit)}; " if family.unit else ""
    return f"{unit}PSNR in dB, of the mean squared error of all images."


def weakest_classes_table(run: SweepRun, limit: int | None = None) -> Table:
    """Return precision and recall of each class over all severities, the class with the least recall first.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.
    limit : int, optional
        Most classes to list; by default all.

    Returns
    -------
    Table
        One row for each class.

    References
    ----------
    Tables 2 to 5 of Aghdam, Heravi and Puig.

    Examples
    --------
    >>> from tfstab.report import weakest_classes_table
    >>> len(weakest_classes_table(sweep, limit=3).rows)
    3
    """
    m, ends = run.measures, run.measures.intervals.class_metrics()
    overall, wrong = m.class_metrics(), m.class_wrong
    enough = np.bincount(m.labels[m.clean_correct], minlength=m.classes) >= FEWEST
    half = np.where(enough, m.class_severity50, np.nan)
    order = m.weakest_classes()
    shown = order[:limit]
    rows = [
        (
            int(k),
            run.class_names[k],
            int(overall.support[k]),
            float(m.clean_recall[k]),
            *_with_ends(overall.precision[k], ends.precision[:, k]),
            *_with_ends(overall.recall[k], ends.recall[:, k]),
            float(half[k]),
            run.class_names[wrong[k]] if wrong[k] >= 0 else None,
        )
        for k in shown
    ]
    shares = ("precision", "precision from", "precision to", "recall", "recall from", "recall to")
    columns = ("class", "name", "copies", "clean recall", *shares, run.degradation.half_name, "mostly as")
    digits = {c: 4 for c in columns if "recall" in c or "precision" in c}
    digits[run.degradation.half_name] = run.degradation.digits
    title = f"Classes over {run.degradation.together}, the weakest first"
    notes = left_out(shown, order, "classes")
    if not enough[shown].all():
        notes += (f"No {run.degradation.half_name} of classes with fewer than {FEWEST} images right when clean.",)
    return Table(title, columns, rows, notes, digits)


def class_notes(run: SweepRun) -> tuple[str, ...]:
    """Return notes below the table of classes in a terminal: what a column means, and how to see one class."""
    family = run.degradation
    notes = (
        f"{family.half_name}: the {family.parameter} at which half of the clean recall is lost; – if less is lost, or "
        "if the class has too few images.",
    )
    if without_classes(run.info):
        return notes
    return (*notes, "The recall of one class at each severity: tfstab inspect RUN --class NAME.")


def class_severity_table(run: SweepRun) -> Table:
    """Return precision and recall of each class at each severity, over all images and over those right when clean.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.

    Returns
    -------
    Table
        One row for each severity and class.

    Examples
    --------
    >>> from tfstab.report import class_severity_table
    >>> table = class_severity_table(sweep)
    >>> len(table.rows), table.columns[:3]
    (20, ('sigma', 'class', 'name'))
    """
    m, name, halves = run.measures, run.degradation.parameter, (False, True)
    rows = []
    for severity in m.config.severities:
        everything, right = (
            [part for kind in ("precision", "recall") for part in (getattr(values, kind), *getattr(ends, kind))]
            for values, ends in (
                (m.class_metrics(severity, clean), m.intervals.class_metrics(severity, clean)) for clean in halves
            )
        )
        support = m.class_metrics(severity).support
        shares = everything + right
        rows += [
            (severity, int(k), run.class_names[k], int(support[k]), *(float(values[k]) for values in shares))
            for k in np.flatnonzero(support)
        ]
    names = [f"{kind}{end}" for kind in ("precision", "recall") for end in ("", " from", " to")]
    columns = (name, "class", "name", "copies", *names, *(f"{column}, right when clean" for column in names))
    return Table(f"Classes by {name}", columns, rows, (INTERVALS,), dict.fromkeys(columns[4:], 4))


def certificate_table(run: SweepRun, of: str = "label") -> Table:
    """Return, for each sigma, the share of images for which the smoothed classifier is certified, and the radii.

    Parameters
    ----------
    run : SweepRun
        A sweep of Gaussian noise, finished or not.
    of : str, optional
        "label" certifies the true class, "clean" the class predicted for the clean image.

    Returns
    -------
    Table
        One row for each sigma, and one in which each image has its best sigma. Radii are L2 in grey levels.

    References
    ----------
    Cohen, Rosenfeld and Kolter, *Certified Adversarial Robustness via Randomized Smoothing* (2019).

    Examples
    --------
    >>> from tfstab.report import certificate_table
    >>> certificate_table(sweep).columns
    ('sigma', 'certified %', 'median L2', 'largest L2', 'limit')
    """
    m = run.measures
    radii = m.certified_radii(of)
    cap = m.largest_certifiable()
    names, limits = [f"{sigma:g}" for sigma in m.config.severities], cap * m.severities
    columns = [*radii.T, radii.max(axis=1, initial=0)]
    rows = [
        (name, 100 * float((r > 0).mean()), float(np.median(r)), float(r.max()), limit)
        for name, r, limit in zip([*names, "best"], columns, [*limits, limits.max()], strict=True)
        if len(r)
    ]
    what = "the true class" if of == "label" else "the prediction of the clean image"
    notes = (
        f"Of {what}, in grey levels; images not certified count as 0 in the median. "
        f"{counted(m.most_copies, 'copy', 'copies')} cannot certify more than {cap:.2f} sigma (limit). best: each "
        "image at the sigma with its largest certified radius.",
        SMOOTHED,
    )
    head = ("sigma", "certified %", "median L2", "largest L2", "limit")
    return Table("Certified radius", head, rows, notes, dict.fromkeys(head[2:], 1))


def confusion_by_severity_table(run: SweepRun) -> Table:
    """Return how many copies of each class are mistaken for each other class at each severity, most first.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.

    Returns
    -------
    Table
        One row for each severity, true class and wrong predicted class that occur together; both by name.

    Examples
    --------
    >>> from tfstab.report import confusion_by_severity_table
    >>> confusion_by_severity_table(sweep).columns[:4]
    ('sigma', 'true class', 'predicted', 'copies')
    """
    m: SweepMeasures = run.measures
    counts = m.confusion.copy()
    counts[..., np.arange(m.classes), np.arange(m.classes)] = 0
    rows = []
    for s, severity in enumerate(m.config.severities):
        both = counts[:, s].sum(axis=0)
        pairs = np.argwhere(both)
        for k, j in pairs[np.argsort(-both[tuple(pairs.T)], kind="stable")]:
            names = run.class_names[k], run.class_names[j]
            rows.append((severity, *names, int(both[k, j]), int(counts[1, s, k, j])))
    columns = (run.degradation.parameter, "true class", "predicted", "copies", "of images right when clean")
    return Table(f"Confusions by {run.degradation.parameter}", columns, rows)


def _with_ends(value: float, ends: np.ndarray) -> tuple[float, float, float]:
    """Return a value and the ends of its interval (2,)."""
    return float(value), float(ends[0]), float(ends[1])


def left_out(shown: np.ndarray, order: np.ndarray, what: str, where: str = "RUN --json has all") -> tuple[str, ...]:
    """Return a note on rows that are not shown, if there are any. where: what follows `tfstab inspect`."""
    if len(shown) == len(order):
        return ()
    return (f"The first {len(shown)} of {len(order)} {what}; tfstab inspect {where}.",)
