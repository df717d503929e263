"""Sentences on minimum noise, and on how much more random noise the same images tolerate."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from tfstab.assessment.clean_findings import near_chance
from tfstab.assessment.figures import Figures
from tfstab.assessment.finding import Finding
from tfstab.assessment.noise import NoiseFigures
from tfstab.assessment.recalls import common_class
from tfstab.assessment.words import at_least, name, number, size
from tfstab.metrics import Estimate
from tfstab.names import quoted
from tfstab.search.norm import get_norm
from tfstab.wording import counted

LEAST_FOR_QUARTILES = 8
LARGER = 1.5  # times as large is noise in whole grey levels if it is named
NO_BOUND = "This does not show that they need more: a search may miss noise that is enough."
NO_BETTER = (
    "This interval reaches below 1, so the search may have found nothing better than random noise, and far less noise "
    "may be enough."
)


def noise_finding(figures: Figures) -> Finding | None:
    """Return the typical minimum noise, and how much more random noise the same images tolerate."""
    if figures.noise is None:
        return None
    found = noise_sentences(figures.noise)
    notes = "".join(f" {note}" for note in figures.search.notes) if figures.search is not None else ""
    return replace(found, text=f"{found.text}{notes}{_searched_classes(figures)}")


def _searched_classes(figures: Figures) -> str:
    """Return how many of the searched images are of the common class; "" if there is none."""
    common, search = common_class(figures.clean_classes), figures.search
    if common is None or search is None or not near_chance(figures):
        return ""
    labels = search.clean.class_index[np.isin(search.clean.indices, list(search.images))]
    mine = int((labels == common[0]).sum())
    which = quoted(name(figures.classes[common[0]]))
    return f" {mine:,} of these {counted(len(labels))} are of class {which}, so this says little of the other classes."


def noise_sentences(noise: NoiseFigures) -> Finding:
    """Return the finding on minimum noise with these figures."""
    if not noise.found:
        which = "the image searched" if noise.count == 1 else f"any of {noise.count:,} images"
        return Finding("noise", "unsure", f"The search found no noise that flips {which}.")
    norm = get_norm(noise.norm)
    if math.isinf(noise.size.value):
        text = f"The search found noise that changes the prediction of {noise.found:,} of {counted(noise.count)}"
        if math.isinf(noise.size.low):  # it is certain that more than half of the images are like that
            return Finding("noise", "unsure", f"{text}; for a typical image it found none.")
        least, most = (size(norm, end) for end in noise.found_range)
        text += f", with an {norm.title} of {least if least == most else f'{least} to {most}'} {norm.unit}"
        return Finding("noise", "unsure", f"{text}; for the others it found none. {NO_BOUND}")
    text = (
        "The smallest noise found that changes the prediction of a typical image has an "
        f"{norm.title} of {_around(noise.size, norm.unit, partial(size, norm))}{_of_each_value(noise)}."
    )
    low, high = noise.quartiles
    count = counted(noise.count)
    if noise.count >= LEAST_FOR_QUARTILES and math.isfinite(high):
        text += f" For a quarter of the {count}, {size(norm, low)} or less is enough; for another quarter, the "
        text += f"smallest noise found is {size(norm, high)} or more."
    else:
        text += f" The search had {count}."
    if noise.found < noise.count:
        none = noise.count - noise.found
        text += f" For {'one' if none == 1 else f'{none:,}'} of them it found none."
    return Finding("noise", "mid", f"{text}{_in_files(noise)} {_tolerance(noise)}".strip())


def _of_each_value(noise: NoiseFigures) -> str:
    """Return the typical L2 as a change of each value of the image; "" for other norms, which need no such help."""
    if noise.norm != "l2" or not noise.values:
        return ""
    each = number(noise.size.value / math.sqrt(noise.values))
    return f", as if each of its {noise.values:,} values were changed by {each} grey levels"


def _in_files(noise: NoiseFigures) -> str:
    """Return how much larger the noise is in whole grey levels; "" if it is hardly larger, or if it is not known."""
    quarter = noise.count >= LEAST_FOR_QUARTILES and math.isfinite(noise.whole_low)
    pairs = [(noise.whole.value, noise.size.value), *([(noise.whole_low, noise.quartiles[0])] if quarter else [])]
    if not any(whole > LARGER * least for whole, least in pairs):
        return ""
    norm = get_norm(noise.norm)
    opening = " With whole grey levels only, as in an image file, "
    enough = f"for a quarter of the images, {size(norm, noise.whole_low)} or less is enough" if quarter else ""
    if math.isinf(noise.whole.value):
        return f"{opening}{enough and f'{enough}, and '}it found none for a typical image."
    return (
        f"{opening}the smallest noise found for a typical image has an {norm.title} of "
        f"{_around(noise.whole, norm.unit, partial(size, norm))}{enough and f'; {enough}'}."
    )


def _tolerance(noise: NoiseFigures) -> str:
    """Return how much more random noise the same images tolerate."""
    ratio = noise.random_ratio
    if ratio is None or ratio.low == 0:
        return ""
    if math.isnan(ratio.value):
        text = f"{_between(ratio)}. {_unknown_median(noise)}"
    else:
        over = f"the median of the {counted(noise.compared)} compared"
        text = f"{_around(ratio, 'times as large')} to do the same: {over}."
    text = f"For a typical image, random noise, which is not fitted to the image, must be {text}"
    return f"{text} {NO_BETTER}" if ratio.low < 1 else text


def _between(ratio: Estimate) -> str:
    """Return the interval of a median that is not known itself."""
    if math.isinf(ratio.high):
        return f"at least {at_least(ratio.low)} times as large to do the same (the lower end of the 95 % interval)"
    return f"{number(ratio.low)} to {number(ratio.high)} times as large to do the same (the 95 % interval)"


def _unknown_median(noise: NoiseFigures) -> str:
    """Return why the median of the ratio is not known."""
    tolerant, compared = f"{noise.tolerant:,}", counted(noise.compared)
    which = f"all {compared}" if noise.tolerant == noise.compared else f"{tolerant} of the {compared}"
    return (
        f"The exact factor is not known, because {which} compared stay right under all random noise tried (up "
        f"to sigma {number(noise.strongest)})."
    )


def _around(e: Estimate, unit: str, written: Callable[[float], str] = number) -> str:
    """Return a median with its interval in words: "42 (36–49) grey levels"."""
    if math.isinf(e.high):  # the noise of images without any counts as larger than all that was found
        ends = "of unknown precision" if e.low == 0 else f"{written(e.low)}–∞"
        return f"{written(e.value)} {unit} ({ends})"
    return f"{written(e.value)} {unit} ({written(e.low)}–{written(e.high)})"
