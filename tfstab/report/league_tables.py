"""The league of remedies as a table and as JSON values."""

from typing import Any

from tfstab.experiments.league import League, Standing
from tfstab.experiments.league_entries import ORIGINAL
from tfstab.experiments.remedy_change import Change
from tfstab.metrics.paired import Paired, Ratio
from tfstab.metrics.shares import signed, signed_ends
from tfstab.report.tables import Table
from tfstab.wording import counted

FIGURES = ("clean", "kept", "gaussian_noise", "minimum_noise")


def league_table(league: League) -> Table:
    """Return one row for each network, the original first, then by the accuracy kept, the highest first.

    Each accuracy stands beside its paired difference from the original's. Of the minimum noise there is only the median
    ratio. All comparisons have 95 % intervals.
    """
    rows = [_row(standing) for standing in league.standings]
    columns = (
        "remedy",
        "clean accuracy",
        "change, clean",
        "accuracy kept",
        "change, kept",
        "Gaussian noise",
        "change, noise",
        "minimum noise, ratio",
        "passes",
        "inference",
    )
    first = league.standings[0].comparison
    searched = f" and the minimum noise of {first.search.compared.sum()} of them" if first.search is not None else ""
    notes = (
        f"{first.before}, {counted(len(first.images), 'test image')}{searched}; accuracies in %, changes in percentage "
        "points. Accuracy kept: mean accuracy over all degradations and severities, divided by the clean accuracy. "
        "Gaussian noise: accuracy under it, over all severities.",
        "Passes: how often each training image passed through the network after its original training. Inference: "
        "computation for an image, in multiples of the original's. In brackets: 95 % intervals, paired by image.",
    )
    return Table(f"Remedies, {league.data}", columns, rows, notes)


def league_json(league: League) -> dict[str, Any]:
    """Return the league for scripts: shares 0..1, L2 in grey levels."""
    return {
        "data": league.data,
        "scale": league.scale,
        "networks": [
            {
                "name": standing.name,
                "title": standing.title,
                "passes": standing.passes,
                "inference_cost": standing.inference,
                **standing.comparison.to_json(),
            }
            for standing in league.standings
        ],
    }


def _row(standing: Standing) -> tuple[Any, ...]:
    """Return the row of a network."""
    there = {change.name: change for change in standing.comparison.changes}
    cells = [cell for name in FIGURES for cell in _cells(there.get(name), standing.name == ORIGINAL.name)]
    passes = "see its card" if standing.passes is None else f"{standing.passes:g}"
    return (standing.title, *cells, passes, f"{standing.inference} x")


def _cells(change: Change | None, original: bool) -> list[str]:
    """Return a figure and its difference from the original's; of the minimum noise, only the ratio."""
    if change is None:
        return [""]
    paired = change.paired
    if isinstance(paired, Ratio):
        return ["" if original else f"{paired.value:.2f} ({paired.ends(2) or '–'})"]
    return [f"{100 * paired.second:.1f}", "" if original else _with_interval(paired)]


def _with_interval(paired: Paired) -> str:
    """Return the difference with its interval, in percentage points."""
    return f"{signed(paired.value)} ({signed_ends(paired.low, paired.high)})"
