"""What a report says of one network on one data set: verdict, big numbers, charts and photographs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfstab.assessment import Figures, Finding, Verdict, how_sure, verdict
from tfstab.assessment.outcomes import STATUSES, summed_up
from tfstab.assessment.results import earlier_outcomes, measured_before
from tfstab.datasets.remarks import remarks_of
from tfstab.explanation import ExplanationRun
from tfstab.metrics.chance import constant_clause
from tfstab.metrics.weak_groups import FEWEST
from tfstab.report import photographs
from tfstab.report.charts import Dot, Strip, Tick, dot, family_dots, hidden_falls, noise_strip, percent
from tfstab.report.curves import Panel, curve_panel
from tfstab.report.explanation.page import TopicBlock, big_numbers_of, cause_in_words, short_sections, topic_blocks
from tfstab.report.explanation.topics import sections_of
from tfstab.report.numbers import (
    Number,
    about_table,
    big_numbers,
    class_noise_table,
    family_table,
    loss_table,
    noise_table,
    severity_table,
)
from tfstab.report.photographs import Mistake, Triple
from tfstab.report.recall_tables import clean_recall_table, false_alarms_table, harmed_table, recall_tables
from tfstab.report.side_by_side import NetworksChart, reference_chart
from tfstab.report.tables import Table, found_noise
from tfstab.search import SearchRun
from tfstab.search.norm import L2, Norm, get_norm
from tfstab.search.summary import Quartiles
from tfstab.sweep import SweepRun
from tfstab.wording import capital, counted, listed

CLASSES = 10  # most classes in the chart of a page; --files writes all
STEPS = 6  # calls of `on_step` by `make_chapter`, and one more if there is an explanation


@dataclass(frozen=True)
class ClassRow:
    """A class, its images, their accuracy when clean and when degraded, and what it is mistaken for."""

    name: str
    images: int
    clean: str
    clean_at: float
    degraded: Dot
    mistaken_for: str


@dataclass
class Chapter:
    """Everything that a report says of one network on one data set."""

    title: str
    figures: Figures
    verdict: Verdict
    numbers: list[Number]
    families: list[Dot] = field(default_factory=list)
    family_ticks: list[Tick] = field(default_factory=list)
    hidden_falls: str = ""
    mistakes: list[Mistake] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    classes: list[ClassRow] = field(default_factory=list)
    class_ticks: list[Tick] = field(default_factory=list)
    class_images: str = ""
    class_mistakes: list[Mistake] = field(default_factory=list)
    triples: list[Triple] = field(default_factory=list)
    strip: Strip | None = None
    norm: Norm = field(default_factory=L2)
    about_table: Table | None = None
    family_table: Table | None = None
    loss_table: Table | None = None
    severity_tables: list[Table] = field(default_factory=list)
    clean_recall_table: Table | None = None
    false_alarms_table: Table | None = None
    harmed_table: Table | None = None
    recall_tables: list[Table] = field(default_factory=list)
    class_noise_table: Table | None = None
    noise_table: Table | None = None
    reference: NetworksChart | None = None
    topics: list[TopicBlock] = field(default_factory=list)
    explained_only: bool = False
    own_page: str = ""
    outcomes: list[tuple[str, str]] = field(default_factory=list)  # of requirements: status and sentence
    subtitle: str = ""

    @property
    def how_sure(self) -> str:
        """What the claims of the verdict rest on."""
        return how_sure(remarks_of(self.figures.info["data"]))

    @property
    def outcomes_summary(self) -> str:
        """How many requirements are missed, not decided and met, as a sentence; "" for a few."""
        return summed_up([status for status, _ in self.outcomes])

    @property
    def too_few_of_classes(self) -> int:
        """The fewest images of a class of which a verdict says anything if no class has as many, otherwise 0."""
        return FEWEST if max((one.images for one in self.figures.weakest_classes), default=0) < FEWEST else 0

    @property
    def holds_for(self) -> str:
        """For which images and severities the verdict holds, as a sentence; "" for an explanation alone."""
        if self.explained_only:
            return ""
        text = "All this holds for images like those tested"
        if not self.figures.families:
            return f"{text}."
        text += ", and for the severities tried"
        if len(self.figures.families) == 1:
            return f"{text}."
        return f"{text}: with others, another degradation may do the most harm. {self.figures.applied_alone}"

    @property
    def undrawn(self) -> str:
        """Degradations that the chart leaves out because too few images are right when clean, listed; "" if none."""
        titles = [family.title for family in self.figures.families if not family.overall.enough]
        return listed(titles, most=len(titles)) if titles else ""

    @property
    def constant_answer(self) -> str:
        """How often always answering the same class is right, as a sentence; "" if all images are of one class."""
        found = [(one.name, len(one.right)) for one in self.figures.clean_classes]
        return f"{capital(constant_clause(found))} of the images." if len(found) > 1 else ""

    @property
    def one_way(self) -> str:
        """Which degradations were measured in one of two directions only, in sentences; "" if none was."""
        note = self.figures.one_way
        return f"{note} In the other direction, other classes may be the weakest." if note else ""

    @property
    def first_sentence(self) -> tuple[str, str]:
        """The verdict's first sentence, or its beginning up to a colon, and the rest of its first paragraph."""
        text = "".join(self.verdict.paragraphs[:1])
        ends = (k + 1 for k in range(len(text) - 2) if text[k : k + 2] in (". ", ": ") and not text[k + 2].isdigit())
        cut = next(ends, len(text))
        return text[:cut], text[cut:]

    def findings(self, *kinds: str) -> list[Finding]:
        """Return the findings of these kinds that the verdict at the top does not tell."""
        return [finding for finding in self.verdict.of_kind(*kinds) if finding.text not in self.verdict.lead]


