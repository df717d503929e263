"""The report page of a hardening: what changed, by degradation, what it cost, and how to use the hardened model."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.keras_graph import nested_layers
from tfstab.classifier.source import FORM, without_defaults
from tfstab.datasets.groups import groups_note
from tfstab.datasets.remarks import remarks_of
from tfstab.experiments.remedy_change import Change, FamilyChange
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_rare import among_rare, rare_class
from tfstab.experiments.remedy_text import clean_sentences, families_sentence, lead, sentences_of_recalls
from tfstab.metrics.paired import Paired, Ratio
from tfstab.metrics.shares import signed, signed_ends
from tfstab.names import named, printed, quoted
from tfstab.orders.hardening import HELD_OUT
from tfstab.orders.naming import data_name
from tfstab.report.charts import Dot, Tick
from tfstab.report.harden_tables import classes_table, cost_table, tried_table
from tfstab.report.hardening import Hardening, cost_sentence
from tfstab.report.hardening_advice import advice
from tfstab.report.hardening_shortages import compared_on_few, shortages, too_few, unmeasured
from tfstab.report.numbers import Number
from tfstab.report.page import render_template
from tfstab.report.recall_change_tables import before_after_recalls
from tfstab.report.settings import last_day, settings_tables
from tfstab.report.tables import Table
from tfstab.report.unchanged_page import unchanged_page
from tfstab.runs.atomic import write_text
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.orders.hardening import HardeningSubject

WIDEST = 10  # times its lower end: how far the interval of a ratio at the top of the page may reach
MORE_PRECISE = (
    "For a more precise comparison, run the same command again: it does not train again, so all of its `--minutes` are "
    "for measuring."
)
ALL_COMPARED = (
    "All images are already compared under every degradation. The same command again finds the minimum noise of more "
    "of them. It also adds noisy copies, but these hardly narrow the intervals of the accuracies; more test images do."
)
LEVELS = {1: "good", -1: "bad", 0: "unsure"}
LEGEND = {"good": "accuracy rises", "bad": "accuracy falls", "unsure": "not decided"}


@dataclass(frozen=True)
class ChangeRow:
    """A row of the chart: accuracy before (`before_at`, in %) and after (`dot`), and both as text (`before`)."""

    dot: Dot
    before_at: float
    before: str
    trained: bool


def write_page(hardening: Hardening, subject: "HardeningSubject") -> Path:
    """Write the page into the folder of the hardening and return its path."""
    write_text(hardening.report, harden_page(hardening, subject))
    return hardening.report


def harden_page(hardening: Hardening, subject: "HardeningSubject") -> str:
    """Return the page as HTML."""
    comparison = hardening.comparison
    if comparison is None:
        return unchanged_page(hardening, subject)
    runs = [run for pair in comparison.pairs for run in pair]
    groups = groups_note(remarks_of(runs[0].info["data"]))
    searches = [comparison.search.first, comparison.search.second] if comparison.search is not None else []
    rare = rare_class(comparison)
    trained = [family for family in comparison.families if family.trained]
    return render_template(
        "harden.html",
        title=f"{named(printed(comparison.before))} before and after hardening",
        subtitle=_subtitle(comparison, hardening, subject, last_day([*runs, *searches])),
        level=LEVELS[min(comparison.change("accuracy").paired.sign, rare.sign if rare else 1)],
        verdict=verdict(hardening),
        held_out=HELD_OUT if subject.held_out else "",
        groups=groups,
        numbers=big_numbers(comparison),
        rows=change_rows(comparison),
        ticks=[Tick(25.0 * k, f"{25 * k} %") for k in range(5)],
        legend=LEGEND,
        clean=[*clean_sentences(comparison), *shortages(hardening)],
        families="" if len(comparison.families) < 2 else families_sentence(comparison),
        one_way=comparison.one_way,
        marked=bool(trained) and len(trained) < len(comparison.families),
        figures=figures_table(comparison).with_note(groups),
        classes=(of_classes := classes_table(comparison)) and of_classes.with_note(groups),
        recalls=(recalls := before_after_recalls(comparison.recalls)) and recalls.with_note(groups),
        recall=sentences_of_recalls(comparison),
        tried=tried_table(hardening.card),
        costs=cost_table(hardening, subject),
        cost=cost_sentence(hardening.inference_cost),
        about=hardening.hardened.summary().splitlines(),
        commands=_commands(hardening, subject),
        code=_code(hardening),
        next_steps=[*[_more_precise(hardening)] * hardening.goes_on, *advice(hardening)],
        control=hardening.control,
        larger=hardening.larger,
        # The sweeps and searches of both networks have the same settings.
        settings=[*settings_tables([*runs, *searches])[:1], *settings_tables([*runs[::2], *searches[::2]])[1:]],
    )


def verdict(hardening: Hardening) -> list[tuple[str, str]]:
    """Return the verdict in paragraphs, each with its first words, which stand out, and the rest.

    If the images do not decide whether accuracy changes, the next sentence says how few of them there was time for.
    """
    if hardening.comparison is None:
        return []
    first, _, rest = lead(hardening.comparison).partition(". ")
    few = [said] if (said := compared_on_few(hardening)) else []
    if left := unmeasured(hardening):
        told = [(f"{left} ", f"{first}. {rest}")]
    elif few and not hardening.comparison.change("accuracy").paired.sign:
        told, few = [(f"{first}. ", few[0]), ("", rest)], []
    else:
        told = [(f"{first}. ", rest)]
    return [*told, *(("", line) for line in (*few, *hardening.caveats))]


def _more_precise(hardening: Hardening) -> str:
    """Return what makes the comparison more precise, or at least precise enough to be of use."""
    more = too_few(hardening)
    if hardening.all_compared and not more:
        return ALL_COMPARED
    if hardening.comparison is None or not more:
        return MORE_PRECISE
    few = counted(len(hardening.comparison.images))
    return f"The models were compared under degradations on {few}. {more}"


def big_numbers(comparison: RemedyComparison) -> list[Number]:
    """Return the numbers at the top of the page, four at most, the most important first."""
    wanted = ["accuracy", "clean", "accuracy_other", "minimum_noise", "gaussian_noise"]
    known = {c.name: c for c in comparison.changes if _tells(c.paired)}
    if (rare := rare_class(comparison)) is not None:
        chosen = (
            f" ({among[0].lower()}{among[1:]}that with the worst change)" if (among := among_rare(comparison)) else ""
        )
        title = f"clean recall of class {quoted(rare.name)}{chosen}"
        known["rare"], wanted = Change("rare", title, rare.recall.count, rare.recall), ["rare", *wanted]
    return [_number(known[name]) for name in wanted if name in known][:4]


def _tells(p: Paired) -> bool:
    """Return whether a figure says anything at a glance; the table has the others, such as ratios of few images."""
    return not isinstance(p, Ratio) or (bool(p.ends(2)) and p.high <= WIDEST * p.low)


def _number(change: Change) -> Number:
    """Return a figure for the top of the page."""
    p = change.paired
    if isinstance(p, Ratio):
        what = f"{change.title.partition(',')[0]}, after divided by before, median of {counted(change.images)}"
        ends = f"{p.ends(2)} with 95 % confidence"
        decided = change.decides and (p.sign or p.low == p.high)
        return Number(f"× {p.value:.2f}", what, ends if decided else f"not decided: {ends}")
    ends = f"change {signed(p.value)} points, {signed_ends(p.low, p.high)} with 95 % confidence"
    return Number(_both(p), f"{change.title} on {counted(change.images)}", ends)


def change_rows(comparison: RemedyComparison) -> list[ChangeRow]:
    """Return the rows of the chart: clean images, then the families from the largest gain to the largest loss."""
    clean = comparison.change("clean")
    families = sorted(comparison.families, key=lambda family: -family.paired.value)
    label = "clean images" if clean.images == len(comparison.images) else f"clean images ({clean.images:,})"
    rows = [_row(label, clean.paired, clean.paired.sign, trained=False)]
    return rows + [_row(family.title, family.paired, family.decided, family.trained) for family in families]


def _row(label: str, paired: Paired, sign: int, trained: bool) -> ChangeRow:
    """Return a row, with a bar from the accuracy before to the accuracy after."""
    low, high = sorted((100 * paired.first, 100 * paired.second))
    change = signed(paired.value), signed_ends(paired.low, paired.high)
    mark = Dot(label, 100 * paired.second, low, high, LEVELS[sign], *change)
    return ChangeRow(mark, 100 * paired.first, _both(paired), trained)


def figures_table(comparison: RemedyComparison) -> Table:
    """Return all figures before and after, and then those of the families."""
    rows = [_figures(change) for change in (*comparison.changes, *comparison.families) if _shown(change, comparison)]
    columns = ("figure", "images", "before", "after", "change", "95 % interval")
    notes = ["Accuracies are in %, and their changes in percentage points."]
    if any(change.name == "minimum_noise" and _shown(change, comparison) for change in comparison.changes):
        notes.append(
            "Minimum noise (L2) is the least that was found, in grey levels. Its change is the median of the images' "
            "own ratios, after divided by before, which is not the ratio of the two medians."
        )
    return Table("Before and after", columns, rows, notes)


def _shown(change: Change, comparison: RemedyComparison) -> bool:
    """Return whether a figure gets a row of its own: Gaussian noise already has one among the families."""
    return isinstance(change, FamilyChange) or (
        change.told and change.name not in {family.name for family in comparison.families}
    )


def _figures(change: Change) -> tuple[Any, ...]:
    """Return a row of the table."""
    p = change.paired
    if isinstance(p, Ratio):
        told = f"{p.first:.1f}", f"{p.second:.1f}", f"× {p.value:.2f}", p.ends(2) or "–"
    elif not math.isfinite(p.value):
        told = ("–",) * 4
    else:
        told = f"{100 * p.first:.1f}", f"{100 * p.second:.1f}", signed(p.value), signed_ends(p.low, p.high)
    return (change.title, change.images, *told)


def _subtitle(comparison: RemedyComparison, hardening: Hardening, subject: "HardeningSubject", day: str) -> str:
    """Return what was compared, in one line."""
    held_out = ", held out of the training images" if subject.held_out else ""
    used, available = len(comparison.images), len(subject.divided[0])
    test = f"{used:,} of {available:,} test images" if used < available else counted(used, "test image")
    in_time = ", as many as there was time to degrade" if used < available else ""
    parts = [
        f"remedy: {hardening.remedy}",
        f"{test} of {data_name(printed(subject.test.name))}{held_out}{in_time}",
        counted(len(comparison.families), "degradation"),
        *([day] if day else []),
    ]
    return " · ".join(parts)


def _commands(hardening: Hardening, subject: "HardeningSubject") -> Sequence[str]:
    """Return the command that assesses the hardened model on other images; none if it has no file."""
    if hardening.model is None:
        return []
    given = _form(hardening)
    if "resize" in subject.changed:
        given["resize"] = subject.changed["resize"]
    options = "".join(f" --{name} {value}" for name, value in given.items())
    return [f"tfstab assess {shlex.quote(hardening.model.name)} OTHER_IMAGES{options}"]


def _code(hardening: Hardening) -> Sequence[str]:
    """Return lines of Python that load the hardened model; none if it has no file."""
    if hardening.model is None:
        return []
    name = hardening.model.name
    given = "".join(f", {option}={value!r}" for option, value in _form(hardening).items())
    # Keras alone cannot load tfstab's own layers, which ensembles and smoothed models have.
    own = any(type(layer).__module__.startswith("tfstab.") for layer in nested_layers(hardening.classifier.given))
    by_keras = [] if own else ["import keras", f"model = keras.models.load_model({name!r})", ""]
    return [*by_keras, "import tfstab", f"classifier = tfstab.load_classifier({name!r}{given})"]


def _form(hardening: Hardening) -> dict[str, str]:
    """Return the options with which the hardened model must be loaded, {name: value}."""
    form = hardening.classifier.form
    return without_defaults({name: form[name] for name in FORM})


def _both(paired: Paired) -> str:
    """Return two shares as text: "74.7 → 92.4 %"; a dash if they cannot be computed."""
    return f"{100 * paired.first:.1f} → {100 * paired.second:.1f} %" if math.isfinite(paired.value) else "–"
