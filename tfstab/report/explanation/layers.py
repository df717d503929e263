"""The topic `layers`: relative gain and relative margin of each layer."""

import numpy as np

from tfstab.explanation import ExplanationRun
from tfstab.explanation.details import closest_step, finite_steps
from tfstab.explanation.gain import Gains, LayerFigures, gains_of
from tfstab.explanation.gain_causes import all_layers
from tfstab.explanation.one_image import ImageExplanation
from tfstab.explanation.plot import layers_figure
from tfstab.explanation.shortfall import HIDDEN, lost_places
from tfstab.metrics import Estimate
from tfstab.report.page import Picture, Section
from tfstab.report.tables import Table
from tfstab.wording import counted, listed, out_of, rounded_to

ONE_IMAGE = (
    "Gain and margin by layer compare the changes that noise makes with the differences between images: they need at "
    "least two images."
)


def section(run: ExplanationRun) -> Section | None:
    """Return the section on layers, or None if the network's layers could not be looked at."""
    gains = gains_of(run)
    if gains is None:
        return None
    if not gains.compare_images:
        return Section("Where in the network", [ONE_IMAGE])
    figures = gains.figures()
    picture = Picture(
        "layers",
        "Left: relative gain, how much noise is amplified from the image to each layer, compared with the differences "
        "between images. Above 1, noise grows more than these differences. Right: relative margin, how far a typical "
        "image is from the decision boundary in each layer, in units of the spread of images there. Bars are 95 % "
        "intervals.",
        layers_figure(figures),
    )
    return Section("Where in the network", _lines(run, gains, figures), [picture, layers_table(figures)])


def of_image(run: ExplanationRun, image: int) -> list[Table | Picture]:
    """Return for one image what each place in the network does to its margin."""
    explained = ImageExplanation(run, image)
    if not explained.places:
        return []
    rows = [(place.name, place.factor) for place in explained.places]
    notes = [
        f"Multiplied, the factors are {rounded_to(explained.share)}: the image's margin at the input over that of a "
        "typical image. A layer's factor is below 1 if the layer amplifies small changes of this image more than usual."
    ]
    if len(run.arrays("layers")["margin"][0]) > 1:
        notes.append(f"Of the ensemble, member {explained.network + 1} is shown, whose margin is the smallest.")
    return [Table("What each place does to this image's margin", ("place", "factor"), rows, notes)]


def _lines(run: ExplanationRun, gains: Gains, figures: list[LayerFigures]) -> list[str]:
    """Return the findings on layers in words."""
    lines = []
    ends = [_last_hidden(figures, network) for network in gains.networks]
    if len(ends) == 1:
        [end] = ends
        lines.append(
            f"At the last layer before the logits ({end.name}), the relative gain for noise is {_words(end.gain)}: "
            f"{_meaning(end.gain)}"
        )
        if np.isfinite(end.margin.value):
            lines.append(f"The relative margin of a typical image there is {_words(end.margin)}.")
    else:
        low, high = (f(end.gain.value for end in ends) for f in (min, max))
        lines.append(
            f"At the last layer before the logits, the relative gain for noise of the {len(ends)} members is "
            f"{low:.2f} to {high:.2f}; the relative margin of a typical image is "
            f"{min(end.margin.value for end in ends):.2f} to {max(end.margin.value for end in ends):.2f}."
        )
    lines += _steps(run, gains, figures)
    if len(ends) == 1:
        lines += _lost(gains)
    return lines


