"""What a report says of one network on one data set: verdict, big numbers, charts and photographs."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tfstab.assessment import FamilyFigures, Figures, Finding, Verdict, verdict
from tfstab.metrics import Estimate
from tfstab.report import photographs
from tfstab.report.charts import Dot, Panel, Strip, Tick, curve_panel, dot, family_dots, interval, noise_strip, percent
from tfstab.report.photographs import Mistake, Triple
from tfstab.report.tables import Table
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun

CLASSES = 10  # most classes in the chart of a page; --files writes all
IMAGES = 40  # most images in the table of minimum noise

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Number:
    """One of the big numbers at the top: the number, what it is, and its interval or what qualifies it."""

    value: str
    what: str
    detail: str = ""


@dataclass(frozen=True)
class ClassRow:
    """A class, its accuracy when clean and when degraded, and what it is mistaken for."""

    name: str
    images: int
    clean: str
    degraded: Dot
    mistaken_for: str


@dataclass
class Chapter:
    """Everything that a report says of one network on one data set."""

    title: str
    figures: Figures
    runs: Sequence[SweepRun | SearchRun]
    verdict: Verdict
    numbers: list[Number] = field(default_factory=list)
    families: list[Dot] = field(default_factory=list)
    family_ticks: list[Tick] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    classes: list[ClassRow] = field(default_factory=list)
    class_ticks: list[Tick] = field(default_factory=list)
    class_count: int = 0
    class_mistakes: list[Mistake] = field(default_factory=list)
    triples: list[Triple] = field(default_factory=list)
    strip: Strip | None = None
    family_table: Table | None = None
    severity_tables: list[Table] = field(default_factory=list)
    noise_table: Table | None = None

    @property
    def level(self) -> str:
        """The level of the worst finding, or of the worst family."""
        levels = [f.level for f in self.verdict.findings] + [d.level for d in self.families[:1]]
        return next((level for level in ("bad", "mid", "good") if level in levels), "unsure")

    @property
    def first_sentence(self) -> tuple[str, str]:
        """The verdict's first sentence, and the others."""
        lead = self.verdict.lead
        cut = next((k + 1 for k in range(len(lead) - 2) if lead[k] in ".:" and lead[k + 1] == " " and lead[k + 2].isupper()), None)
        return (lead, "") if cut is None else (lead[:cut], lead[cut:])

    def findings(self, *kinds: str) -> list[Finding]:
        """Return the findings of these kinds."""
        return [finding for finding in self.verdict.findings if finding.kind in kinds]


def make_chapter(runs: Sequence[SweepRun | SearchRun], on_step: OnStep) -> Chapter:
    """Return the chapter of one network; `on_step` is called with what is done next, once for each of `STEPS`."""
    on_step("accuracy")
    figures = Figures.of(runs)
    chapter = Chapter(title_of(runs), figures, runs, verdict(figures))
    chapter.numbers = big_numbers(figures)
    chapter.families, chapter.family_ticks = family_dots(figures.families)
    on_step("curves")
    chapter.panels = [curve_panel(family.run) for family in figures.families]
    on_step("photographs")
    chapter.mistakes = photographs.family_mistakes(figures)
    on_step("classes")
    _add_classes(chapter)
    on_step("minimum noise")
    _add_noise(chapter)
    on_step("tables")
    chapter.family_table = family_table(figures) if figures.families else None
    chapter.severity_tables = [severity_table(family) for family in figures.families]
    return chapter


STEPS = 6  # of `make_chapter`


def title_of(runs: Sequence[SweepRun | SearchRun]) -> str:
    """Return the name of the network."""
    return str(runs[0].info["model"]["name"])


def big_numbers(figures: Figures) -> list[Number]:
    """Return the four numbers at the top, those that say most of what there is."""
    families, noise = figures.families, figures.noise
    numbers = [
        Number(percent(figures.clean.value, 1), "of clean images are right", _confidence(figures.clean))
    ]
    if len(families) > 1:
        numbers.append(
            Number(
                percent(figures.mean_kept.value),
                f"of that accuracy is kept, mean of {len(families)} degradations",
                _confidence(figures.mean_kept),
            )
        )
    elif families:
        only = families[0]
        numbers.append(
            Number(percent(only.kept.value), f"of that accuracy is kept under {only.title}", _confidence(only.kept))
        )
    half = figures.family("gaussian_noise") or (families[0] if families else None)
    if half is not None:
        numbers.append(_half(half))
    if noise is not None:
        numbers.append(_minimum(figures))
        if figures.search is not None and not families:
            numbers.append(Number(str(noise.found), "images with minimum noise", f"of {noise.count} right when clean"))
    if len(numbers) < 4 and families:
        worst = families[0]
        where = f"{worst.run.degradation.parameter} {worst.middle_severity:g}"
        numbers.append(
            Number(
                percent(worst.middle.value),
                f"of images that are right when clean stay right under {worst.title}, {where}",
                _confidence(worst.middle),
            )
        )
    if len(numbers) < 4:
        numbers.append(Number(f"{figures.images:,}", "images", f"of {len(figures.classes)} classes"))
    return numbers[:4]


def _half(family: FamilyFigures) -> Number:
    """Return the severity at which half of the clean accuracy is lost."""
    degradation, half = family.run.degradation, family.severity50
    what = f"of {family.title} halves its accuracy"
    if math.isfinite(half.value):
        ends = [f"{x:.3g}" if math.isfinite(x) else "beyond" for x in (half.low, half.high)]
        return Number(f"{degradation.parameter} {half.value:.3g}", what, f"{ends[0]}–{ends[1]} with 95 % confidence")
    strongest = family.run.severities[family.run.config.mildest_first[-1]]
    reach = f"up to {degradation.parameter} {strongest:g}, half of its accuracy is not lost"
    return Number("not reached", f"{family.title} {reach}")


