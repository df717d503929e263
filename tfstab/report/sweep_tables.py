"""The tables of a sweep (section 4)."""

import math
from typing import Any

import numpy as np

from tfstab.metrics import RESAMPLES, wilson_interval
from tfstab.metrics.certificate import CONFIDENCE
from tfstab.report.tables import Table
from tfstab.sweep import SweepRun
from tfstab.sweep.measures import SweepMeasures

INTERVALS = (
    f"Intervals: 95 %, percentile bootstrap over images ({RESAMPLES:,} resamples), of no width where no image fails; "
    "of the clean accuracy Wilson's."
)
SMOOTHED = (
    "Certified by randomised smoothing (Cohen et al. 2019): no noise of a smaller L2 norm changes the class that the "
    "smoothed, clipped classifier (the majority over noisy copies of that sigma) gives the image, with "
    f"{CONFIDENCE:.1%} confidence for all sigmas of an image together. It is no bound on the minimum noise of the "
    "network itself."
)


def headline(run: SweepRun) -> list[str]:
    """The sweep in three lines: accuracy over all noise, sigma50, area under the curve, with their intervals."""
    m = run.measures
    if not len(m):
        return ["nothing has been swept yet"]
    copies, ends = int(m.total.sum()), m.intervals
    low, high = ends.overall
    lines = [f"accuracy (top-1) over all noise: {m.class_metrics().accuracy:.2%} ({low:.2%} to {high:.2%}) "
             f"of {copies:,} degraded images"]  # fmt: skip
    largest, (low, high) = m.sigmas.max(), ends.sigma50
    if not m.clean_accuracy:
        lines.append("sigma50 (half of the clean accuracy): no image is right when clean")
    elif m.sigma50 is None:
        lines.append(f"sigma50 (half of the clean accuracy): not reached up to sigma {largest:g}")
    else:
        upper = f"{high:.1f}" if math.isfinite(high) else f"over {largest:g}"
        lines.append(f"sigma50 (half of the clean accuracy): {m.sigma50:.1f} ({low:.1f} to {upper}) grey levels")
    low, high = ends.area
    lines.append(f"area under the curve (mean accuracy over sigma 0 to {largest:g}): "
                 f"{m.area:.4f} ({low:.4f} to {high:.4f})")  # fmt: skip
    return lines


def sigma_table(run: SweepRun) -> Table:
    """Accuracy in % at each sigma, over all images and over those that are right when clean, and calibration."""
    m, ends = run.measures, run.measures.intervals
    right = int(m.clean_correct.sum())
    rows: list[tuple[Any, ...]] = []
    if len(m):
        wilson = (100 * end for end in wilson_interval(right, len(m)))
        only, error = 100.0 if right else None, float(m.clean_calibration.error[0])
        rows.append(("clean", len(m), 100 * m.clean_accuracy, *wilson, only, only, only, error))
    everything, of_right, errors = ends.accuracy.T, ends.accuracy_of_clean_correct.T, m.calibration.error
    for a, both, right_ends, error in zip(m.accuracy_by_sigma(), everything, of_right, errors, strict=True):
        if a.total:
            shares = (a.accuracy, *both, a.accuracy_of_clean_correct, *right_ends)
            rows.append((f"{a.sigma:g}", a.total, *(100 * float(x) for x in shares), float(error)))
    columns = ("sigma", "images", "all", "all from", "all to", "right when clean", "right from", "right to", "ECE")
    notes = (f"{right} of {len(m)} images are right when clean; accuracies in %.", INTERVALS)
    return Table("Accuracy under Gaussian noise", columns, rows, notes, digits={"ECE": 4})


