"""Tables of the images of a sweep: the weakest ones, and everything about one of them."""

import numpy as np

from tfstab.explanation.image_facts import PREDICTED_CLEAN
from tfstab.explanation.image_facts import image_facts as facts_of
from tfstab.names import quoted
from tfstab.report.sweep_tables import SMOOTHED, left_out
from tfstab.report.tables import Table
from tfstab.runs.info import without_classes
from tfstab.sweep import SweepRun
from tfstab.wording import counted, of_parameter


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
        unchanged = f"{of_parameter(family.parameter, family.neutral)}, which leaves it unchanged"
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
    of_class = " --class NAME" if class_index is not None else ""
    wrong_too = ", and also the images that are wrong when clean" if clean_correct else ""
    where = f"RUN{of_class} --json has all{wrong_too}"
    return Table(title, columns, rows, (*notes, *left_out(shown, order, "images", where)), digits)


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


def image_facts(run: SweepRun, image: int) -> Table:
    """Return what a sweep says of one image: `tfstab.explanation.image_facts` as a table."""
    return Table(run.clean.title(image), ("what", "value"), facts_of(run, image))
