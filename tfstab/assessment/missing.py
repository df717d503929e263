"""Sentences on results that are missing: degradations without a measurement or a figure, and damaged results."""

import math
from collections.abc import Sequence

from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.datasets.groups import needed_images
from tfstab.datasets.remarks import remarks_of
from tfstab.degradations import get_degradation
from tfstab.metrics.kept import FEWEST_RIGHT, TOO_FEW
from tfstab.metrics.outlook import round_up
from tfstab.wording import capital, counted, listed


def unmeasured_finding(measured: int, missing: Sequence[str]) -> Finding | None:
    """Return how many degradations were measured, and which were not. missing: names of families."""
    if not missing:
        return None
    titles = [get_degradation(name).title for name in missing]
    of, were = measured + len(missing), "was" if measured == 1 else "were"
    text = f"{measured} of {of} degradations {were} measured; the assessment ended before it came to"
    return Finding("unmeasured", "unsure", f"{text} {listed(titles, most=len(titles))}.", tuple(missing))


def few_finding(figures: Figures, seconds: float = 0.0) -> Finding | None:
    """Return under which degradations too few images are right when clean for a figure, and how many would be enough.

    seconds: how long all measuring took so far; 0 if that is not known.
    """
    few = [f for f in figures.families if not f.overall.enough]
    if not few or not figures.clean.value:  # if no image is right, this is said of the clean images
        return None
    titles = listed([f.title for f in few], most=8)
    what = f"{len(few)} of {len(figures.families)} degradations" if len(figures.families) > 1 else few[0].title
    text = f"How much accuracy is kept under {what} cannot be said yet, as {TOO_FEW}"
    text += f": {titles}." if len(figures.families) > 1 else "."
    images = math.ceil(FEWEST_RIGHT / figures.clean.value)
    available = figures.available
    it_takes = capital(needed_images(f"about {round_up(images):,}", remarks_of(figures.info["data"])))
    if available is not None and images > available:
        text += f" {it_takes} would be enough, but only {available:,} were given."
        return Finding("few", "unsure", text, tuple(f.name for f in few))
    rows = sum((max(images, len(f.images)) - len(f.images)) * len(f.run.severities) for f in few)
    done = sum(int(f.run.measures.total.sum()) for f in figures.families)
    more = math.ceil(seconds * rows / done / 60) if done else 0
    minutes = f", which may take about {counted(more, 'more minute')}" if more else ""
    text += f" {it_takes} under each would be enough{minutes}."
    return Finding("few", "unsure", text, tuple(f.name for f in few))


def damaged_finding(damaged: Sequence[str]) -> Finding | None:
    """Return which results are left out because they are damaged. damaged: what they are of, in words."""
    if not damaged:
        return None
    text = f"The results for {listed(damaged, most=len(damaged))} are damaged and left out."
    return Finding("damaged", "unsure", text, tuple(damaged))
