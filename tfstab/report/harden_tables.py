"""Tables of a hardening: what changed, what was tried on validation images, and what it used."""

from typing import TYPE_CHECKING, Any

from tfstab.classifier.function import FunctionClassifier
from tfstab.experiments.also_taken import taken_clause
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.metrics.shares import signed, signed_ends
from tfstab.names import all_quoted, printed, shortened
from tfstab.report.hardening import Hardening
from tfstab.report.hardening_limits import used_for_validation
from tfstab.report.tables import Table
from tfstab.training.tried_shares import TriedShares, best_of_sentence, excluded_sentence, measure_of, tried_shares
from tfstab.wording import capital

if TYPE_CHECKING:
    from tfstab.orders.hardening import HardeningSubject

OUTCOME = {1: "rises", -1: "falls", 0: "not decided"}


def degradations_table(comparison: RemedyComparison) -> Table | None:
    """Return the accuracy under each degradation before and after, the largest gain first; None if there is only one.

    It is for the terminal, as the report has a chart.
    """
    if len(comparison.families) < 2:
        return None
    rows = []
    for f in sorted(comparison.families, key=lambda family: -family.paired.value):
        p = f.paired
        figures = f.images, 100 * p.first, 100 * p.second, signed(p.value), signed_ends(p.low, p.high)
        rows.append((f.title, *figures, OUTCOME[f.decided]))
    notes = [
        "Accuracies are in %, averaged over the severities, and changes in percentage points. Outcomes are decided for "
        "all degradations at once; each interval is for its row alone.",
        *([comparison.one_way] if comparison.one_way else []),
    ]
    columns = ("degradation", "images", "before", "after", "change", "95 % interval", "outcome")
    return Table("Accuracy by degradation", columns, rows, notes, {"before": 1, "after": 1})


def classes_table(comparison: RemedyComparison) -> Table | None:
    """Return the recall of each class on clean images before and after; None if there is only one class."""
    changes = comparison.on_clean.class_changes
    if len(changes) < 2:
        return None
    first, rows = comparison.on_clean.first_changes(), []
    for c in first:
        r = c.recall
        change = signed(r.value), signed_ends(r.low, r.high)
        rows.append((c.name, r.count, 100 * r.first, 100 * r.second, *change, OUTCOME[c.sign]))
    notes = [
        "Share of the clean images of the class that are right, in %; the change is in percentage points. Which "
        f"recalls rise or fall is decided for all {len(changes)} classes at once, with 95 % confidence; each interval "
        "is for its class alone, so it may exclude 0 where the change is not decided."
    ]
    names = all_quoted(shortened(c.name, 60) for c in first)
    clauses = [clause for sign in (-1, 1) if (clause := taken_clause(first, sign, names))]
    if clauses:
        notes.append(f"{capital(' and '.join(clauses))}.")
    if len(first) < len(changes):
        notes.append(f"{len(first)} of the {len(changes)} classes: those that are decided and those that change most.")
    columns = ("class", "images", "before", "after", "change", "95 % interval", "outcome")
    return Table("Recall by class, on clean images", columns, rows, notes, {"before": 1, "after": 1})


def tried_table(card: dict[str, Any]) -> Table | None:
    """Return the table of what was tried, from the model card; None if the card does not list it."""
    tried = tried_shares(card)
    if tried is not None:
        return _averages(tried)
    return _remedies(card) if "compared" in card["validation"] else None


def _averages(tried: TriedShares) -> Table:
    """Return a row for each weighted average of the original and the fine-tuned weights."""
    columns = (
        "fine-tuned weights (%)",
        f"clean {tried.measure} (%)",
        "clean change (points)",
        f"degraded {tried.measure} (%)",
        "outcome",
    )
    rows = []
    for row in tried.rows:
        name = f"{100 * row.share:.0f}{' (the original)' if row.share == 0 else ''}"
        adopted = "chosen" if row.share else "kept"
        outcome = adopted if row == tried.chosen else "" if tried.allows(row) else "loses too much"
        rows.append((name, 100 * row.clean, -tried.lost(row), 100 * row.degraded, outcome))
    images = f" on {tried.images:,} validation images, each clean and degraded once" if tried.images else ""
    notes = [
        f"Weighted averages of the original and the fine-tuned weights{images}. The limit allows a loss of "
        f"{tried.limit:g} point{'s' * (tried.limit != 1)} of clean {tried.measure} (`--keep-clean`). Of the averages "
        f"within it, the one with the highest {tried.measure} on degraded images is chosen."
    ]
    if tried.chosen.share and (told := best_of_sentence(tried) or excluded_sentence(tried)):
        notes.append(told)  # the head of the page says the rest, and all of it if the original weights were kept
    return Table("Averages tried", columns, rows, notes, dict.fromkeys(columns[1:4], 1))


def _remedies(card: dict[str, Any]) -> Table:
    """Return a row for each remedy without training."""
    measure = measure_of(card)
    columns = ("remedy", f"clean {measure} (%)", f"degraded {measure} (%)", "change (points)", "95 % interval",
               "computation (times)", "outcome")  # fmt: skip
    rows = []
    for row in card["validation"]["compared"]:
        original = row is card["validation"]["compared"][0]
        low, high = row["interval_95"]
        outcome = ("kept" if original else "chosen") if row["remedy"] == card["remedy"]["name"] else ""
        change = ("–", "–") if original else (signed(row["gain_points"] / 100), signed_ends(low / 100, high / 100))
        shares = 100 * row["clean"], 100 * row["degraded"]
        rows.append((row["about"], *shares, *change, row["inference_cost"], outcome))
    notes = ["The changes are paired by image; no interval is corrected for the number of remedies."]
    return Table("Remedies tried", columns, rows, notes, dict.fromkeys(columns[1:3], 1))


def cost_table(hardening: Hardening, subject: "HardeningSubject") -> Table:
    """Return what the hardening used, and what the hardened model needs, if there is one."""
    card = hardening.card
    rows: list[tuple[str, str]] = [("remedy", hardening.remedy)]
    if isinstance(card.get("steps"), int):
        rows.append(("training steps", f"{card['steps']:,}"))
    if not isinstance(subject.classifier, FunctionClassifier):  # of which no remedy uses training images
        rows.append(("training images", f"{len(subject.train):,} of {printed(subject.train.name)}"))
    unused = "" if hardening.comparison is None else ", not used in the comparison"
    validation = subject.divided[1]
    used = used_for_validation(card) or len(validation)
    if subject.validation is not None:
        source = f"of the split '{validation.split}'"
    elif used < len(validation):  # for more of them, there was no time
        source = f"of the {len(validation):,} that were set aside of the test images{unused}"
    else:
        source = f"of the test images{unused}"
    rows.append(("validation images", f"{used:,} {source}"))
    if "cannot_train" not in card and hardening.comparison is not None:
        rows.append(
            ("share of the fine-tuned weights in the hardened ones", f"{100 * card['share_of_new_weights']:.0f} %")
        )
    rows.append(("duration of the last call", f"{hardening.minutes:.1f} minutes"))
    if hardening.comparison is not None:
        rows.append(("computation for an image, compared with the original", f"{hardening.inference_cost} ×"))
    return Table("What was used" if hardening.comparison is None else "Training and inference", ("what", "value"), rows)