def make_chapter(runs: Sequence[SweepRun | SearchRun | ExplanationRun], on_step: Callable[[str], None]) -> Chapter:
    """Return the chapter of one network; `on_step` is called with the name of each step that begins."""
    explanation = next((run for run in runs if isinstance(run, ExplanationRun)), None)
    measured = [run for run in runs if run is not explanation]
    on_step("accuracy")
    figures = Figures.of(measured or runs)
    seconds = measured_before(Path(runs[0].path).parent)
    chapter = Chapter(figures.label, figures, verdict(figures, seconds=seconds), big_numbers(figures))
    chapter.explained_only = not measured
    chapter.families, chapter.family_ticks = family_dots(figures.families)
    chapter.hidden_falls = hidden_falls(figures.families)
    chapter.about_table = about_table(figures)
    chapter.outcomes = _outcomes(measured)
    on_step("curves")
    chapter.panels = [curve_panel(family.run, family.chance) for family in figures.families]
    on_step("photographs")
    chapter.mistakes = photographs.family_mistakes(figures)
    on_step("classes")
    _add_classes(chapter)
    on_step("minimum noise")
    if figures.search is not None:
        _add_noise(chapter, figures.search)
    on_step("tables")
    if figures.families:
        chapter.family_table, chapter.loss_table = family_table(figures), loss_table(figures)
        chapter.reference = reference_chart(figures)
    chapter.clean_recall_table, chapter.recall_tables = clean_recall_table(figures), recall_tables(figures)
    chapter.false_alarms_table = false_alarms_table(figures)
    chapter.harmed_table = harmed_table(figures)
    chapter.severity_tables = [severity_table(family) for family in figures.families]
    if explanation is not None:
        on_step("explanation")
        _explain(chapter, explanation)
    return chapter


def _outcomes(runs: Sequence[SweepRun | SearchRun | ExplanationRun]) -> list[tuple[str, str]]:
    """Return the outcomes of requirements that the assessment of all these runs records, the missed ones first."""
    folders = {Path(run.path).parent for run in runs}
    found = earlier_outcomes(folders.pop()) if len(folders) == 1 else []
    return sorted(found, key=lambda outcome: STATUSES.index(outcome[0]))


def _explain(chapter: Chapter, run: ExplanationRun) -> None:
    """Add why images are lost: all topics if there is nothing else in the chapter, otherwise the first ones."""
    if not chapter.explained_only:
        chapter.topics = topic_blocks(short_sections(run))
        return
    chapter.verdict = Verdict((cause_in_words(run),), [])
    chapter.numbers = big_numbers_of(run)
    chapter.topics = topic_blocks(sections_of(run), chapter.verdict.lead)


def _add_classes(chapter: Chapter) -> None:
    """Add the chart of the weakest classes, and mistakes of some."""
    figures = chapter.figures
    if len(figures.weakest_classes) < 2:
        return
    for weak in figures.weakest_classes[:CLASSES]:
        mistaken = figures.classes[weak.mistaken_for] if weak.mistaken_for is not None else "–"
        if weak.share_of_errors is not None:
            mistaken += f" ({percent(weak.share_of_errors.value)})"
        clean = weak.clean.value
        degraded = dot(weak.name, weak.accuracy, level="plain")
        chapter.classes.append(ClassRow(weak.name, weak.images, percent(clean), 100 * clean, degraded, mistaken))
    chapter.class_images = counted(sum(one.images for one in figures.weakest_classes))
    chapter.class_ticks = [Tick(25.0 * k, f"{25 * k} %") for k in range(5)]
    chapter.class_mistakes = photographs.class_mistakes(figures)


def _add_noise(chapter: Chapter, search: SearchRun) -> None:
    """Add triples, the strip of all images' minimum noise, and its table."""
    chapter.triples = photographs.triples(search)
    chapter.class_noise_table, chapter.noise_table = class_noise_table(search), noise_table(search)
    found, noise = found_noise(search.to_pandas()), chapter.figures.noise
    if len(found) and noise is not None:
        sizes, images = found["size"].tolist(), found.index.tolist()
        labels = [f"{search.clean.name(image)}: {x:.1f}" for image, x in zip(images, sizes, strict=True)]
        chapter.strip = noise_strip(sizes, labels, Quartiles(noise.quartiles[0], noise.size.value, noise.quartiles[1]))
        chapter.norm = get_norm(search.config.norm)
