"""One image under all families of degradations, as pictures; every function may run in a worker."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import TfstabError
from tfstab.experiments.also_taken import LITTLE
from tfstab.explanation.shared_mistake import shared_at
from tfstab.gui.content.colours import as_levels
from tfstab.gui.content.points import read_points
from tfstab.gui.content.predictions import class_label
from tfstab.gui.content.robustness import BAD, GOOD, MIDDLE
from tfstab.gui.content.triple import Triple, copy_of, triple_of_point
from tfstab.gui.content.viewpoint import is_whole
from tfstab.wording import at_severity, counted, listed

if TYPE_CHECKING:
    from tfstab.assessment.family_figures import FamilyFigures
    from tfstab.assessment.figures import Figures
    from tfstab.sweep import SweepRun

IN_EXPLORER = "In the Explorer, any degradation can be applied to it."
SAYS_LITTLE = (
    f"{LITTLE}: right, but this says little, because most images of other classes are taken for the same class at this "
    "severity."
)
MOST = 6  # families that are named in a sentence


@dataclass(frozen=True, eq=False)
class ShownCopy:
    """The copies of the image at a severity, of which the first one is shown.

    Attributes
    ----------
    severity_index : int
        Index in the sweep's severities.
    parameter : str
        What the severity is called.
    severity : float
        The severity.
    picture : ndarray of uint8, shape (H, W, C)
        The first copy, rounded to 8 bits.
    right : bool
        Whether it is classified correctly.
    predicted : str
        Name of the class that it is taken for.
    copies, right_copies : int
        How many copies there are, and how many of them are classified correctly.
    tip : str
        What it is, in a sentence.
    unit : str
        The unit of the severity.
    says_little : bool
        Whether the shown copy is right, but most images of other classes are taken for its class, too.
    """

    severity_index: int
    parameter: str
    severity: float
    picture: NDArray[np.uint8]
    right: bool
    predicted: str
    copies: int
    right_copies: int
    tip: str
    unit: str = ""
    says_little: bool = False

    @property
    def tone(self) -> str:
        """The tone of a colour: whether all copies are right, some, or none."""
        return GOOD if self.right_copies == self.copies else MIDDLE if self.right_copies else BAD


@dataclass(frozen=True, eq=False)
class FamilyLine:
    """The image under one family.

    Attributes
    ----------
    name, title : str
        Name of the family, and what it is called in a sentence.
    path : Path
        Folder of the sweep.
    shown : tuple of ShownCopy
        Its copies, the mildest first; empty if there are none.
    problem : str
        Why there are none, or "".
    """

    name: str
    title: str
    path: Path
    shown: tuple[ShownCopy, ...]
    problem: str = ""


@dataclass(frozen=True, eq=False)
class ImageGrid:
    """One image under all families.

    Attributes
    ----------
    image : int
        Its index in the full split.
    title : str
        Its name, its class, and what it is taken for when clean.
    clean : ndarray of uint8, shape (H, W, C)
        The clean image.
    lines : tuple of FamilyLine
        The families that were measured for it, in the order of the figures.
    lacking : tuple of str
        Titles of the other families.
    """

    image: int
    title: str
    clean: NDArray[np.uint8]
    lines: tuple[FamilyLine, ...]
    lacking: tuple[str, ...] = ()

    @property
    def notes(self) -> str:
        """What the asterisk means, if a copy has one, and which families lack the image, in sentences; or ""."""
        little = any(shown.says_little for line in self.lines for shown in line.shown)
        return " ".join([*[SAYS_LITTLE] * little, *[self.lacks] * bool(self.lacking)])

    @property
    def lacks(self) -> str:
        """The families that were not measured for it, and what to do, in sentences; "" if there are none."""
        return f"Not measured for this image: {listed(self.lacking, most=MOST)}. {IN_EXPLORER}" if self.lacking else ""


def measured_images(figures: "Figures") -> frozenset[int]:
    """Return the images that were swept under any family."""
    return frozenset(image for family in figures.families for image in family.images.tolist())


def common_images(figures: "Figures") -> list[int]:
    """Return the images to step through: those swept under all families, or else under the first one; ascending."""
    if not figures.families:
        return []
    common = figures.families[0].images
    for family in figures.families[1:]:
        both = np.intersect1d(common, family.images)
        common = both if len(both) else common
    return [int(image) for image in common]


def stepped(images: Sequence[int], image: int, by: int) -> int:
    """Return the image `by` places after another in an ascending list, which need not contain that other one."""
    here = bisect_left(images, image) - (
        by > 0 and image not in images
    )  # if it is missing, the next one is one step away
    return images[min(max(here + by, 0), len(images) - 1)]


def shares_kept(figures: "Figures", images: Sequence[int]) -> NDArray[np.float64]:
    """Return the share of each image's copies that are right, the mean over the families; infinite if wrong when clean.

    An image that is wrong when clean is no example of harm.
    """
    kept, count = np.zeros(len(images)), np.zeros(len(images))
    for family in figures.families:
        known, own = _places(family, images)
        kept[known] += np.where(family.clean_right[own], family.overall.part[own], np.inf)
        count[known] += 1
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(count > 0, kept / np.maximum(count, 1), np.inf))


def _places(family: "FamilyFigures", images: Sequence[int]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which of these images a family has, and their rows in its figures."""
    place = np.minimum(np.searchsorted(family.images, images), len(family.images) - 1)
    known = family.images[place] == np.asarray(images, np.int64)
    return known, place[known]