def _steps(run: ExplanationRun, gains: Gains, figures: list[LayerFigures]) -> list[str]:
    """Return which layer's weights amplify noise the most, and why another one may be closer to being a cause."""
    known = [k for k, one in enumerate(figures) if one.name != "input" and np.isfinite(one.step.value)]
    if not known:
        return []

    def named(layer: int) -> str:
        """Return the name of a layer."""
        return f"{gains.names[layer]}{f' of member {gains.network[layer] + 1}' if len(gains.networks) > 1 else ''}"

    finite = finite_steps(run, gains)
    steps = {layer: (step, limit) for layer, step, limit in finite}
    most = max(known, key=lambda k: figures[k].step.value)
    step, limit = steps.get(most, (figures[most].step, np.inf))  # too few images for intervals that hold for all layers
    does, together = _changes(step.value), all_layers(gains, gains.network[most]) if most in steps else ""
    most_or_least = f"weights of layer {named(most)} {does} noise the {'least' if does == 'damp' else 'most'}: by"
    if round(step.value, 2) == 1:
        most_or_least = f"weights of no layer clearly amplify noise; those of layer {named(most)} come closest, with"
    text = (
        f"Compared with the differences between images, the {most_or_least} a factor of {step.value:.2f} "
        f"({step.low:.2f}–{step.high:.2f}{together}), the layer gain."
    )
    if most not in steps:
        return [text]
    closest, _, its_limit = closest_step(finite)
    if closest == most:
        return [text]
    if limit > its_limit:
        text += (
            f" This layer takes the image itself, so its threshold as a cause is {limit:.2f}; layer {named(closest)} "
            f"comes closer to its own, {its_limit:.2f}."
        )
    else:
        text += f" The interval of layer {named(closest)} reaches closer to its threshold as a cause, {its_limit:.2f}."
    return [text]


def _lost(gains: Gains) -> list[str]:
    """Return at which places the images are lost that have a small margin at the input."""
    count, places = lost_places(gains)
    if not count:
        return []
    words = [
        ("to a slim margin in the last hidden layer" if place == HIDDEN else f"to layer {place}, which amplifies more,")
        + f" in {out_of(number, count) if number == count > 1 else number}"
        for place, number in list(places.items())[:3]
    ]
    rest = count - sum(list(places.values())[:3])
    words += [f"to another layer or to several together in {rest}"] if rest else []
    images = f"{counted(count)} {'has' if count == 1 else 'have'}"
    return [
        f"At the input, {images} less than half the margin of a typical image. Most of this shortfall is due "
        f"{listed(words)}."
    ]


def _last_hidden(figures: list[LayerFigures], network: int) -> LayerFigures:
    """Return the layer before a network's logits."""
    return [one for one in figures if one.network == network][-2]


def _changes(step: float) -> str:
    """Return what weights with this step do to noise: "amplify", or "damp" below 1."""
    return "damp" if round(step, 2) < 1 else "amplify"


def _meaning(gain: Estimate) -> str:
    """Return what a relative gain means."""
    if gain.low > 1:
        return "noise has grown more on its way than the differences between images."
    if gain.high < 1:
        return "noise has grown less on its way than the differences between images."
    return "it is not certain which has grown more on the way, noise or the differences between images."


def _words(e: Estimate) -> str:
    """Return a figure with its interval: "1.57 (1.49–1.63)"."""
    return f"{e.value:.2f} ({e.low:.2f}–{e.high:.2f})"


def layers_table(figures: list[LayerFigures]) -> Table:
    """Return the table of all layers."""
    several = len({one.network for one in figures}) > 1
    rows = [
        (
            *((one.network + 1,) if several else ()),
            one.name,
            one.gain.value,
            _interval(one.gain),
            one.step.value,
            one.margin.value,
            _interval(one.margin),
            one.quotient.value,
        )
        for one in figures
    ]
    gains = ("relative gain", "95 % interval", "layer gain")
    columns = ("layer", *gains, "relative margin", "95 % interval ", "margin / gain")
    return Table(
        "Gain and margin by layer",
        (*(("member",) if several else ()), *columns),
        rows,
        ["Medians over images; margins only of images that are right when clean. The layer gain is that of the layer's "
         "weights alone, from its input to its output before the activation. Margin / gain says how much noise it "
         "takes to change the prediction, as seen from this layer."],
        {"relative margin": 3, "margin / gain": 3},
    )  # fmt: skip


def _interval(e: Estimate) -> str:
    """Return the ends of an interval; "–" if there is none, as of the input, whose gain is 1."""
    return "–" if np.isnan(e.value) or e.low == e.high else f"{e.low:#.3g}–{e.high:#.3g}"
