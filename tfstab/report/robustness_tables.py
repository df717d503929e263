"""The robustness against several degradations, as a table and as JSON values."""

import math
from typing import Any

from tfstab.experiments.robustness import FamilyRobustness, Robustness
from tfstab.metrics import Estimate
from tfstab.report.tables import Table
from tfstab.runs.atomic import json_values
from tfstab.wording import counted


def robustness_table(r: Robustness) -> Table:
    """Return accuracies and errors in %, with one row for each degradation and one for their mean."""
    rows: list[tuple[Any, ...]] = [_row(f, r.baseline is not None) for f in r.families]
    mean: tuple[Any, ...] = ("mean", None, None, None, sum(f.accuracy.value for f in r.families) * 100 / len(rows))
    means = (r.kept, r.mce, r.relative_mce)
    rows.append(mean + tuple(value for e in means if e is not None for value in _percent(e)))
    columns: tuple[str, ...] = ("degradation", "severity", "PSNR mild", "PSNR strong", "accuracy")
    columns += ("accuracy kept", "from", "to")
    notes = [
        f"{r.model}, {counted(len(r.images))}, clean accuracy {r.clean_accuracy.value:.2%}; in %, all severities of a "
        "degradation counting alike. Accuracy kept: accuracy divided by clean accuracy.",
    ]
    if r.baseline is not None:
        columns += ("CE", "CE from", "CE to", "relative CE", "relative from", "relative to")
        notes.append(
            f"CE: the corruption error, over that of {r.baseline}; relative CE: of the errors above the clean one "
            "(Hendrycks and Dietterich 2019). Their means are mCE and relative mCE."
        )
        without = [f.run.degradation.name for f in r.families if f.ce is not None and not math.isfinite(f.ce.value)]
        if without:
            notes.append(f"Not in mCE, as {r.baseline} makes no error there: {', '.join(without)}.")
    fieller = "; Fieller for corruption errors" if r.baseline is not None else ""
    notes.append(
        f"Intervals: 95 %, from the differences between images (Korn and Graubard; Wilson for clean accuracy{fieller})."
    )
    if any(e is not None and math.isfinite(e.value) and not math.isfinite(e.high) for e in _corruption_errors(r)):
        notes.append(
            f"– in place of an end of such an interval: there is none, as {r.baseline} makes too few errors on so few "
            "images."
        )
    digits = dict.fromkeys(("PSNR mild", "PSNR strong", *columns[4:]), 1)
    return Table("Robustness", columns, rows, tuple(notes), digits)


def robustness_json(r: Robustness) -> dict[str, Any]:
    """Return the same for scripts: shares in 0..1; None if a value does not exist or is infinite."""

    def values(e: Estimate | None) -> dict[str, Any] | None:
        """Return an estimate with its interval."""
        return (
            None
            if e is None
            else {"value": json_values(e.value), "interval_95": [json_values(e.low), json_values(e.high)]}
        )

    return {
        "model": r.model,
        "baseline": r.baseline,
        "images": len(r.images),
        "clean_accuracy": values(r.clean_accuracy),
        "families": [
            {
                "degradation": f.run.degradation.name,
                "run": str(f.run.path),
                "severities": list(f.run.severities),
                "copies": f.run.config.copies,
                "psnr": json_values(f.run.measures.psnr),
                "accuracy": values(f.accuracy),
                "accuracy_kept": values(f.kept),
                "corruption_error": values(f.ce),
                "relative_corruption_error": values(f.relative_ce),
            }
            for f in r.families
        ],
        "mean_accuracy_kept": values(r.kept),
        "mean_corruption_error": values(r.mce),
        "relative_mean_corruption_error": values(r.relative_mce),
    }


def _corruption_errors(r: Robustness) -> list[Estimate | None]:
    """Return all corruption errors of the table."""
    return [r.mce, r.relative_mce, *(e for f in r.families for e in (f.ce, f.relative_ce))]


def _row(f: FamilyRobustness, with_baseline: bool) -> tuple[Any, ...]:
    """Return the row of one degradation."""
    config, psnr = f.run.config, f.run.measures.psnr
    mild, strong = config.mildest_first[[0, -1]]
    if config.one_sided:
        ends = config.severities[mild], config.severities[strong]
    else:
        ends = min(config.severities), max(config.severities)
    severity = f"{config.degradation.axis} {ends[0]:g} to {ends[1]:g}"
    estimates = (f.kept, f.ce, f.relative_ce) if with_baseline else (f.kept,)
    return (
        f.run.degradation.name,
        severity,
        float(psnr[mild]),
        float(psnr[strong]),
        100 * f.accuracy.value,
        *(value for e in estimates if e is not None for value in _percent(e)),
    )


def _percent(e: Estimate) -> tuple[float, float, float]:
    """Return an estimate and the ends of its interval, in %."""
    return 100 * e.value, 100 * e.low, 100 * e.high