def weakest_places(figures: "Figures", kept: NDArray[np.float64], images: Sequence[int]) -> list[int]:
    """Return the places of images that are right when clean, the one that loses most over all families first.

    Ties are sorted as in `SweepMeasures.weakest_images`. kept: `shares_kept` of the images.
    """
    score = np.zeros(len(images))
    for family in figures.families:
        known, own = _places(family, images)
        score[known] = family.run.measures.clean_true_score[own]
    order = np.lexsort((score, np.round(kept, 9)))  # equal shares may differ in their last bits
    return [place for place in order.tolist() if np.isfinite(kept[place])]


def weakest_image(figures: "Figures", images: Sequence[int]) -> int | None:
    """Return the image, right when clean, that loses most over all families; None if none is right when clean."""
    places = weakest_places(figures, shares_kept(figures, images), images)
    return images[places[0]] if places else None


def family_with(figures: "Figures", copy: Sequence[Any], image: int | None) -> "FamilyFigures | None":
    """Return the family of a copy; None if the assessment has no such copy of the image.

    copy: name of the family and severity index. They may come from a link, so they are checked.
    """
    name, place = copy if len(copy) == 2 else ("", -1)
    found = figures.family(name) if isinstance(name, str) and is_whole(place) else None
    return found if found is not None and image in found.images and place < len(found.run.severities) else None


def first_lost(figures: "Figures", image: int) -> tuple[str, int] | None:
    """Return the first place at which all copies of an image are wrong: name of the family, and severity index.

    Families count from the most harmful one, severities from the mildest. None if there is no such place.
    """
    for family in figures.families:
        known, own = _places(family, [image])
        for s in family.run.config.mildest_first.tolist() if known[0] else ():
            if not family.share_right[own[0], s]:
                return family.name, s
    return None


def grid_of(figures: "Figures", image: int) -> ImageGrid:
    """Make the copies of an image again under each family; raise RunError if no run has it."""
    holder = next(f.run for f in figures.families if image in f.run.clean.indices)
    clean, row = holder.clean, holder.clean.row(image)
    actual, taken = (
        class_label(int(k), holder.class_names) for k in (clean.class_index[row], clean.scores[row].argmax())
    )
    title = f"{clean.title(image)}: {actual}" + (f", taken for {taken} when clean" if actual != taken else "")
    there = [family for family in figures.families if image in family.images]
    lacking = tuple(family.title for family in figures.families if image not in family.images)
    return ImageGrid(image, title, clean.images[row], tuple(_line(family, image) for family in there), lacking)


def _line(family: "FamilyFigures", image: int) -> FamilyLine:
    path = Path(family.run.path)
    try:
        return FamilyLine(family.name, family.title, path, tuple(_copies(family.run, image)))
    except TfstabError as error:
        return FamilyLine(family.name, family.title, path, (), str(error))


def _copies(run: "SweepRun", image: int) -> list[ShownCopy]:
    rows = run.samples(image=image, columns=("severity_index", "copy", "predicted", "score", "class_index")).to_pylist()
    by_severity: dict[int, list[dict[str, Any]]] = {}
    for row in rows:  # sorted by severity and copy
        by_severity.setdefault(row["severity_index"], []).append(row)
    shown = []
    for s in run.config.mildest_first:
        copies = by_severity.get(int(s), [])
        if not copies:
            continue
        row, right_copies = copies[0], sum(copy["predicted"] == copy["class_index"] for copy in copies)
        picture = as_levels(run.degraded_image(image, int(s), row["copy"]))
        right, predicted = row["predicted"] == row["class_index"], run.class_names[row["predicted"]]
        severity, name, unit = float(run.severities[s]), run.degradation.parameter, run.degradation.unit
        shared = shared_at(run, int(s), row["predicted"]) if right else None
        little = f". {shared.of_right(predicted)}" if shared is not None and shared.means_little else ""
        said = f"{'right' if right else 'wrong'}, {predicted} with score {row['score']:.3f}"
        if len(copies) > 1:
            said = (
                f"{right_copies} of {counted(len(copies), 'copy', 'copies')} are right. Shown is the first copy: {said}"
            )
        tip = f"{run.degradation.title}, {at_severity(name, severity, unit)}: {said}{little}"
        counts = len(copies), right_copies
        shown.append(ShownCopy(int(s), name, severity, picture, right, predicted, *counts, tip, unit, bool(little)))
    return shown


def triple_of(figures: "Figures", family: str, image: int, severity_index: int) -> Triple:
    """Return the triple of the first copy of an image at a severity of a family; raise RunError if there is none."""
    found = figures.family(family)
    assert found is not None
    run = found.run
    class_index = int(run.clean.class_index[run.clean.row(image)])
    points = read_points(run, class_index)
    here = np.flatnonzero((points.image == image) & (points.severity_index == severity_index))
    triple = triple_of_point(run, points, int(here[0]))
    copy = ", ".join(copy_of(run, severity_index, int(points.copy[here[0]])))
    assert triple.subject is not None
    others = tuple(f.run for f in figures.families if f is not found and image in f.run.clean.indices)
    title = f"{run.clean.title(image)}, {run.degradation.title}, {copy}"
    return replace(triple, title=title, subject=replace(triple.subject, others=others))
