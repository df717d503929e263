"""Several networks in one chart: those of a report, or one and the bundled ones for comparison."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain

import numpy as np

from tfstab.assessment import Figures
from tfstab.assessment.reference import comparable, reference_figures
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.report.charts import Dot, Tick, dot, share_axis
from tfstab.report.curves import Panel, networks_panel
from tfstab.report.tables import Table
from tfstab.wording import counted, listed

MARKED = 4  # networks whose marks can be told apart in one chart; of more, the first are shown


@dataclass(frozen=True)
class NetworksChart:
    """What each degradation leaves each network: rows of (label, a dot or None for each network), and curves.

    `images` says in a sentence whose images they are if these are not the same for all; otherwise it is "". `notes` are
    further sentences: on different severities, and on networks that are not shown.
    """

    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Dot | None]]]
    ticks: Sequence[Tick]
    panels: Sequence[Panel]
    images: str = ""
    notes: Sequence[str] = ()


def networks_chart(several: Sequence[Figures], names: Sequence[str] = ()) -> NetworksChart | None:
    """Return the accuracy that each network keeps under each degradation; None for fewer than two networks.

    names: what the networks are called, by default their labels.
    """
    if len(several) < 2:
        return None
    left_out = _distinct(several, names)[MARKED:]
    several = several[:MARKED]
    names, rows = _side_by_side(several, names[:MARKED])
    notes = [f"Only the first {MARKED} networks are shown here; not shown: {listed(left_out)}."] if left_out else []
    notes += filter(None, [_other_severities(several)])
    return replace(_chart(names, rows, _panels(several)), images=_own_images(several, names), notes=notes)


def networks_table(several: Sequence[Figures], names: Sequence[str] = ()) -> Table | None:
    """Return what each network keeps under each degradation, in %, as a table; None for fewer than two networks.

    names: what the networks are called, by default their labels.
    """
    if len(several) < 2 or not any(figures.families for figures in several):
        return None
    names, found = _side_by_side(several, names)
    if len(set(names)) < len(names):
        names = [f"{name} ({k})" for k, name in enumerate(names, start=1)]
    columns = ["images", *chain(*((name, f"{name} from", f"{name} to") for name in names))]
    rows = [(label, *(100 * x for e in row for x in (e.value, e.low, e.high))) for label, row in found.items()]
    note = "In %, with 95 % intervals: the accuracy on clean images, then the accuracy kept under each degradation."
    notes = filter(None, [_own_images(several, names), _other_severities(several)])
    return Table("Networks side by side", columns, rows, [note, *notes])


def _side_by_side(several: Sequence[Figures], names: Sequence[str]) -> tuple[list[str], dict[str, list[Estimate]]]:
    """Return the names of networks, and their clean accuracies and accuracies kept by the label of their row."""
    kept = [{family.title: family.kept for family in figures.families} for figures in several]
    rows = {"clean images": [figures.clean for figures in several]}
    if any(len(figures.families) > 1 for figures in several):
        rows["mean of its degradations"] = [figures.mean_kept for figures in several]
    rows |= {title: [one.get(title, NO_ESTIMATE) for one in kept] for title in dict.fromkeys(chain(*kept))}
    return _distinct(several, names), rows


def _distinct(several: Sequence[Figures], names: Sequence[str]) -> list[str]:
    """Return the names of networks, by default their labels, each with its data if these are not the same for all."""
    names = names or [figures.label for figures in several]
    if len({figures.data for figures in several}) > 1:
        return [f"{name}, {figures.data}" for name, figures in zip(names, several, strict=True)]
    return list(names)


def _other_severities(several: Sequence[Figures]) -> str:
    """Return under which degradations the severities differ between networks, in a sentence; "" for none."""
    used: dict[str, set[tuple[float, ...]]] = {}
    for family in chain(*(figures.families for figures in several)):
        used.setdefault(family.title, set()).add(tuple(family.run.config.severities))
    differing = [title for title, severities in used.items() if len(severities) > 1]
    if not differing:
        return ""
    return (
        f"Under {listed(differing)}, the networks were not all measured at the same severities, so their figures, "
        "which are means over the severities, cannot be compared."
    )


def _own_images(several: Sequence[Figures], names: Sequence[str]) -> str:
    """Return that each network was measured on its own images, and on how many; "" if all have the same."""
    images = [{family.title: family.images for family in figures.families} for figures in several]
    titles = [title for title in images[0] if all(title in own for own in images)]
    common = [reduce(np.intersect1d, [own[title] for own in images]) for title in titles]
    same_data = len({figures.data for figures in several}) == 1
    same_clean = len({figures.images for figures in several}) == 1
    alike = all(len(own[title]) == len(both) for own in images for title, both in zip(titles, common, strict=True))
    if same_data and same_clean and alike:
        return ""
    counts = [max(map(len, own.values()), default=0) for own in images]
    degraded = [f"up to {count:,}" if count else "none" for count in counts]
    each = "; ".join(
        f"{name} on {counted(figures.images, 'clean image')}, {number} of them degraded"
        for name, figures, number in zip(names, several, degraded, strict=True)
    )
    most = f" Up to {max(map(len, common)):,} degraded images are common to all." if same_data and common else ""
    return f"Each is shown on its own images: {each}.{most} So the figures may also differ because of the images."


def reference_chart(figures: Figures) -> NetworksChart | None:
    """Return accuracy kept beside that of the bundled networks, for the families that were swept alike."""
    fingerprint = figures.info["model"]["fingerprint"]
    others = [(one, names) for one in reference_figures() if (names := comparable(figures, one))]
    others = [(one, names) for one, names in others if one.fingerprint != fingerprint][: MARKED - 1]
    if not others:
        return None
    rows = {"clean images": [figures.clean, *(one.clean for one, _ in others)]}
    for family in figures.families:
        theirs = [one.families[family.name].kept if family.name in names else NO_ESTIMATE for one, names in others]
        if any(math.isfinite(e.value) for e in theirs):
            rows[family.title] = [family.kept, *theirs]
    return _chart([figures.label, *(f"{one.model}, {one.data}" for one, _ in others)], rows)


def _chart(names: Sequence[str], rows: Mapping[str, Sequence[Estimate]], panels: Sequence[Panel] = ()) -> NetworksChart:
    """Return the chart of estimates (NaN for none) of each network by the label of their row."""
    top, ticks = share_axis([estimate for row in rows.values() for estimate in row])
    dots = [
        (label, [dot(label, e, top) if math.isfinite(e.value) else None for e in row]) for label, row in rows.items()
    ]
    return NetworksChart(names, dots, ticks, panels)


def _panels(several: Sequence[Figures]) -> list[Panel]:
    """Return the curves under each degradation of which at least two networks have a sweep."""
    panels = []
    # By title, as noise that is not clipped has the name of the noise that is.
    found = [{family.title: family.run for family in figures.families} for figures in several]
    for title in dict.fromkeys(chain(*found)):
        runs = [runs_of_one.get(title) for runs_of_one in found]
        if sum(run is not None for run in runs) > 1:
            panels.append(networks_panel(runs))
    return panels
