"""The report page of a hardening: what changed, by degradation, what it cost, and how the hardened model is used."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.classifier.keras_graph import nested_layers
from tfstab.datasets import NAMED
from tfstab.experiments.remedy_change import Change, FamilyChange
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import families_sentence, lead
from tfstab.metrics.paired import Paired, Ratio
from tfstab.names import printed
from tfstab.report.charts import Dot, Tick
from tfstab.report.hardening import Hardening, cost_sentence
from tfstab.report.numbers import Number
from tfstab.report.page import render_template
from tfstab.report.settings import last_day, settings_tables
from tfstab.report.tables import Table
from tfstab.runs.atomic import write_text
from tfstab.training.folder import TEST

if TYPE_CHECKING:
    from tfstab.orders.hardening import HardeningSubject

LEVELS = {1: "good", -1: "bad", 0: "unsure"}
LEGEND = {"good": "accuracy rises", "bad": "accuracy falls", "unsure": "not decided"}


@dataclass(frozen=True)
class ChangeRow:
    """A row of the chart: accuracy before (`before`, a position in %) and after (`dot`), and both as text."""

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
    runs = [run for pair in comparison.pairs for run in pair]
    searches = [comparison.search.first, comparison.search.second] if comparison.search is not None else []
    first, _, rest = lead(comparison).partition(". ")
    trained = [family for family in comparison.families if family.trained]
    return render_template(
        "harden.html",
        title=f"{printed(comparison.before)} before and after hardening",
        subtitle=_subtitle(hardening, subject, last_day([*runs, *searches])),
        unchanged=comparison.unchanged,
        level=LEVELS[comparison.change("accuracy").paired.sign],
        verdict=(f"{first}. ", rest),
        numbers=big_numbers(comparison),
        rows=change_rows(comparison),
        ticks=[Tick(25.0 * k, f"{25 * k} %") for k in range(5)],
        legend=LEGEND,
        families="" if comparison.unchanged or len(comparison.families) < 2 else families_sentence(comparison),
        marked=bool(trained) and len(trained) < len(comparison.families),
        figures=figures_table(comparison),
        costs=cost_table(hardening, subject),
        cost=cost_sentence(hardening.inference_cost),
        about=hardening.hardened.summary().splitlines(),
        commands=_commands(hardening, subject),
        code=_code(hardening),
        # The sweeps and searches of both networks have the same settings.
        settings=[*settings_tables([*runs, *searches])[:1], *settings_tables([*runs[::2], *searches[::2]])[1:]],
    )


def big_numbers(comparison: RemedyComparison) -> list[Number]:
    """Return up to four numbers at the top: what changed under degradations, when clean, and for the minimum noise."""
    wanted = ("accuracy", "clean", "relative_other", "minimum_noise", "gaussian_noise")
    known = {change.name: change for change in comparison.changes}
    return [_number(known[name]) for name in wanted if name in known][:4]


def _number(change: Change) -> Number:
    """Return a figure as one of the big numbers."""
    p = change.paired
    if isinstance(p, Ratio):
        what = f"median ratio of the {change.title.partition(',')[0]}, after to before, of {change.images} images"
        return Number(f"× {p.value:.2f}", what, f"{p.low:.2f}–{p.high:.2f} with 95 % confidence")
    ends = f"change {100 * p.value:+.1f} points, {100 * p.low:+.1f} to {100 * p.high:+.1f} with 95 % confidence"
    return Number(_both(p), change.title, ends)


def change_rows(comparison: RemedyComparison) -> list[ChangeRow]:
    """Return the rows of the chart: clean images first, then the families, the largest gain first."""
    clean = comparison.change("clean")
    families = sorted(comparison.families, key=lambda family: -family.paired.value)
    rows = [_row("clean images", clean.paired, clean.paired.sign, trained=False)]
    return rows + [_row(family.title, family.paired, family.decided, family.trained) for family in families]


def _row(label: str, paired: Paired, sign: int, trained: bool) -> ChangeRow:
    """Return a row; its bar leads from the accuracy before to the one after."""
    low, high = sorted((100 * paired.first, 100 * paired.second))
    interval = f"{100 * paired.low:+.1f} to {100 * paired.high:+.1f}"
    value = f"{100 * paired.value:+.1f}"
    mark = Dot(label, 100 * paired.second, low, high, LEVELS[sign], value, interval)
    return ChangeRow(mark, 100 * paired.first, _both(paired), trained)


def figures_table(comparison: RemedyComparison) -> Table:
    """Return all figures before and after, and those of the families."""
    rows = [_figures(change) for change in (*comparison.changes, *comparison.families) if _shown(change, comparison)]
    columns = ("figure", "images", "before", "after", "change", "95 % interval")
    notes = ["Accuracies and their changes in %; minimum noise in grey levels (L2), its change as the median ratio."]
    if any(change.name == "relative" for change in comparison.changes):
        notes.append("Relative accuracy is accuracy divided by the same network's accuracy on the clean images.")
    return Table("Before and after", columns, rows, notes)


def _shown(change: Change, comparison: RemedyComparison) -> bool:
    """Return whether a figure has a row; that of Gaussian noise is among the families."""
    return isinstance(change, FamilyChange) or change.name not in {family.name for family in comparison.families}


def _figures(change: Change) -> tuple[Any, ...]:
    """Return a row of the table."""
    p = change.paired
    if isinstance(p, Ratio):
        told = f"{p.first:.1f}", f"{p.second:.1f}", f"× {p.value:.2f}", f"{p.low:.2f} to {p.high:.2f}"
    elif not math.isfinite(p.value):
        told = ("–",) * 4
    else:
        ends = f"{100 * p.low:+.1f} to {100 * p.high:+.1f}"
        told = f"{100 * p.first:.1f}", f"{100 * p.second:.1f}", f"{100 * p.value:+.1f}", ends
    return (change.title, change.images, *told)


def cost_table(hardening: Hardening, subject: "HardeningSubject") -> Table:
    """Return what the hardening took, and what the hardened model takes."""
    card = hardening.card
    rows: list[tuple[str, str]] = [("remedy", hardening.remedy)]
    if isinstance(card.get("steps"), int):
        rows.append(("steps of the training", f"{card['steps']:,}"))
    rows.append(("training images", f"{len(subject.train):,} of {printed(subject.train.name)}"))
    rows.append(
        ("clean accuracy watched on", f"{len(subject.divided[1]):,} of the test images, which are not compared")
    )
    if "cannot_train" not in card:
        rows.append(("share of the tuned weights that was taken", f"{card['share_of_new_weights']:.0%}"))
    rows.append(("time of the last call, training and measuring", f"{hardening.minutes:.1f} minutes"))
    rows.append(("time for an image, compared with the original", f"{hardening.inference_cost} ×"))
    return Table("What it cost", ("what", "value"), rows)


def _subtitle(hardening: Hardening, subject: "HardeningSubject", day: str) -> str:
    """Return what was compared, in one line."""
    name = printed(subject.test.name).rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1].removeprefix("folder:")
    held_out = ", held out of the training images" if subject.held_out else ""
    comparison = hardening.comparison
    parts = [
        f"remedy: {hardening.remedy}",
        f"{len(comparison.images):,} test images of {name}{held_out}",
        f"{len(comparison.families)} degradation{'s' * (len(comparison.families) > 1)}",
        *([day] if day else []),
    ]
    return " · ".join(parts)


def _commands(hardening: Hardening, subject: "HardeningSubject") -> Sequence[str]:
    """Return commands that take the hardened model; none if it has no file."""
    if hardening.model is None:
        return []
    name = subject.test.name
    data = TEST if subject.held_out else name if name in NAMED else "IMAGES"
    options = "".join(f" --{name} {value}" for name, value in _form(hardening).items())
    return [f"tfstab assess {shlex.quote(hardening.model.name)} {data}{options}"]


def _code(hardening: Hardening) -> Sequence[str]:
    """Return lines of Python that load the hardened model; none if it has no file."""
    if hardening.model is None:
        return []
    name = hardening.model.name
    given = "".join(f", {option}={value!r}" for option, value in _form(hardening).items())
    # Keras alone does not know tfstab's own layers, which an ensemble or a smoothed model has.
    own = any(type(layer).__module__.startswith("tfstab.") for layer in nested_layers(hardening.classifier.given))
    by_keras = [] if own else [f"model = keras.models.load_model({name!r})"]
    return [*by_keras, f"classifier = tfstab.load_classifier({name!r}{given})"]


def _form(hardening: Hardening) -> dict[str, str]:
    """Return the options, {name: value}, that say how the hardened model takes images and what it returns."""
    form = hardening.classifier.form
    return {name: form[name] for name in ("preprocess", "outputs") if form[name] not in (None, "none")}


def _both(paired: Paired) -> str:
    """Return two shares as text: "74.7 → 92.4 %"; a dash if they cannot be computed."""
    return f"{100 * paired.first:.1f} → {100 * paired.second:.1f} %" if math.isfinite(paired.value) else "–"
