"""Figures of the bundled networks, for comparison; recorded by `make reference`."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.ranking import compared
from tfstab.metrics import Estimate
from tfstab.metrics.kept import TOO_FEW, estimate_mean
from tfstab.metrics.shares import inside, percent, rounded
from tfstab.wording import capital, listed

FORMAT = 1
FILE = "reference.json"
# Units of severities that mean less on a larger image.
PIXELS = "pixels"


@dataclass(frozen=True)
class ReferenceFamily:
    """What a bundled network keeps under one family.

    Attributes
    ----------
    name : str
        The family.
    version : str
        Its version.
    severities : tuple of float
        The severities, the family's default ones.
    kept : Estimate
        Accuracy kept, averaged over the severities.
    """

    name: str
    version: str
    severities: tuple[float, ...]
    kept: Estimate


@dataclass(frozen=True)
class Reference:
    """What a bundled network keeps under each family.

    Attributes
    ----------
    model, fingerprint : str
        The network.
    data : str
        The data that it was assessed on, all of its own kind.
    size : tuple of int
        Height, width and channels of the images.
    images, classes : int
        Number of images, and of classes.
    clean, mean_kept : Estimate
        Clean accuracy, and accuracy kept, averaged over the families.
    families : dict of str to ReferenceFamily
        The families, by name.
    """

    model: str
    fingerprint: str
    data: str
    size: tuple[int, int, int]
    images: int
    classes: int
    clean: Estimate
    mean_kept: Estimate
    families: dict[str, ReferenceFamily]


@cache
def reference_figures() -> tuple[Reference, ...]:
    """Return the figures of the bundled networks, at default severities, on test images of their own data.

    Returns
    -------
    tuple of Reference
        One for each network; empty if the package comes without them.
    """
    file = files("tfstab.resources") / FILE
    if not file.is_file():
        return ()
    return tuple(_reference(entry) for entry in json.loads(file.read_text("utf-8"))["networks"])


def _reference(entry: dict[str, Any]) -> Reference:
    """Return one network's figures from its entry in the file."""
    families = {
        name: ReferenceFamily(name, told["version"], tuple(told["severities"]), _estimate(told["kept"]))
        for name, told in entry["families"].items()
    }
    height, width, channels = entry["size"]
    return Reference(
        model=entry["model"],
        fingerprint=entry["fingerprint"],
        data=entry["data"],
        size=(height, width, channels),
        images=entry["images"],
        classes=entry["classes"],
        clean=_estimate(entry["clean"]),
        mean_kept=_estimate(entry["mean_kept"]),
        families=families,
    )


def _estimate(told: dict[str, Any]) -> Estimate:
    """Return an estimate from its value and interval."""
    return Estimate(told["value"], *told["interval_95"])


def comparable(figures: Figures, one: Reference) -> list[str]:
    """Return the names of the families that both have with the same version and severities, clipped.

    None is comparable if always answering the same class is right nearly as often as the network, since no class
    has most of the images of the bundled networks.
    """
    if any(f.hides_recall for f in figures.families):
        return []
    return [
        f.name
        for f in figures.families
        if _has(one, f)
        and f.run.config.clip
        and np.isfinite(f.kept.value)
        and one.families[f.name].severities == tuple(f.run.severities)
    ]


def _mean_of(one: Reference, names: list[str]) -> Estimate:
    """Return the mean of the accuracy kept under some of the families.

    Of all families the interval is known; of some it is made wide enough for any dependence between them.
    """
    if len(names) == len(one.families):
        return one.mean_kept
    each = [one.families[name].kept for name in names]
    value, low, high = np.mean([(e.value, e.low, e.high) for e in each], axis=0).tolist()
    return Estimate(value, low, high)


