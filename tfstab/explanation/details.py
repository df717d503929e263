"""Details of an explanation: the layer that comes closest to a cause, what was not examined, what was measured."""

import numpy as np

from tfstab.explanation.cause import causes_of
from tfstab.explanation.classes import LEAST_IMAGES, LEAST_OF_NETWORK, short_names
from tfstab.explanation.gain import Gains, gains_of
from tfstab.explanation.gain_causes import all_layers, steps_of
from tfstab.explanation.run import ExplanationRun
from tfstab.explanation.unseen import cannot_look_into
from tfstab.metrics import Estimate
from tfstab.runs.info import without_classes
from tfstab.wording import capital, counted, listed

Step = tuple[int, Estimate, float]  # position of a layer, its layer gain, and its threshold

OTHERWISE = "Errors under other degradations, such as rotation or fog, may have other causes."


def details(run: ExplanationRun) -> str:
    """Return how near the figures are to a cause, and what was not examined; "" if a cause is named."""
    if len(run.rows) < LEAST_OF_NETWORK or causes_of(run):
        return ""
    return " ".join(filter(None, [_closest(run), _not_examined(run), _too_few(run)]))


def _too_few(run: ExplanationRun) -> str:
    """Return how many classes have too few explained images; "" if none has."""
    shown = np.bincount(run.clean.class_index[run.rows], minlength=len(run.class_names))
    few = int(((shown < LEAST_IMAGES) & (shown > 0)).sum())
    if not few:
        return ""
    if few == (shown > 0).sum() > 1:
        return f"Classes cannot be compared: none of the {few} has at least {LEAST_IMAGES} explained images."
    have = "has" if few == 1 else "have"
    return (
        f"{counted(few, 'class', 'classes')} {have} fewer than {LEAST_IMAGES} explained images, too few to compare "
        "with the others."
    )


def examined(run: ExplanationRun) -> list[tuple[str, bool]]:
    """Return what can be a cause, and whether the run has examined it."""
    return [
        ("layer", gains_of(run) is not None),
        ("class", True),
        ("direction", run.has("noise") and run.has("copies")),
        ("frequency", run.has("frequency")),
    ]


def _not_examined(run: ExplanationRun) -> str:
    """Return what was not examined: layers of an ONNX file or a function, and what `--only` leaves out."""
    layers = [] if gains_of(run) is not None or not cannot_look_into(run.info) else [layers_unseen(run)]
    names = {
        "layer": "its layers",
        "direction": "special directions",
        "frequency": "noise of single frequencies",
    }
    missing = [names[thing] for thing, there in examined(run) if not (there or (layers and thing == "layer"))]
    were = "was" if missing == [names["frequency"]] else "were"
    return " ".join([*layers, *([f"{capital(listed(missing))} {were} not examined."] if missing else [])])


def layers_unseen(run: ExplanationRun) -> str:
    """Return the sentence that the layers were not examined, with the reason if tfstab cannot look inside the model."""
    why = cannot_look_into(run.info)
    return f"Its layers were not examined{f', as {why}' if why else ''}."


def _closest(run: ExplanationRun) -> str:
    """Return the gain of the layer that comes closest to its threshold, with its interval; "" without layers."""
    gains = gains_of(run)
    if gains is None:
        return ""
    steps = finite_steps(run, gains)
    if not steps:
        return ""
    layer, step, limit = closest_step(steps)
    decided = "" if step.high < limit else f" The interval reaches {limit:.2f}, so more images are needed to decide."
    higher = {gains.names[one]: its_limit for one, _, its_limit in steps if its_limit > limit}
    more = "".join(f" (for {name}, which takes the image itself, {higher[name]:.2f})" for name in list(higher)[:1])
    name = str(gains.names[layer])
    if layer == gains.layers(gains.network[layer])[-1]:
        name = f"the last one ({name})"  # which is not what the model calls this layer
    return (
        f"The layer that comes closest to being a cause is {name}: its own weights change noise by a factor of "
        f"{step.value:.2f} ({step.low:.2f} to {step.high:.2f}{all_layers(gains, gains.network[layer])}), compared with "
        f"the differences between images. This factor is its layer gain; above {limit:.2f}{more}, a layer is called a "
        f"cause.{decided} The relative gain of a layer includes the effect of all earlier layers, so it may be larger; "
        "it has no threshold."
    )


def finite_steps(run: ExplanationRun, gains: Gains) -> list[Step]:
    """Return the layer gains of all networks that could be measured, with intervals that hold for all."""
    every = [one for network in gains.networks for one in zip(*steps_of(run, gains, network), strict=True)]
    return [(layer, step, limit) for layer, step, limit in every if np.isfinite(step.low + step.high)]


def closest_step(steps: list[Step]) -> Step:
    """Return the layer gain that comes closest to its threshold, or lies farthest beyond it."""
    return max(steps, key=lambda one: one[1].high / one[2])


def unseen_classes(run: ExplanationRun) -> str:
    """Return that no image of some classes is explained; "" if each has one, without any image, and without labels."""
    if not len(run.rows) or without_classes(run.info):
        return ""
    there = set(run.clean.class_index[run.rows].tolist())
    names = short_names(run, (k for k in range(len(run.class_names)) if k not in there))
    if not names:
        return ""
    if len(names) == 1:
        return f"No image of class {names[0]} is explained, so nothing is said of it."
    return (
        f"No image of {len(names):,} of the {len(run.class_names):,} classes is explained "
        f"({listed(names)}), so nothing is said of them."
    )


def scope(run: ExplanationRun) -> str:
    """Return under which noise the causes were measured; "" if no image is explained."""
    if not len(run.rows):
        return ""
    kinds = {
        "Gaussian noise": run.has("copies") or run.has("layers"),
        "the minimum noise": run.has("noise"),
        "noise of single frequencies": run.has("frequency"),
    }
    there = [kind for kind, measured in kinds.items() if measured]
    if not there:
        return OTHERWISE
    return f"Measured under {'noise: ' * (len(there) > 1)}{listed(there)}. {OTHERWISE}"