def weakest_classes_table(run: SweepRun, limit: int | None = None) -> Table:
    """Precision and recall of each class over all noise, the class with the least recall first (Tables 2 to 5)."""
    m, ends = run.measures, run.measures.intervals.class_metrics()
    metrics, sigma50, wrong = m.class_metrics(), m.class_sigma50, m.class_wrong
    order = m.weakest_classes()
    shown = order[:limit]
    rows = [
        (
            int(k), run.class_names[k], int(metrics.support[k]), float(m.clean_recall[k]),
            *_with_ends(metrics.precision[k], ends.precision[:, k]), *_with_ends(metrics.recall[k], ends.recall[:, k]),
            float(sigma50[k]), run.class_names[wrong[k]] if wrong[k] >= 0 else None,
        )
        for k in shown
    ]  # fmt: skip
    columns = ("class", "name", "images", "clean recall", "precision", "precision from", "precision to", "recall",
               "recall from", "recall to", "sigma50", "mostly as")  # fmt: skip
    digits = {c: 4 for c in columns if "recall" in c or "precision" in c} | {"sigma50": 1}
    return Table("Classes over all noise, the weakest first", columns, rows, _left_out(shown, order, "classes"), digits)


def class_sigma_table(run: SweepRun) -> Table:
    """Precision and recall of each class at each sigma, over all images and over those right when clean."""
    m = run.measures
    rows = []
    for sigma in m.config.sigmas:
        everything, right = (
            [part for kind in ("precision", "recall") for part in (getattr(metrics, kind), *getattr(ends, kind))]
            for metrics, ends in (
                (m.class_metrics(sigma, clean), m.intervals.class_metrics(sigma, clean)) for clean in (False, True)
            )
        )
        support = m.class_metrics(sigma).support
        rows += [
            (sigma, int(k), run.class_names[k], int(support[k]), *(float(values[k]) for values in everything + right))
            for k in np.flatnonzero(support)
        ]
    names = [f"{kind}{end}" for kind in ("precision", "recall") for end in ("", " from", " to")]
    columns = ("sigma", "class", "name", "images", *names, *(f"{name}, right when clean" for name in names))
    return Table("Classes by sigma", columns, rows, (INTERVALS,), dict.fromkeys(columns[4:], 4))


def weakest_images_table(run: SweepRun, limit: int | None = None, clean_correct: bool = True) -> Table:
    """One row an image, the one that fails first on top; without a limit, all.

    clean_correct: only images that are right when clean.
    """
    m = run.measures
    order = m.weakest_images(clean_correct)
    shown = order[:limit]
    some, half, share, radii = m.failing_sigma(), m.failing_sigma(0.5), m.wrong_share, m.certified_radii()
    own = m.copy_failing_sigma
    rows = [
        (
            int(m.images[i]), run.class_names[m.labels[i]],
            run.class_names[m.wrong_class[i]] if m.wrong_class[i] >= 0 else None, float(some[i]), float(half[i]),
            *(() if own is None else (float(np.median(own[i])),)), 100 * float(share[i].mean()), float(radii[i].max()),
        )
        for i in shown
    ]  # fmt: skip
    columns = ("image", "true", "mostly as", "a copy fails at", "half fail at",
               *(() if own is None else ("median copy fails at",)), "wrong %", "certified L2")  # fmt: skip
    notes = ["Sigmas in grey levels; – where they never fail; wrong % of the copies at all sigmas."]
    if clean_correct:
        notes[0] += f" Of the {len(order)} images that are right when clean; {len(m) - len(order)} are wrong."
    digits = {"a copy fails at": None, "half fail at": None, "median copy fails at": None, "certified L2": 1}
    return Table("Images, the weakest first", columns, rows, (*notes, *_left_out(shown, order, "images")), digits)


def certificate_table(run: SweepRun, of: str = "label") -> Table:
    """How many images the smoothed classifier is certified on at each sigma, and how far. See `certified_radii`."""
    m = run.measures
    radii = m.certified_radii(of)
    cap = m.largest_certifiable()
    names = [f"{sigma:g}" for sigma in m.config.sigmas]
    columns = [*radii.T, radii.max(axis=1, initial=0)]
    rows = [
        (name, 100 * float((r > 0).mean()), float(np.median(r)), float(r.max()), limit)
        for name, r, limit in zip([*names, "best"], columns, [*(cap * m.sigmas), cap * m.sigmas.max()], strict=True)
        if len(r)
    ]
    what = "the actual class" if of == "label" else "the prediction of the clean image"
    notes = (
        f"Of {what}, in grey levels; images not certified count as 0 in the median. {m.config.copies} copies cannot "
        f"certify more than {cap:.2f} sigma (could be). best: each image at the sigma that certifies it furthest.",
        SMOOTHED,
    )
    head = ("sigma", "certified %", "median L2", "largest L2", "could be")
    return Table("Certified radius", head, rows, notes, dict.fromkeys(head[2:], 1))


