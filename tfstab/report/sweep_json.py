"""The results of a sweep as JSON values, for scripts."""

from typing import Any

from tfstab.metrics.certificate import CONFIDENCE
from tfstab.report.class_tables import class_table
from tfstab.report.sweep_tables import (
    SMOOTHED,
    certificate_table,
    class_severity_table,
    confusion_by_severity_table,
    severity_table,
    weakest_classes_table,
)
from tfstab.runs.atomic import json_values
from tfstab.sweep import SweepRun, metrics


def sweep_json(run: SweepRun) -> dict[str, Any]:
    """Return all metrics of a sweep.

    Parameters
    ----------
    run : SweepRun
        The sweep, finished or not.

    Returns
    -------
    dict
        Values for JSON: NaN and infinities are None, sigma and L2 are in grey levels. Images and classes are listed
        with the weakest first; lists within `images` have one value for each severity, in the run's order. For Gaussian
        noise, names say "sigma" instead of "severity".

    Examples
    --------
    >>> from tfstab.report import sweep_json
    >>> told = sweep_json(sweep)
    >>> told["sigmas"], told["images_swept"], told["copies"]
    ([10.0, 80.0], 10, 20)
    """
    m, family = run.measures, run.degradation
    one = family.singular
    return {
        "images_swept": len(m),
        "copies": m.config.copies,
        "copies_done": list(run.copies_done),
        family.plural: list(m.config.severities),
        "degradation": {
            "name": family.name,
            "parameter": family.parameter,
            "unit": family.unit,
            "neutral": float(family.neutral),
            "clip": family.clip,
        },
        **json_values(metrics.records(m)),
        f"by_{one}": severity_table(run).records(),
        "classes": class_table("", m.class_metrics(), run.class_names).records(),
        "weakest_classes": weakest_classes_table(run).records(),
        f"classes_by_{one}": class_severity_table(run).records(),
        f"confusions_by_{one}": confusion_by_severity_table(run).records(),
        **({"certificate": _certificate(run)} if family.certifies else {}),
        "images": images_json(run),
    }


def _certificate(run: SweepRun) -> dict[str, Any]:
    """Return the certified radii of the true classes."""
    return {
        "of": "label",
        "confidence": CONFIDENCE,
        "largest_in_sigmas": run.measures.largest_certifiable(),
        "meaning": SMOOTHED,
        "sigmas": list(run.severities),  # of the lists `certified_l2` of each image
        "by_sigma": certificate_table(run).records(),
    }


def images_json(run: SweepRun, class_index: int | None = None) -> list[dict[str, Any]]:
    """Return the values of each image of a class, or of all for None, the weakest image first."""
    m = run.measures
    arrays = {
        "image": m.images,
        "class": m.labels,
        "predicted_clean": m.clean_predicted,
        "a_copy_fails_at": m.failing_severity(),
        "half_fail_at": m.failing_severity(0.5),
        "mostly_as": m.wrong_class,
        "wrong_share": m.wrong_share,
    }
    if run.degradation.certifies:
        arrays |= {
            "certified_l2": m.certified_radii(),  # at each of the sweep's sigmas
            "certified_l2_of_predicted_clean": m.certified_radii("clean"),
            "largest_certified_l2": m.largest_certified()[0],
            "largest_certified_at_sigma": m.largest_certified()[1],
        }
    order = m.weakest_images(False, class_index)
    values = {name: array[order].tolist() for name, array in arrays.items()}
    rows = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    if run.clean.names is not None:
        rows = [{"image": row["image"], "file": run.clean.name(row["image"])} | row for row in rows]
    for row in rows:
        row["mostly_as"] = row["mostly_as"] if row["mostly_as"] >= 0 else None
    return [json_values(row) for row in rows]
