"""The numbers that the explanations quote are those of the stored figures."""

import json
from importlib.resources import files
from statistics import mean

import pytest
from results_store import read

from tfstab import guide

VALUES = read("figures")["values"]
BUNDLED = json.loads((files("tfstab.resources") / "reference.json").read_text("utf-8"))["networks"]
# Degradations under which the remedies were measured; later ones are not in their means.
OF_REMEDIES = (
    "gaussian_noise", "salt_and_pepper", "poisson", "speckle", "uniform_noise", "gaussian_blur", "motion_blur",
    "defocus_blur", "jpeg", "pixelate", "brightness", "contrast", "gamma", "fog", "rotation", "translation", "scaling",
    "occlusion",
)  # fmt: skip
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
        kept = mean(one["families"][name]["kept"]["value"] for name in OF_REMEDIES)
        yield "remedies-measured", f"| original | {100 * one['clean']['value']:.1f} | {100 * kept:.1f} |"


@pytest.mark.parametrize(("topic", "words"), list(quoted()))
def test_explanations_quote_the_stored_figures(topic, words):
    assert words in " ".join(guide.read(topic).split())