def reference_finding(figures: Figures, references: tuple[Reference, ...]) -> Finding | None:
    """Return how the bundled networks fare under the same degradations, and how far the comparison is fair."""
    fingerprint = figures.info["model"]["fingerprint"]
    pairs = [
        (one, names) for one in references if one.fingerprint != fingerprint and (names := comparable(figures, one))
    ]
    if not pairs:
        return None
    names = pairs[0][1]
    pairs = [(one, names) for one, same in pairs if same == names]
    own = estimate_mean([f.overall for f in figures.families if f.name in names])
    groups: dict[int, list[str]] = {1: [], -1: [], 0: []}
    for one, _ in pairs:
        other = _mean_of(one, names)
        groups[compared(own, other, len(pairs))].append(f"{one.model} ({inside(other)})")
    told = list[str]()
    for sign, words in ((-1, "less than"), (0, "not clearly different from"), (1, "more than")):
        if group := groups[sign]:
            what = "" if told else f"the bundled example network{'s' if len(group) > 1 else ''} "
            told.append(f"{words} {what}{listed(group)}")
    titles = [f.title for f in figures.families if f.name in names]
    under, on_average = f"{len(names)} degradations at the same severities", " on average"
    if len(names) == 1:
        under, on_average = f"{titles[0]}, averaged over the severities,", ""
    text = f"Under {under} it keeps {percent(own)} of its accuracy{on_average}, {', '.join(told)}."
    return Finding("reference", "mid", f"{text} {_fairness(figures, [one for one, _ in pairs], names)}", tuple(names))


def _fairness(figures: Figures, references: list[Reference], names: list[str]) -> str:
    """Return how far a comparison with the bundled networks is fair."""
    own = figures.families[0].run.clean.images.shape[1:]
    other = [
        f"{one.model}: {one.data}, {one.size[0]} x {one.size[1]}, {one.classes} classes, {rounded(one.clean.value)} % "
        "right when clean"
        for one in references
    ]
    sentences = [
        f"the comparison is rough, because it ignores clean accuracy (here {rounded(figures.clean.value)} %), and the "
        f"data differ ({'; '.join(other)})",
    ]
    in_pixels = [f.title for f in figures.families if f.name in names and f.run.degradation.unit == PIXELS]
    resized = [one for one in references if own[:2] != one.size[:2]]
    if in_pixels and resized:
        verb = "does" if len(in_pixels) == 1 else "do"
        sentences.append(
            f"the image size{_of(resized, references)} differs, too (here {own[0]} x {own[1]}): {listed(in_pixels)} "
            f"{verb} less harm to larger images"
        )
    reclassed = [one for one in references if one.classes != len(figures.classes)]
    if reclassed:
        sentences.append(
            f"the number of classes{_of(reclassed, references)} differs, too (here {len(figures.classes)}): with fewer "
            "classes, guessing keeps more of the accuracy"
        )
    return " ".join(f"{capital(sentence)}." for sentence in [*sentences, *_left_out(figures, references, names)])


def _left_out(figures: Figures, references: list[Reference], names: list[str]) -> list[str]:
    """Return how many degradations the comparison leaves out for each reason; [] if none."""
    reasons = [_reason(figure, references) for figure in figures.families if figure.name not in names]
    told = []
    for why in dict.fromkeys(reasons):
        count = reasons.count(why)
        number, it = ("1 degradation is", "it") if count == 1 else (f"{count} degradations are", "them")
        told.append(f"{number} left out because {why.format(it)}")
    return told


def _reason(family: FamilyFigures, references: list[Reference]) -> str:
    """Return why the comparison leaves out a family; {} stands for it."""
    if not all(_has(one, family) for one in references):
        return "the bundled networks have not been measured under {}"
    if any(one.families[family.name].severities != tuple(family.run.severities) for one in references):
        return "the severities differ"
    return TOO_FEW if family.run.config.clip else "grey levels were not clipped"


def _has(one: Reference, family: FamilyFigures) -> bool:
    """Whether a network was measured under this version of a family, at whatever severities."""
    return family.name in one.families and one.families[family.name].version == family.run.degradation.version


def _of(some: list[Reference], references: list[Reference]) -> str:
    """Return whose data differ, in words; "" if those of all networks do."""
    return "" if len(some) == len(references) else f" of {listed([one.model for one in some])}"
