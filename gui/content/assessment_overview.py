"""What the overview of an assessment shows; every function may run in a worker thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfstab.assessment.levels import ABOVE, OPEN
from tfstab.assessment.words import size
from tfstab.gui.content.class_bars import ClassBars, bars_of_assessment
from tfstab.gui.content.comparison import Curve, curve
from tfstab.gui.content.confusion import which_leads
from tfstab.gui.content.examples import Pair, Weak, pairs_of_sweep
from tfstab.gui.content.hardening import change_of
from tfstab.gui.content.image_grid import first_lost, shares_kept, weakest_places
from tfstab.gui.content.number_notes import degraded_apart, images_of, incomparable, looked_at, notes_beside
from tfstab.gui.content.other_images import on_its_own, told_apart
from tfstab.gui.content.overview import (
    Number,
    Overview,
    Swept,
    beside,
    clean_number,
    ends_of,
    half_number,
    misclassified_shown,
    recall_number,
    share_number,
)
from tfstab.gui.content.pairing import Pairing, pair_of_assessments
from tfstab.gui.content.robustness import CLASSES, FamilyRow, range_of
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.shares import percent, rounded, share
from tfstab.search.norm import get_norm
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.assessment.family_figures import FamilyFigures
    from tfstab.assessment.figures import Figures
    from tfstab.assessment.verdict import Verdict
    from tfstab.degradations import Degradation

MOST_WEAK = 8
RELATIVE = "kept", "half"  # to the clean accuracy: they can fall although a hardened network is right more often
SHOWN_ELSEWHERE = "family", "inputs"  # kinds of findings: as bars, and in a note above the page
WHERE = "Robustness > Other networks compares the networks under each degradation on the images in common."


@dataclass(frozen=True)
class KeptBar:
    """The accuracy kept under a family.

    Attributes
    ----------
    row : FamilyRow
        The family.
    text, tip : str
        The share in percent, and the same in a sentence with the interval.
    others : tuple of float
        The shares of compared networks; NaN for a network that was not tested under the family, or that is this one
        before or after hardening.
    """

    row: FamilyRow
    text: str
    tip: str
    others: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class SweepInDetail:
    """The sweep that the overview looks at more closely: of Gaussian noise, or else the most harmful one.

    Attributes
    ----------
    path : Path
        Its folder.
    family : Degradation
        Its family.
    curves : tuple of Curve
        Accuracy by severity of this network and of the compared ones.
    pairs : tuple of Pair
        Leading confusions.
    leading : str
        Whether the first of them is certainly the most frequent, in a sentence.
    """

    path: Path
    family: "Degradation"
    curves: tuple[Curve, ...]
    pairs: tuple[Pair, ...]
    leading: str = ""


@dataclass(frozen=True, eq=False)
class AssessmentOverview(Overview):
    """What the overview of an assessment shows.

    Attributes
    ----------
    search : Path or None
        Folder of the search for minimum noise.
    bars : tuple of KeptBar
        The families, the most harmful first.
    shown : SweepInDetail or None
        A sweep in more detail; None if nothing has been swept.
    classes : ClassBars
        The weakest classes over all families.
    weakest : tuple of Weak
        The images, right when clean, that lose most over all families.
    findings : tuple of str
        What else was found, a sentence or two each.
    others : tuple of str
        Names of the compared assessments, in the order of `KeptBar.others`; "" for this network before or after
        hardening.
    apart : str
        What the title of the bars says of compared networks that were measured on other images, or "".
    unlike : tuple of str
        A sentence on each compared assessment that is of other images.
    change : str
        What a hardening changed, if the compared assessment is of the network before or after it, else "".
    """

    search: Path | None
    bars: tuple[KeptBar, ...]
    shown: SweepInDetail | None
    classes: ClassBars
    weakest: tuple[Weak, ...]
    findings: tuple[str, ...]
    others: tuple[str, ...] = ()
    apart: str = ""
    unlike: tuple[str, ...] = ()
    change: str = ""


def overview_of_assessment(
    name: str,
    figures: "Figures",
    verdict: "Verdict",
    families: Sequence[FamilyRow],
    images: Sequence[int],
    others: "Sequence[tuple[str, Figures]]" = (),
    pairings: Sequence[Pairing] = (),
    going_on: bool = False,
) -> AssessmentOverview:
    """Return what the overview of an assessment shows.

    Parameters
    ----------
    name : str
        What the assessment is called beside the compared ones.
    figures : Figures
        The figures.
    verdict : Verdict
        What they support.
    families : sequence of FamilyRow
        The families, the most harmful first.
    images : sequence of int
        The images among which the weakest are looked for.
    others : sequence of (str, Figures)
        Names and figures of compared assessments.
    pairings : sequence of Pairing
        The paired differences to each of these; () until they are computed.
    going_on : bool
        Whether a job is measuring: then what an earlier call had no time for may be measured at present.
    """
    from tfstab.experiments.alike_searches import why_unlike

    verdict = verdict.without("unmeasured") if going_on else verdict
    changes = [change_of(figures, other, going_on) for _, other in others]
    paired: dict[str, Pairing] = {pairing.model: pairing for pairing in pairings}
    searches = [(of, other.search) for of, other in others]
    apart = {
        of: why
        for of, search in searches
        if figures.search is not None and search is not None and (why := why_unlike(search, figures.search))
    }

    def shown(of: str, other: "Figures", change: str) -> tuple[str, list[Number]]:
        """Return the name of a compared network, and its numbers that can stand beside those of this one."""
        hidden = {*(RELATIVE if change else ()), *(("noise",) if of in apart else ()), *incomparable(figures, other)}
        return of, [number for number in numbers_of(other) if number.name not in hidden]

    numbers = beside(
        numbers_of(figures),
        [shown(*each, change) for each, change in zip(others, changes, strict=True)],
        [notes_beside(figures, other, name, paired.get(of)) for of, other in others],
    )
    others, unlike = told_apart(
        name,
        images_of(figures),
        [(of, other, images_of(other)) for of, other in others],
        lambda of, other: paired.get(of) or pair_of_assessments(figures, other, of),
    )
    unlike = tuple(f"{sentence} {WHERE}" for sentence in unlike)
    # The accuracy kept may fall although a hardened network is right more often, so it is not marked on the bars.
    marked = [("", None) if change else each for each, change in zip(others, changes, strict=True)]
    return AssessmentOverview(
        tuple(map(_in_window, verdict.paragraphs)),
        verdict.level,
        tuple(replace(each, images=f"{each.images} {WHERE}".strip()) if each.beside else each for each in numbers),
        None if figures.search is None else Path(figures.search.path),
        tuple(_bar(row, marked) for row in families),
        _shown(name, figures, others),
        bars_of_assessment(figures, others),
        tuple(weakest_of(figures, images)),
        (
            *(
                _in_window(f.text)
                for f in verdict.findings
                if f.kind not in SHOWN_ELSEWHERE and f.text not in verdict.lead
            ),
            *(f"The minimum noise of {of} is not compared: {why}" for of, why in apart.items()),
        ),
        tuple(of for of, _ in marked),
        on_its_own(images=any(other is not None and degraded_apart(figures, other) for _, other in marked)),
        unlike,
        " ".join([*filter(None, changes), WHERE]) if any(changes) else "",
    )


def _in_window(text: str) -> str:
    """Return what a verdict says, naming the table and the fields in the window instead of the report and options."""
    from tfstab.assessment.harmed_findings import IN_REPORT
    from tfstab.gui.jobs.field_words import in_fields

    return in_fields(text.replace(IN_REPORT, f"Robustness > {CLASSES} lists all, including those named elsewhere"))


def numbers_of(figures: "Figures") -> tuple[Number, ...]:
    """Return clean accuracy, accuracy kept (or a recall), the sigma that halves accuracy, and the minimum noise."""
    count = len(figures.families)
    kept = "under 1 degradation" if count == 1 else f"mean of {count} degradations"
    family = looked_at(figures)
    found = [clean_number(figures.clean, figures.info, figures.images)]
    if family is not None:
        found[0] = replace(found[0], images=misclassified_shown(family.run, figures.images))
    if recall := recall_number(figures.clean_classes, figures.families):
        found.append(recall)
    elif count and np.isfinite(figures.mean_kept.value):
        counts = [len(family.images) for family in figures.families]
        each = counted(max(counts)) if len(set(counts)) == 1 else f"{min(counts):,} to {counted(max(counts))}"
        number = share_number("kept", figures.mean_kept, f"kept, {kept}", "accuracy kept")
        found.append(replace(number, images=f"Of {each} under each degradation."))
    if family is not None:
        found += half_number(family, named=True)
    noise = figures.noise
    if noise is not None and np.isfinite(noise.size.value) and (noise.size.low > 0 or np.isfinite(noise.size.high)):
        e = noise.size  # with an interval, so of more than a few images
        norm = get_norm(noise.norm)
        written = f"{norm.title} {size(norm, e.value)}"
        caption, of = f"{norm.unit} of noise flip a typical image ({ends_of(e)})", f"Of {counted(noise.count)}."
        found.append(Number("noise", written, caption, "minimum noise", images=of))
    return tuple(found)


def weakest_of(figures: "Figures", images: Sequence[int], most: int = MOST_WEAK) -> list[Weak]:
    """Return the images, right when clean, that lose most over all families, the weakest first."""
    kept = shares_kept(figures, images)
    places = weakest_places(figures, kept, images)[:most]
    return [_weak(figures, images[k], float(kept[k])) for k in places]


def _weak(figures: "Figures", image: int, kept: float) -> Weak:
    run = next(f.run for f in figures.families if image in f.run.clean.indices)
    row = run.clean.row(image)
    actual = int(run.clean.class_index[row])
    said = f"{rounded(kept)} % right"
    tip = f"{run.clean.title(image)}: {said} over all degradations. Click to see it under each of them"
    return Weak(image, actual, run.clean.images[row], run.class_names[actual], said, tip, first_lost(figures, image))


def _bar(row: FamilyRow, others: "Sequence[tuple[str, Figures | None]]") -> KeptBar:
    if not row.keeps:
        of = f"{percent(row.accuracy)} of {counted(row.images)} are right, averaged over the severities"
        return KeptBar(row, share(row.accuracy), f"{row.title}: {of}; when clean, none is")
    tip = f"{row.title}: {row.in_words}"
    if np.isfinite(row.kept.value):
        tip += f"; always answering the same class would keep {rounded(row.guessed)} %"
    tip += f". {ABOVE[:-1]}" if row.kept.high > 1 else ""
    tip += "" if row.sure else f". Open bar: {OPEN}"
    found = [(name, None if figures is None else figures.family(row.name)) for name, figures in others]
    kept = [(name, NO_ESTIMATE if family is None else family.kept) for name, family in found]
    tip += "".join(f"\n{name}: {range_of(e)}" for name, e in kept if name)
    return KeptBar(row, share(row.kept), tip, tuple(e.value for _, e in kept))


def _shown(name: str, figures: "Figures", others: "Sequence[tuple[str, Figures]]") -> SweepInDetail | None:
    family = looked_at(figures)
    if family is None:
        return None
    run, measures = family.run, family.run.measures
    known = [(of, other.family(family.name)) for of, other in others]
    swept = [_swept(name, family), *(_swept(of, found) for of, found in known if found is not None)]
    curves = tuple(curve(each.compared) for each in swept)
    shares = measures.confusion_shares()
    pairs = tuple(pairs_of_sweep(run, measures, shares))
    return SweepInDetail(Path(run.path), run.degradation, curves, pairs, which_leads(shares, pairs))


def _swept(name: str, family: "FamilyFigures") -> Swept:
    return Swept(name, family.run)
