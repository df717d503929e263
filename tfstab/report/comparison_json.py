"""Comparisons of runs of the same images as JSON values, for scripts."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tfstab.experiments.comparison_text import chosen_notes, sentence_names, unrefined
from tfstab.experiments.folders_compared import FolderComparison
from tfstab.experiments.named_classes import Pair, possible_class_loss
from tfstab.experiments.ranked import ranked
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.experiments.worse import respects, worse
from tfstab.metrics.multiple import BETTER
from tfstab.metrics.paired import Paired
from tfstab.report.comparison_report import (
    DIFFERENCE,
    classes_tables,
    notes,
    on_clean_images,
    tables,
    values_of,
)
from tfstab.report.recall_change_tables import TITLE as RECALLS
from tfstab.report.recall_change_tables import recall_records
from tfstab.report.tables import Table

SHARES = ("first", "second", *DIFFERENCE)  # columns that tables of accuracies have in per cent


def comparison_json(
    pairs: Sequence[Pair], of_classes: Sequence[str] = (), tolerance: float = 0.0
) -> list[dict[str, Any]]:
    """Return comparisons for scripts, one dict for each pair; the last has the ranking of three or more networks.

    All accuracies, recalls and their differences are shares from 0 to 1, and each figure has its number of images.
    of_classes: the only ones for which "worse" is decided. tolerance: the accepted loss, as a share.
    """
    entries: list[dict[str, Any]] = [
        {
            "first": str(pair.first.path),
            "second": str(pair.second.path),
            "left_out": pair.left_out,
            "notes": [
                *chosen_notes(on_clean_images(pair).on_clean, *sentence_names(pair)),
                *notes(pair),
                *_unrefined(pair),
            ],
            **_clean(on_clean_images(pair)),
            "only_right": _only_right(pair),
            "worse": list(worse(pair, of_classes, tolerance)),
            "worse_of": list(respects(pair, of_classes)),
            **({} if isinstance(pair, SearchComparison) else {"possible_loss": _possible_loss(pair)}),
            **({"possible_class_loss": asdict(possible_class_loss(pair, of_classes))} if of_classes else {}),
            **(_overall(pair) if isinstance(pair, FolderComparison) else {}),
            **{t.title: _records(t, pair) for t in (*classes_tables(pair, of_classes), *tables(pair))},
            **(_recalls(pair) if isinstance(pair, FolderComparison) else {}),
        }
        for pair in pairs
    ]
    ranking = ranked(pairs)
    if ranking is not None:
        entries[-1]["ranking"] = {
            "images": ranking.images,
            "degradations": ranking.degradations,
            "limited": ranking.limited,
            "networks": [
                {"network": n.name, **asdict(n.accuracy), "better_than": list(n.better_than)} for n in ranking.networks
            ],
        }
    return entries


def _records(table: Table, pair: Pair) -> list[dict[str, Any]]:
    """Return the rows of a table, with shares instead of per cent, and with the number of images in each."""
    if isinstance(pair, SearchComparison):
        return table.records()
    rows = [{name: _share(name, value) for name, value in row.items()} for row in table.records()]
    if isinstance(pair, SweepComparison) and not {"image", "images"} & {*table.columns}:
        counts = {"images": len(pair.images), "images, right when clean": int(pair.right_in_both.sum())}
        rows = [row | counts for row in rows]
    return rows


def _share(column: str, value: Any) -> Any:
    """Return a value of a table, divided by 100 if its column is in per cent."""
    return value / 100 if column.split(",", maxsplit=1)[0] in SHARES and isinstance(value, float) else value


def _unrefined(pair: Pair) -> list[str]:
    """Return why the minimum noise is not compared, or decides nothing; [] if it decides, or if there is none."""
    if isinstance(pair, FolderComparison) and pair.no_noise:
        return [pair.no_noise]
    search = pair.searches if isinstance(pair, FolderComparison) else pair
    return unrefined(search) if isinstance(search, SearchComparison) else []


def _clean(pair: SweepComparison | SearchComparison) -> dict[str, Any]:
    """Return the accuracy on clean images, McNemar's test, and the classes in which one network is better."""
    changed = pair.on_clean.changed_classes
    return {
        "clean": _named(pair.clean),
        "mcnemar": asdict(pair.mcnemar),
        "clean_classes": [{"class": c.name, **_named(c.recall), "better": BETTER[c.sign]} for c in changed],
    }


def _possible_loss(pair: SweepComparison | FolderComparison) -> dict[str, float]:
    """Return how much less accurate the second network is at most, with 95 % confidence for both limits together."""
    loss = pair.possible_loss
    return {"clean": loss.clean, "degraded": loss.degraded}


def _only_right(pair: Pair) -> dict[str, list[str]]:
    """Return the names of the clean images that only one of the networks gets right."""
    runs, both = on_clean_images(pair), on_clean_images(pair).on_clean
    first, second = both.correct
    found = {"first": first & ~second, "second": second & ~first}
    return {which: [runs.first.clean.name(int(k)) for k in both.images[rows]] for which, rows in found.items()}


def _overall(pair: FolderComparison) -> dict[str, Any]:
    """Return the mean over all degradations and the ratio of the minimum noise, of what could be compared."""
    ratio = pair.searches.ratio() if pair.searches is not None else None
    found = {"mean": pair.overall, "minimum_noise": ratio}
    return {name: None if one is None else _named(one) for name, one in found.items()}


def _recalls(pair: FolderComparison) -> dict[str, list[dict[str, Any]]]:
    """Return all recalls under degradations, of which the table has only some; {} if there are none."""
    return {RECALLS: recall_records(pair.recalls)} if pair.recalls else {}


def _named(d: Paired) -> dict[str, float | None]:
    """Return the images, both values, their difference or ratio, and its interval by name; None for what is unknown."""
    values = zip(("first", "second", *DIFFERENCE), values_of(d), strict=True)
    return {"images": d.count} | {name: value if math.isfinite(value) else None for name, value in values}
