"""Tables of the images of a sweep: the weakest ones, and everything about one of them."""

import math
from collections.abc import Sequence

import numpy as np

from tfstab.explanation.tried import Tried
from tfstab.names import quoted
from tfstab.report.sweep_tables import SMOOTHED, left_out
from tfstab.report.tables import Table
from tfstab.report.tried_tables import COPIES_RIGHT, NOT_MEASURED, OTHERS_TAKEN_FOR, RIGHT_AT, right_cells, right_table
from tfstab.runs.info import UNKNOWN_CLASS, without_classes
from tfstab.sweep import SweepRun
from tfstab.sweep.measures import SweepMeasures
from tfstab.wording import counted, scored

FAILS = "a copy fails at"
PREDICTED_CLEAN = "predicted clean"
TAKEN_FOR = "mostly taken for, over all severities"


def weakest_images_table(
    run: SweepRun, limit: int | None = None, clean_correct: bool = True, class_index: int | None = None
) -> Table:
    """Return the severities at which copies of each image fail, the image that fails first on top.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.
    limit : int, optional
        Most images to list; by default all.
    clean_correct : bool, optional
        Whether to list only images that are right when clean. Of all images, what is predicted clean is listed, too.
    class_index : int, optional
        The class whose images are listed; by default those of all classes.

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
    order = m.weakest_images(clean_correct, class_index)
    shown = order[:limit]
    some, half, share = m.failing_severity(), m.failing_severity(0.5), m.wrong_share
    certified = m.largest_certified() if m.can_certify else None
    own, named = m.copy_failing_severity, run.clean.names is not None
    rows = [
        (
            int(m.images[i]),
            *((run.clean.name(int(m.images[i])),) if named else ()),
            run.class_names[m.labels[i]],
            *(() if clean_correct else (run.class_names[m.clean_predicted[i]],)),
            run.class_names[m.wrong_class[i]] if m.wrong_class[i] >= 0 else None,
            float(some[i]),
            float(half[i]),
            *(() if own is None else (float(np.nanmedian(own[i])),)),
            100 * float(share[i].mean()),
            *(() if certified is None else (float(certified[0][i]), float(certified[1][i]))),
        )
        for i in shown
    ]
    columns: tuple[str, ...] = ("image", *(("file",) if named else ()), "true")
    columns += ("mostly as",) if clean_correct else (PREDICTED_CLEAN, "mostly as")
    columns += ("a copy fails at", "half fail at")
    columns += () if own is None else ("median copy fails at",)
    columns += ("wrong %",) if certified is None else ("wrong %", "certified L2", "certified at")
    family = run.degradation
    notes = ["Sigmas in grey levels; – where they never fail; wrong % of the copies at all sigmas."]
    if not family.called_by_parameter:
        notes = [f"By {family.axis}; – where the image never fails; wrong % over all severities."]
    if not clean_correct:
        unchanged = f"{family.parameter} {family.neutral:g}, which leaves it unchanged"
        notes[0] += f" An image that is wrong when clean fails at {unchanged}."
    if certified is not None:
        notes[0] += " certified L2: of the classifier smoothed at the sigma beside it; – if it abstains at all sigmas."
    if clean_correct:
        others = len(m.weakest_images(False, class_index)) - len(order)
        wrong = "1 other is" if others == 1 else f"{others} others are"
        notes[0] += f" Of the {counted(len(order))} that are right when clean; {wrong} wrong."
        if (tied := m.tied_weakest(class_index)) > 1:
            notes.append(f"The weakest {tied} images tie; the lowest clean score of the true class comes first.")
    fails = ("a copy fails at", "half fail at", "median copy fails at", "certified at")
    digits = {**dict.fromkeys(fails, None), "certified L2": 1}
    title = "Images, the weakest first"
    if class_index is not None:
        title = f"Images of class {quoted(run.class_names[class_index])} under {family.title}, the weakest first"
    return Table(title, columns, rows, (*notes, *left_out(shown, order, "images")), digits)


def image_table(run: SweepRun, image: int) -> Table:
    """Return, for each severity, how the degraded copies of one image are classified."""
    table = run.samples(image=image, columns=["severity", "predicted", "class_index", "true_score", "psnr"]).to_pandas()
    m = run.measures_of(image)
    certifies, known = m.can_certify, not without_classes(run.info)
    radii = dict(zip(run.severities, m.certified_radii().T, strict=True)) if certifies else {}
    groups = dict(iter(table.groupby("severity")))
    rows = []
    for severity in run.severities:
        if (copies := groups.get(severity)) is None:
            continue
        wrong = copies.loc[copies["predicted"] != copies["class_index"], "predicted"]
        to = run.class_names[int(wrong.mode()[0])] if len(wrong) else None
        share, decibels, scores = 100 * len(wrong) / len(copies), float(copies["psnr"].median()), copies["true_score"]
        true_scores = (float(scores.mean()), float(scores.min())) if known else ()
        certified = (float(radii[severity][0]),) if certifies else ()
        rows.append((f"{severity:g}", decibels, len(copies), share, to, *true_scores, *certified))
    columns: tuple[str, ...] = (run.degradation.parameter, "median PSNR", "copies", "wrong %", "mostly as")
    columns += (*(("mean true score", "least") if known else ()), *(("certified L2",) if certifies else ()))
    digits = {"median PSNR": 1, "mean true score": 3, "least": 3, "certified L2": 1}
    title = f"{run.clean.title(image)} under {run.degradation.title}"
    return Table(title, columns, rows, (SMOOTHED,) if certifies else (), digits)


def clean_facts(run: SweepRun, image: int) -> Table:
    """Return the class of an image and what is predicted for it when clean."""
    clean, names, known = run.clean, run.class_names, not without_classes(run.info)
    scores, true = clean.scores[clean.row(image)], int(clean.class_index[clean.row(image)])
    rows = [
        ("true class", names[true] if known else UNKNOWN_CLASS),
        (PREDICTED_CLEAN, f"{names[int(scores.argmax())]} ({scored(scores.max())})"),
        *([("true class's score", scored(scores[true]))] if known else []),
    ]
    return Table(clean.title(image), ("what", "value"), rows)


def image_facts(run: SweepRun, image: int) -> Table:
    """Return facts on one image: its class, where its copies fail, what they are mistaken for, its certified radius.

    Of an image that is wrong when clean, it is where its copies are right.
    """
    clean, names, m = run.clean, run.class_names, run.measures_of(image)
    rows = list(clean_facts(run, image).rows)
    if not len(m):
        rows.append(("degraded copies", NOT_MEASURED))
    elif (tried := None if m.clean_correct[0] else Tried.in_run(run, image)) is not None:
        cells = right_cells(tried, int(m.labels[0]), names)
        rows += zip((RIGHT_AT, f"{COPIES_RIGHT}, averaged over the severities", OTHERS_TAKEN_FOR), cells, strict=True)
    else:
        rows += _failing_facts(run, m)
    if len(m) and m.can_certify:
        of = "" if without_classes(run.info) else ", true class"
        rows.append((f"certified L2{of}", _radius(m.certified_radii()[0], run)))
        if not m.clean_correct[0]:
            rows.append(("certified L2, predicted class", _radius(m.certified_radii("clean")[0], run)))
    return Table(clean.title(image), ("what", "value"), rows)


def _failing_facts(run: SweepRun, m: SweepMeasures) -> list[tuple[str, str]]:
    """Return where copies of an image fail that is right when clean. m: its measures."""
    wrong, never = int(m.wrong_class[0]), not np.isfinite(m.failing_severity()[0])
    rows = [
        (FAILS, _severity(m.failing_severity()[0], run, "never fails")),
        (
            "half of the copies fail at",
            _severity(m.failing_severity(0.5)[0], run, "never" if never else "never: fewer fail"),
        ),
        (TAKEN_FOR, run.class_names[wrong] if wrong >= 0 else "–"),
    ]
    if (own := m.copy_failing_severity) is not None:
        quartiles = np.nanquantile(own[0], (0, 0.25, 0.5, 0.75, 1), method="inverted_cdf")
        rows.append(("first to last copy fails at", ", ".join("–" if q == np.inf else f"{q:g}" for q in quartiles)))
    return rows


def _severity(value: float, run: SweepRun, never: str) -> str:
    """Return the severity at which an image fails, in words; `never` if there is none."""
    return f"{run.degradation.parameter} {value:g}" if math.isfinite(value) else never


def failing_table(sweeps: Sequence[SweepRun], image: int) -> Table:
    """Return under which degradations copies of an image fail; if it is wrong when clean, under which they are right.

    Parameters
    ----------
    sweeps : sequence of SweepRun
        Sweeps that have the image, at least one; some may not have degraded it yet.
    image : int
        Index of the image in the full split.
    """
    clean = sweeps[0].clean
    if clean.correct[clean.row(image)]:
        facts = [{str(row[0]): row[1] for row in image_facts(run, image).rows} for run in sweeps]
        rows = [
            (run.degradation.title, *(found.get(name, NOT_MEASURED) for name in (FAILS, TAKEN_FOR)))
            for run, found in zip(sweeps, facts, strict=True)
        ]
        return Table("Where its degraded copies fail", ("degradation", FAILS, TAKEN_FOR), rows)
    found = [(run, Tried.in_run(run, image)) for run in sweeps]
    tried = [one for _, one in found if one is not None]
    missing = [run.degradation.title for run, one in found if one is None]
    return right_table(tried, int(clean.class_index[clean.row(image)]), sweeps[0].class_names, missing)


def _radius(radii: np.ndarray, run: SweepRun) -> str:
    """Return the largest of an image's certified radii (S,), in words."""
    best = int(radii.argmax())
    if not radii[best]:
        return "abstains at every sigma"
    return f"{radii[best]:.1f} grey levels, at sigma {run.severities[best]:g}, of the smoothed classifier"
