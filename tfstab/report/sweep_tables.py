"""The tables of a sweep (section 4 of the paper)."""

import math
from typing import Any

import numpy as np

from tfstab.metrics import RESAMPLES, wilson_interval
from tfstab.metrics.certificate import CONFIDENCE
from tfstab.report.tables import Table
from tfstab.sweep import SweepRun, metrics
from tfstab.sweep.measures import SweepMeasures

INTERVALS = (
    "95 % intervals from the differences between images, each with all of its copies (Korn and Graubard; Wilson for "
    f"clean accuracy; {RESAMPLES:,} percentile-bootstrap resamples of images for figures that are not means)."
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
        wilson = (100 * end for end in wilson_interval(right, len(m)))
        only, error = 100.0 if right else None, float(m.clean_calibration.error[0])
        rows.append(("clean", None, len(m), 100 * m.clean_accuracy, *wilson, only, only, only, error))
    right_when_clean = ends.accuracy_of_clean_correct.T
    made = m.total.sum(axis=0).tolist()
    at_each = (m.accuracy_by_severity(), made, m.psnr, ends.accuracy.T, right_when_clean, m.calibration.error)
    for a, images, psnr, both, right_ends, error in zip(*at_each, strict=True):
        if images:
            shares = (a.accuracy, *both, a.accuracy_of_clean_correct, *right_ends)
            rows.append((f"{a.severity:g}", float(psnr), images, *(100 * float(x) for x in shares), float(error)))
    shares_of = ("accuracy", "accuracy from", "accuracy to", "still right", "still right from", "still right to")
    columns = (run.degradation.parameter, "PSNR", "images", *shares_of, "ECE")
    notes = (
        f"Accuracies in %; still right: of the {right} images (of {len(m)}) that are right when clean. ECE: expected "
        f"calibration error. {severity_note(run)}",
        INTERVALS,
    )
    return Table(f"Accuracy under {run.degradation.title}", columns, rows, notes, digits={"ECE": 4, "PSNR": 1})


def severity_note(run: SweepRun) -> str:
    """Return a sentence on the units of severity and PSNR."""
    family = run.degradation
    form = "as a share " if family.unit.startswith("of ") else "in "  # sigma of the grey level, angle in degrees
    unit = f"{family.parameter.capitalize()} {form}{family.unit}; " if family.unit else ""
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
    overall, half, wrong = m.class_metrics(), m.class_severity50, m.class_wrong
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
    columns = ("class", "name", "images", "clean recall", *shares, run.degradation.half_name, "mostly as")
    digits = {c: 4 for c in columns if "recall" in c or "precision" in c}
    digits[run.degradation.half_name] = run.degradation.digits
    title = f"Classes over {run.degradation.together}, the weakest first"
    return Table(title, columns, rows, _left_out(shown, order, "classes"), digits)


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
    columns = (name, "class", "name", "images", *names, *(f"{column}, right when clean" for column in names))
    return Table(f"Classes by {name}", columns, rows, (INTERVALS,), dict.fromkeys(columns[4:], 4))


def weakest_images_table(run: SweepRun, limit: int | None = None, clean_correct: bool = True) -> Table:
    """Return the severities at which copies of each image fail, the image that fails first on top.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.
    limit : int, optional
        Most images to list; by default all.
    clean_correct : bool, optional
        Whether to list only images that are right when clean.

    Returns
    -------
    Table
        One row for each image.

    Examples
    --------
    >>> from tfstab.report import weakest_images_table
    >>> len(weakest_images_table(sweep, limit=5).rows)
    5
    """
    m = run.measures
    order = m.weakest_images(clean_correct)
    shown = order[:limit]
    some, half, share = m.failing_severity(), m.failing_severity(0.5), m.wrong_share
    certified = m.largest_certified() if m.can_certify else None
    own, named = m.copy_failing_severity, run.clean.names is not None
    rows = [
        (
            int(m.images[i]),
            *((run.clean.name(int(m.images[i])),) if named else ()),
            run.class_names[m.labels[i]],
            run.class_names[m.wrong_class[i]] if m.wrong_class[i] >= 0 else None,
            float(some[i]),
            float(half[i]),
            *(() if own is None else (float(np.nanmedian(own[i])),)),
            100 * float(share[i].mean()),
            *(() if certified is None else (float(certified[0][i]), float(certified[1][i]))),
        )
        for i in shown
    ]
    columns: tuple[str, ...] = ("image", *(("file",) if named else ()), "true", "mostly as")
    columns += ("a copy fails at", "half fail at")
    columns += () if own is None else ("median copy fails at",)
    columns += ("wrong %",) if certified is None else ("wrong %", "certified L2", "certified at")
    notes = ["Sigmas in grey levels; – where they never fail; wrong % of the copies at all sigmas."]
    if not run.degradation.called_by_parameter:
        notes = [
            f"By {run.degradation.axis}; {run.degradation.neutral:g} where the image is wrong when clean, – where "
            "it never fails; wrong % at all severities."
        ]
    if certified is not None:
        notes[0] += " certified L2: of the classifier smoothed at the sigma beside it; – if it abstains at all sigmas."
    if clean_correct:
        notes[0] += f" Of the {len(order)} images that are right when clean; {len(m) - len(order)} others are wrong."
    fails = ("a copy fails at", "half fail at", "median copy fails at", "certified at")
    digits = {**dict.fromkeys(fails, None), "certified L2": 1}
    return Table("Images, the weakest first", columns, rows, (*notes, *_left_out(shown, order, "images")), digits)


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
    made = "1 copy" if m.most_copies == 1 else f"{m.most_copies} copies"
    notes = (
        f"Of {what}, in grey levels; images not certified count as 0 in the median. {made} cannot "
        f"certify more than {cap:.2f} sigma (limit). best: each image at the sigma with its largest certified radius.",
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
        One row for each severity, true class and wrong predicted class that occur together.

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
            rows.append((severity, int(k), int(j), int(both[k, j]), int(counts[1, s, k, j])))
    columns = (run.degradation.parameter, "true class", "predicted", "copies", "of images right when clean")
    return Table(f"Confusions by {run.degradation.parameter}", columns, rows)


def image_table(run: SweepRun, image: int) -> Table:
    """Return, for each severity, how the degraded copies of one image are classified."""
    table = run.samples(image=image, columns=["severity", "predicted", "class_index", "true_score", "psnr"]).to_pandas()
    m = run.measures_of(image)
    certifies = m.can_certify
    radii = dict(zip(run.severities, m.certified_radii().T, strict=True)) if certifies else {}
    groups = dict(iter(table.groupby("severity")))
    rows = []
    for severity in run.severities:
        if (copies := groups.get(severity)) is None:
            continue
        wrong = copies.loc[copies["predicted"] != copies["class_index"], "predicted"]
        to = run.class_names[int(wrong.mode()[0])] if len(wrong) else None
        scores, share = copies["true_score"], 100 * len(wrong) / len(copies)
        certified = (float(radii[severity][0]),) if certifies else ()
        decibels, mean, least = float(copies["psnr"].median()), float(scores.mean()), float(scores.min())
        rows.append((f"{severity:g}", decibels, len(copies), share, to, mean, least, *certified))
    columns: tuple[str, ...] = (run.degradation.parameter, "median PSNR", "copies", "wrong %", "mostly as")
    columns += ("mean true score", "least", *(("certified L2",) if certifies else ()))
    digits = {"median PSNR": 1, "mean true score": 4, "least": 4, "certified L2": 1}
    title = f"{run.clean.title(image)} under {run.degradation.short_title}"
    return Table(title, columns, rows, (SMOOTHED,) if certifies else (), digits)


def image_facts(run: SweepRun, image: int) -> Table:
    """Return facts on one image: its class, where its copies fail, what they are mistaken for, its certified radius."""
    clean, names, m = run.clean, run.class_names, run.measures_of(image)
    row = clean.row(image)
    scores, true = clean.scores[row], int(clean.class_index[row])
    rows = [
        ("true class", names[true]),
        ("predicted clean", f"{names[int(scores.argmax())]} ({scores.max():.4f})"),
        ("true class's score", f"{scores[true]:.4f}"),
    ]
    if len(m):
        wrong = int(m.wrong_class[0])
        rows += [
            ("a copy fails at", _severity(m.failing_severity()[0], run)),
            ("half of the copies fail at", _severity(m.failing_severity(0.5)[0], run)),
            ("mostly taken for", names[wrong] if wrong >= 0 else "nothing else"),
        ]
        if (own := m.copy_failing_severity) is not None:
            quartiles = np.nanquantile(own[0], (0, 0.25, 0.5, 0.75, 1), method="inverted_cdf")
            rows.append(("first to last copy fails at", ", ".join("–" if q == np.inf else f"{q:g}" for q in quartiles)))
        if m.can_certify:
            rows.append(("certified L2, true class", _radius(m.certified_radii()[0], run)))
            if not m.clean_correct[0]:
                rows.append(("certified L2, predicted class", _radius(m.certified_radii("clean")[0], run)))
    return Table(clean.title(image), ("what", "value"), rows)


def _severity(value: float, run: SweepRun) -> str:
    """Return the severity at which an image fails, in words."""
    name = run.degradation.parameter
    if value == run.degradation.neutral:
        return f"{name} {value:g}: it is wrong when clean"
    return f"{name} {value:g}" if math.isfinite(value) else f"no {name} swept"


def _radius(radii: np.ndarray, run: SweepRun) -> str:
    """Return the largest of an image's certified radii (S,), in words."""
    best = int(radii.argmax())
    if not radii[best]:
        return "abstains at every sigma"
    return f"{radii[best]:.1f} grey levels, at sigma {run.severities[best]:g}, of the smoothed classifier"


def _with_ends(value: float, ends: np.ndarray) -> tuple[float, float, float]:
    """Return a value and the ends of its interval (2,)."""
    return float(value), float(ends[0]), float(ends[1])


def _left_out(shown: np.ndarray, order: np.ndarray, what: str) -> tuple[str, ...]:
    """Return a note on rows that are not shown, if there are any."""
    left_out = len(shown) < len(order)
    return (f"The first {len(shown)} of {len(order)} {what}; tfstab inspect RUN --json has all.",) if left_out else ()
