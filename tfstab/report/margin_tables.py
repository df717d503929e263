"""The tables of margins, gain and flatness in the report of a reproduction."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tfstab.experiments.claim import NAMES, compared_with
from tfstab.experiments.margins import MEASURES, Margins, Values, margins_of, paired_ratio
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.scales import FEWEST
from tfstab.metrics import Estimate
from tfstab.metrics.paired import Ratio
from tfstab.report.page import Section
from tfstab.report.tables import Table
from tfstab.wording import rounded_to

SHORT = {
    "feature_margin": "feature margin",
    "gain": "gain",
    "input_margin": "input margin",
    "noise": "minimum noise",
    "flatness": "flatness",
}
_NOTES = (
    "Medians over images with 95 % intervals: the gain of all images, the rest of those that the network gets right "
    "when clean. The numbers of images are those of margins and gain, and those of minimum noise and flatness.",
    "Feature margin: the distance to the decision boundary in the output of the layer before the last, divided by the "
    "root mean square distance of images from their mean. Input margin: the same in the input, if the network were "
    "linear.",
    "Gain: how far random noise moves the output of the layer before the last, divided by how far another image moves "
    "it, and by the same quotient in the input. Above 1, the network amplifies noise more than what tells images "
    "apart.",
    "Minimum noise: L2 in grey levels, along the decision boundary with gradients. Flatness: the minimum noise divided "
    "by the distance to the boundary that random noise implies; near 1, the boundary is flat. A dash: nothing could be "
    "compared, such as where more than a quarter of the noisy values are clipped.",
    "The members of an ensemble are networks of their own. The whole has no layers, only minimum noise and flatness.",
)
_TITLES = {
    "feature_margin": "the margin before the last layer",
    "gain": "the gain before the last layer",
    "noise": "the minimum noise",
}


def margin_section(reproductions: Mapping[str, Reproduction]) -> Section | None:
    """Return the tables of margins, gain and flatness; None if nothing was measured."""
    rows = [_row(r, kind, one) for r, kind, one in _measured(reproductions)]
    if not rows:
        return None
    columns = ("data", "network", "images", *SHORT.values())
    parts = [Table("Margins, gain and flatness", columns, rows, _NOTES), ratio_table(reproductions)]
    lines = [line for r in reproductions.values() for line in _finding(r)]
    return Section("Margins, gain and flatness", lines, parts)


def _finding(r: Reproduction) -> list[str]:
    """Return a sentence on what training on noisy copies changes: the margin in feature space, the gain, or both."""
    if not {"single", "augmented"} <= r.explanations.keys():
        return []
    one, other = (margins_of(*r.explanations[kind])[0] for kind in ("single", "augmented"))
    ratios = {title: paired_ratio(one, other, measure) for measure, title in _TITLES.items()}
    texts = [f"{title} is {_text(ratio)} times as large" for title, ratio in ratios.items() if ratio.count >= FEWEST]
    return [f"{NAMES[r.data]}: after training on noisy copies, {', '.join(texts)}."] if texts else []


def ratio_table(reproductions: Mapping[str, Reproduction]) -> Table:
    """Return the ratios of each network's figures to those of the network that it is compared with."""
    rows = []
    for r in reproductions.values():
        whole = {kind: margins_of(*runs)[0] for kind, runs in r.explanations.items()}
        for kind, one in whole.items():
            other = compared_with(r, kind)
            if kind not in (other, "member") and other in whole:
                ratios = {measure: paired_ratio(whole[other], one, measure) for measure in SHORT}
                texts = [_text(ratio) if ratio.count >= FEWEST else "–" for ratio in ratios.values()]
                counts = _counts(ratios[measure].count for measure in ("feature_margin", "noise"))
                rows.append((NAMES[r.data], f"{kind} over {other}", counts, *texts))
    notes = ("Median over the same images of one network's figure divided by the other's, with 95 % intervals.",)
    columns = ("data", "networks", "images", *SHORT.values())
    return Table("Ratios of two networks, image by image", columns, rows, notes)


def margin_records(reproductions: Mapping[str, Reproduction]) -> list[dict[str, Any]]:
    """Return the margins, gain and flatness of each network with their intervals, for JSON."""
    return [
        {"data": r.data, "network": kind, "part": one.part}
        | {measure: _numbers(one.values[measure]) if measure in one.values else None for measure in MEASURES}
        for r, kind, one in _measured(reproductions)
    ]


def _measured(reproductions: Mapping[str, Reproduction]) -> Iterator[tuple[Reproduction, str, Margins]]:
    """Yield each network that was measured, an ensemble's members after the whole."""
    for r in reproductions.values():
        for kind, runs in r.explanations.items():
            for one in margins_of(*runs):
                if one.values:
                    yield r, kind, one


def _row(r: Reproduction, kind: str, one: Margins) -> tuple[Any, ...]:
    """Return one network's row: name, numbers of images, and figures."""
    name = f"{kind}, {one.part}" if one.part else kind
    return (
        NAMES[r.data],
        name,
        _counts(len(v.value) for v in one.values.values()),
        *(_text(one.median(m)) for m in SHORT),
    )


def _counts(counts: Iterable[int]) -> str:
    """Return numbers of images, the largest first: "1,000, 60"."""
    return ", ".join(f"{count:,}" for count in sorted({*counts} - {0}, reverse=True))


def _text(figure: Estimate | Ratio) -> str:
    """Return a value with its interval: "0.0946 (0.0861–0.104)", or a dash."""
    if not math.isfinite(figure.value):
        return "–"
    ends = f" ({rounded_to(figure.low, 3)}–{rounded_to(figure.high, 3)})" if math.isfinite(figure.high) else ""
    return f"{rounded_to(figure.value, 3)}{ends}"


def _numbers(values: Values) -> dict[str, float | int | None]:
    """Return a median, the ends of its interval and the number of images by name."""
    median = values.median
    ends = {"value": median.value, "from": median.low, "to": median.high}
    numbers = {name: value if math.isfinite(value) else None for name, value in ends.items()}
    return numbers | {"images": int(values.counted.sum())}
