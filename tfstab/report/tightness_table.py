"""The section of a reproduction's report on how tight its minimum noise is."""

from collections.abc import Mapping

from tfstab.experiments.claim import NAMES
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.tightness import PERCENTILE, REFINED, tightness
from tfstab.report.page import Section
from tfstab.report.tables import Table

_NOTES = (
    "Of each image, the L2 of the noise that a search found divided by the least L2 that any run of this reproduction "
    "found for it: median and 90th percentile over the images that are right when clean and that more than one run has "
    "searched. The true minimum may be smaller still.",
    "Refined: the genetic search, continued along the decision boundary with gradients. Boundary walk: short walks "
    "with gradients from the clean image. Paper's procedure: the genetic search of section 3, for each image at its "
    "best lambda. Not found: images for which the search found no noise and another did.",
)


def tightness_table(reproductions: Mapping[str, Reproduction]) -> Table | None:
    """Return the tightness of each search of each network; None if no images were searched more than once."""
    rows = [
        (NAMES[r.data], t.network, t.search, t.images, t.median, t.high, t.missing)
        for r in reproductions.values()
        for t in tightness(r)
    ]
    if not rows:
        return None
    percentile = f"{PERCENTILE}th percentile"
    columns = ("data", "network", "search", "images", "median", percentile, "not found")
    title = "Noise found over the least noise known"
    return Table(title, columns, rows, _NOTES, digits={"median": 3, percentile: 3})


def tightness_section(reproductions: Mapping[str, Reproduction]) -> Section | None:
    """Return the table with a sentence for each data set; None if no images were searched more than once."""
    table = tightness_table(reproductions)
    if table is None:
        return None
    lines = []
    for r in reproductions.values():
        refined = [t for t in tightness(r) if t.search == REFINED and t.images]
        if refined:
            worst = max(refined, key=lambda t: t.median)
            lines.append(
                f"{NAMES[r.data]}: refined searches end at {worst.median:.3f} times the least noise known, or nearer "
                f"(medians; 90th percentiles up to {max(t.high for t in refined):.3f})."
            )
    return Section("How tight the minimum noise is", lines, [table])
