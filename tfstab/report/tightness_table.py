"""The section of a reproduction's report on how tight its minimum noise is."""

from collections.abc import Mapping

from tfstab.experiments.claim import NAMES
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.tightness import BOUNDARY, GENETIC, PERCENTILE, REFINED, tightness
from tfstab.report.page import Section
from tfstab.report.tables import Table

_NOTES = (
    "The L2 of the noise that a search found for an image, divided by the least L2 that any run of this reproduction "
    "found for it: median and 90th percentile over the images that are right when clean and that more than one run has "
    "searched. The true minimum may be smaller still.",
    "Refined: the genetic search, continued along the decision boundary with gradients. Boundary walk: short walks "
    "with gradients from the clean image. Paper's procedure: the genetic search of the paper's section 3, for each "
    "image at its best lambda. Not found: number of images for which this search found no noise, but another did.",
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
    title = "Noise found, divided by the least noise known"
    return Table(title, columns, rows, _NOTES, digits={"median": 3, percentile: 3})


def tightness_section(reproductions: Mapping[str, Reproduction]) -> Section | None:
    """Return the table and a sentence on each data set; None if no images were searched more than once."""
    table = tightness_table(reproductions)
    if table is None:
        return None
    lines = [line for r in reproductions.values() for line in _finding(r)]
    return Section("How tight the minimum noise is", lines, [table])


def _finding(r: Reproduction) -> list[str]:
    """Return a sentence with the smallest and the largest median of all networks for each search."""
    found, texts = tightness(r), []
    for search in (GENETIC, REFINED, BOUNDARY):
        medians = [f"{median:.3f}" for median in sorted(t.median for t in found if t.search == search and t.images)]
        if medians:
            texts.append(f"{search} {' to '.join(dict.fromkeys((medians[0], medians[-1])))}")
    if not texts:
        return []
    return [
        f"{NAMES[r.data]}, noise found divided by the least noise known, median of each network: {'; '.join(texts)}."
    ]