def confusion_by_sigma_table(run: SweepRun) -> Table:
    """A row for each sigma, actual and other predicted class that occur together: how many copies, most first."""
    m: SweepMeasures = run.measures
    counts = m.confusion.copy()
    counts[..., np.arange(m.classes), np.arange(m.classes)] = 0
    rows = []
    for s, sigma in enumerate(m.config.sigmas):
        both = counts[:, s].sum(axis=0)
        pairs = np.argwhere(both)
        for k, j in pairs[np.argsort(-both[tuple(pairs.T)], kind="stable")]:
            rows.append((sigma, int(k), int(j), int(both[k, j]), int(counts[1, s, k, j])))
    columns = ("sigma", "actual", "predicted", "copies", "of images right when clean")
    return Table("Confusions by sigma", columns, rows)


def image_table(run: SweepRun, image: int) -> Table:
    """One row a sigma: how the noisy copies of one image fare."""
    table = run.samples(image=image, columns=["sigma", "predicted", "class_index", "true_score"]).to_pandas()
    radii = dict(zip(run.sigmas, run.measures_of(image).certified_radii().T, strict=True))
    groups = dict(iter(table.groupby("sigma")))
    rows = []
    for sigma in run.sigmas:
        if (copies := groups.get(np.float32(sigma))) is None:
            continue
        wrong = copies.loc[copies["predicted"] != copies["class_index"], "predicted"]
        to = run.class_names[int(wrong.mode()[0])] if len(wrong) else None
        scores, share = copies["true_score"], 100 * len(wrong) / len(copies)
        rows.append((
            f"{sigma:g}", len(copies), share, to, float(scores.mean()), float(scores.min()), float(radii[sigma][0]),
        ))  # fmt: skip
    columns = ("sigma", "copies", "wrong %", "mostly as", "mean true score", "least", "certified L2")
    digits = {"mean true score": 4, "least": 4, "certified L2": 1}
    return Table(f"Image {image} under noise", columns, rows, (SMOOTHED,), digits)


def image_facts(run: SweepRun, image: int) -> Table:
    """One image in a few facts: what it is, at which sigmas its copies fail, as what, and how far it is certified."""
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
            ("a copy fails at", _sigma(m.failing_sigma()[0])),
            ("half of the copies fail at", _sigma(m.failing_sigma(0.5)[0])),
            ("mostly taken for", names[wrong] if wrong >= 0 else "nothing else"),
        ]
        if (own := m.copy_failing_sigma) is not None:
            quartiles = np.quantile(own[0], (0, 0.25, 0.5, 0.75, 1), method="inverted_cdf")
            rows.append(("first to last copy fails at", ", ".join("–" if q == np.inf else f"{q:g}" for q in quartiles)))
        rows.append(("certified L2, true class", _radius(m.certified_radii()[0], run)))
        if not m.clean_correct[0]:
            rows.append(("certified L2, predicted class", _radius(m.certified_radii("clean")[0], run)))
    return Table(f"Image {image}", ("what", "value"), rows)


def _sigma(value: float) -> str:
    if value == 0:
        return "sigma 0: it is wrong when clean"
    return f"sigma {value:g}" if math.isfinite(value) else "no sigma swept"


def _radius(radii: np.ndarray, run: SweepRun) -> str:
    best = int(radii.argmax())
    if not radii[best]:
        return "abstains at every sigma"
    return f"{radii[best]:.1f} grey levels, at sigma {run.sigmas[best]:g}, of the smoothed classifier"


def _with_ends(value: float, ends: np.ndarray) -> tuple[float, float, float]:
    return float(value), float(ends[0]), float(ends[1])


def _left_out(shown: np.ndarray, order: np.ndarray, what: str) -> tuple[str, ...]:
    return (f"The first {len(shown)} of {len(order)} {what}; --json has all.",) if len(shown) < len(order) else ()
