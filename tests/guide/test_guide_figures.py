"""The numbers that the explanations quote are those of the stored figures."""

import json
from importlib.resources import files

import pytest
from results_store import read

from tfstab import guide

VALUES = read("figures")["values"]
BUNDLED = json.loads((files("tfstab.resources") / "reference.json").read_text("utf-8"))["networks"]
NUMBERS, METHODS = VALUES["numbers"], VALUES["methods"]


def percent(value):
    return f"{100 * value:.0f}"


def quoted():
    """Yield a page and what it must contain."""
    pixelate, curve = NUMBERS["kept"]["pixelate"], NUMBERS["curve"]
    *first, last = map(percent, pixelate["accuracy"])
    yield "numbers", f"{', '.join(first)} and {last} %"
    yield "numbers", f"{percent(pixelate['clean'])} %, is {percent(pixelate['kept']['value'])} %"
    value, low, high = (percent(curve["sigma20"][name]) for name in ("value", "low", "high"))
    yield "numbers", f"{value} % of these images are still right (95 % interval {low}–{high})"
    tenth, half = (f"{curve[name]['value']:.0f}" for name in ("severity10", "severity50"))
    yield "numbers", f"at sigma {tenth}, and half of it, at sigma {half}"
    clean, *_, strongest = NUMBERS["curve"]["ECE"]
    yield "numbers", f"{percent(clean)} % on clean images and {percent(strongest)} % at sigma 40"
    yield "numbers", f"an L2 of {NUMBERS['minimum noise']['l2']:.0f}"
    chosen = METHODS["averaging"]["by share"]
    yield "remedies", f"from {percent(chosen[0]['degraded'])} to {percent(chosen[-1]['degraded'])} %"
    for one in BUNDLED[:2]:  # on as many images as the remedies: MNIST, CIFAR-10
        clean, kept = (f"{100 * one[name]['value']:.1f}" for name in ("clean", "mean_kept"))
        yield "remedies-measured", f"| original | {clean} | {kept} |"


@pytest.mark.parametrize(("topic", "words"), list(quoted()))
def test_explanations_quote_the_stored_figures(topic, words):
    assert words in " ".join(guide.read(topic).split())