def _minimum(figures: Figures) -> Number:
    """Return the median minimum noise."""
    noise = figures.noise
    assert noise is not None
    l2, (low, high) = noise.l2, noise.quartiles
    value = f"L2 {l2.value:.3g}" if math.isfinite(l2.value) else "not found"
    quartiles = f"quartiles {low:.3g} and {high:.3g}; " if math.isfinite(high) else ""
    refined = ", refined" if figures.search is not None and figures.search.config.refine else ""
    what = "grey levels: the least noise that flips a typical image"
    return Number(value, what, f"{quartiles}{noise.count} images{refined}")


def _confidence(estimate: Estimate) -> str:
    """Return an interval of a share in words."""
    ends = interval(estimate)
    return f"{ends} with 95 % confidence" if ends else ""


def _add_classes(chapter: Chapter) -> None:
    """Add the chart of the weakest classes, and mistakes of some."""
    weakest, families = chapter.figures.weakest_classes, chapter.figures.families
    chapter.class_count = len(weakest)
    if len(weakest) < 2:
        return
    largest = max(families, key=lambda family: len(family.images)).run.measures
    clean = {k: float(largest.clean_recall[k]) for k in range(largest.classes)}
    for weak in weakest[:CLASSES]:
        mistaken = chapter.figures.classes[weak.mistaken_for] if weak.mistaken_for is not None else ""
        share = f" ({percent(weak.share_of_errors.value)})" if weak.share_of_errors is not None else ""
        degraded = dot(weak.name, weak.accuracy, 1.0)
        row = ClassRow(weak.name, weak.images, percent(clean[weak.index]), degraded, f"{mistaken}{share}")
        chapter.classes.append(row)
    chapter.class_ticks = [Tick(25.0 * k, f"{25 * k} %") for k in range(5)]
    chapter.class_mistakes = photographs.class_mistakes(chapter.figures)


def _add_noise(chapter: Chapter) -> None:
    """Add triples, the strip of all images' minimum noise, and its table."""
    search = chapter.figures.search
    if search is None:
        return
    chapter.triples = photographs.triples(search)
    frame = search.to_pandas()
    found = frame[frame["found"] & (frame["queries"] > 0)].sort_values("l2", kind="stable")
    if len(found):
        labels = [f"{search.clean.name(int(image))}: {l2:.1f}" for image, l2 in found["l2"].items()]
        chapter.strip = noise_strip(found["l2"].tolist(), labels)
    names = search.class_names
    rows = [
        (search.clean.name(int(image)), names[int(r.class_index)], names[int(r.predicted)], r.l2, r.linf, r.l2_uint8)
        for image, r in found.head(IMAGES).iterrows()
    ]
    columns = ("image", "class", "taken for", "L2", "largest change of a pixel", "L2 of the 8-bit image")
    notes = [] if len(found) <= IMAGES else [f"The first {IMAGES} of {len(found)}; --files writes all."]
    needless = int((frame["queries"] == 0).sum())
    if needless:
        notes.append(f"{needless} more are misclassified when clean and need no noise.")
    missing = int((~frame["found"]).sum())
    if missing:
        notes.append(f"For {missing} more no noise was found.")
    digits = dict.fromkeys(columns[3:], 1)
    chapter.noise_table = Table("Minimum noise, in grey levels, the least first", columns, rows, notes, digits)


def family_table(figures: Figures) -> Table:
    """Return what each degradation leaves of the accuracy, in %, the worst first."""
    rows = [
        (f.title, len(f.images), *_percents(f.kept), _at(f), *_percents(f.middle))
        for f in figures.families
    ]
    columns = ("degradation", "images", "accuracy kept", "from", "to", "middle severity", "still right", "from ", "to ")
    notes = ("In %, with 95 % intervals; still right: at the middle severity, of the images that are right when clean.",)
    return Table("What each degradation leaves, in %", columns, rows, notes, dict.fromkeys(columns, 1))


def severity_table(family: FamilyFigures) -> Table:
    """Return the accuracy at each severity of one degradation, in %."""
    m, ends = family.run.measures, family.run.measures.intervals
    at_each = zip(m.accuracy_by_severity(), ends.accuracy.T, ends.accuracy_of_clean_correct.T, strict=True)
    rows = [
        (f"{a.severity:g}", *_all_percent(a.accuracy, *both), *_all_percent(a.accuracy_of_clean_correct, *right))
        for a, both, right in at_each
        if a.total
    ]
    degradation = family.run.degradation
    columns = (degradation.axis, "accuracy", "from", "to", "still right", "from ", "to ")
    return Table(f"{family.title[:1].upper()}{family.title[1:]}", columns, rows, (), dict.fromkeys(columns, 1))


def _at(family: FamilyFigures) -> str:
    """Return the middle severity in words."""
    return f"{family.run.degradation.parameter} {family.middle_severity:g}"


def _percents(estimate: Estimate) -> tuple[float, ...]:
    """Return an estimate and the ends of its interval, in %."""
    return _all_percent(estimate.value, estimate.low, estimate.high)


def _all_percent(*shares: float | np.floating) -> tuple[float, ...]:
    """Return shares in %."""
    return tuple(100 * float(share) for share in shares)
