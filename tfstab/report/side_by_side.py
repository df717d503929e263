"""Several networks side by side: those of a report in a chart, the bundled ones for comparison in a table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from tfstab.assessment import Figures
from tfstab.assessment.reference import comparable, reference_figures
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.report.charts import Dot, Tick, dot, share_axis
from tfstab.report.curves import Panel, networks_panel
from tfstab.report.numbers import with_interval
from tfstab.report.tables import Table

MARKED = 4  # networks whose marks can be told apart in one chart; of more, the first are shown


@dataclass(frozen=True)
class NetworksChart:
    """What each degradation leaves each network: rows of (label, a dot or None for each network), and curves."""

    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Dot | None]]]
    ticks: Sequence[Tick]
    panels: Sequence[Panel]


def networks_chart(several: Sequence[Figures]) -> NetworksChart | None:
    """Return the accuracy that each network keeps under each degradation; None for fewer than two networks."""
    several = several[:MARKED]
    if len(several) < 2:
        return None
    kept = [{family.title: family.kept for family in figures.families} for figures in several]
    rows = {"clean images": [figures.clean for figures in several]}
    if any(len(figures.families) > 1 for figures in several):
        rows["mean of its degradations"] = [figures.mean_kept for figures in several]
    rows |= {title: [one.get(title, NO_ESTIMATE) for one in kept] for title in dict.fromkeys(chain(*kept))}
    top, ticks = share_axis([estimate for row in rows.values() for estimate in row])
    dots = [
        (label, [dot(label, e, top) if math.isfinite(e.value) else None for e in row]) for label, row in rows.items()
    ]
    data = {figures.data for figures in several}
    names = [figures.model if len(data) == 1 else f"{figures.model}, {figures.data}" for figures in several]
    return NetworksChart(names, dots, ticks, _panels(several))


def _panels(several: Sequence[Figures]) -> list[Panel]:
    """Return the curves under each degradation of which at least two networks have a sweep."""
    panels = []
    for name in dict.fromkeys(family.name for figures in several for family in figures.families):
        runs = [family.run if (family := figures.family(name)) else None for figures in several]
        if sum(run is not None for run in runs) > 1:
            panels.append(networks_panel(runs))
    return panels


def reference_table(figures: Figures) -> Table | None:
    """Return accuracy kept beside that of the bundled networks, for the families that were swept alike."""
    fingerprint = figures.info["model"]["fingerprint"]
    others = [(one, set(names)) for one in reference_figures() if (names := comparable(figures, one))]
    others = [(one, names) for one, names in others if one.fingerprint != fingerprint]
    if not others:
        return None
    rows = [("accuracy of clean images", with_interval(figures.clean), *(with_interval(o.clean) for o, _ in others))]
    for family in figures.families:
        theirs = [one.families[family.name].kept if family.name in names else None for one, names in others]
        if any(theirs):
            rows.append((family.title, with_interval(family.kept), *map(_cell, theirs)))
    return Table(
        "Accuracy kept, in % with 95 % intervals",
        ("degradation", figures.model, *(one.model for one, _ in others)),
        rows,
    )


def _cell(estimate: Estimate | None) -> str:
    """Return a share in % with its interval, or a dash if there is none."""
    return "–" if estimate is None else with_interval(estimate)
