"""Blocks on the bundled networks, made from their model cards and from resources/reference.json."""

import json
import sys
from pathlib import Path

from page_blocks import table

from tfstab.degradations.registry import BUILT_IN
from tfstab.experiments.paper import paper_table
from tfstab.experiments.scales import MODELS
from tfstab.models.bundled import bundled_card, bundled_names

REFERENCE = Path(__file__).parents[2] / "resources" / "reference.json"


def networks() -> str:
    """Accuracy of each bundled network on its test set, beside the paper's."""
    rows = []
    for name in sorted(bundled_names()):
        card = bundled_card(name)
        data, test = card["data"]["training"], card["accuracy"]["test"]
        paper = paper_table(data["name"], "single", False) if name in MODELS.values() else None
        rows.append([
            f"`{name}`",
            f"{card['parameters']:,}",
            f"{data['images']:,}",
            percent(test["accuracy"], test["interval_95"], 2),
            "" if paper is None else f"{paper.accuracy:.2f}",
        ])  # fmt: skip
    return table(("network", "parameters", "training images", "test accuracy, %", "paper, %"), rows)


def kept() -> str:
    """Share of the clean accuracy that each network keeps under each family, averaged over the severities."""
    stored = json.loads(REFERENCE.read_text("utf-8"))["networks"]

    def row(title, of):
        return [title, *(percent(of(one)["value"], of(one)["interval_95"], 1) for one in stored)]

    rows = [row("clean accuracy", lambda one: one["clean"]), row("mean of all families", lambda one: one["mean_kept"])]
    if new := [name for name in BUILT_IN if any(name not in one["families"] for one in stored)]:
        sys.exit(f"{REFERENCE.name} has no figures of {', '.join(new)}: run `make reference` first")
    rows += [row(f"`{name}`", lambda one, name=name: one["families"][name]["kept"]) for name in BUILT_IN]
    return table(("degradation", *(f"`{one['model']}`" for one in stored)), rows)


def percent(value: float, interval: tuple[float, float], digits: int) -> str:
    """Return a share in % with its interval."""
    shown = [f"{100 * x:.{digits}f}" for x in (value, *interval)]
    return f"{shown[0]} ({shown[1]}–{shown[2]})"


def blocks() -> dict[str, str]:
    """Return the text of each block by its name."""
    return {"networks": networks(), "kept": kept()}
