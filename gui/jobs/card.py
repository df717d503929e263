"""The question "card": why one degraded image is lost. Each block of the failure card is a part of the answer."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.errors import RunError, TfstabError

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.explanation.degraded_image import DegradedImage, Reference
    from tfstab.explanation.neighbours import Neighbour

Part = tuple[str, dict[str, Any]]
KEPT = 2  # references, for a run and one that it is compared with; each takes some tens of MB
MISSING = "missing"  # the value of a part that could not be made: why not, in a sentence
NO_LAYERS = "The layers of this model are not accessible."
NO_GRADIENTS = "This model has no gradients, from which the maps are made."

_references: OrderedDict[tuple[str, str, int], "Reference"] = OrderedDict()


def card(classifier: "Classifier", arguments: dict[str, Any]) -> Iterator[Part | None]:
    """Yield "margin", "random", "layers", "maps" and "neighbours"; a part that could not be made says why.

    Parameters
    ----------
    classifier : Classifier
        The model.
    arguments : dict
        `images`: clean and degraded image (2, H, W, C); `image` and `class_index` of it; `names` of the classes;
        `folder` of the run with the images that it is compared with; `severity_index` of it in a sweep, else None.
    """
    from tfstab.explanation.degraded_image import DegradedImage
    from tfstab.explanation.image_words import ONLY_CLASSES

    if classifier.labels_only or classifier.combine == "vote":
        for name in ("margin", "random", "layers", "maps", "neighbours"):
            yield name, {MISSING: ONLY_CLASSES}
        return
    clean, degraded = arguments["images"]
    pair = DegradedImage.of(classifier, arguments["image"], clean, degraded, arguments["class_index"])
    folder = Path(arguments["folder"])
    blocks: dict[str, Callable[[], Iterator[Part | None]]] = {
        "margin": partial(_margin, classifier, pair),
        "random": partial(_random, classifier, pair, arguments["names"], folder),
        "layers": partial(_layers, classifier, pair, folder, arguments["severity_index"]),
        "neighbours": partial(_neighbours, classifier, pair, folder),
        "maps": partial(_maps, classifier, pair),
    }
    for name, block in blocks.items():
        try:
            yield from block()
        except Exception as error:  # the other blocks may work
            said = str(error) if isinstance(error, TfstabError) else f"It could not be computed ({error!r:.200})."
            yield name, {MISSING: said}


def _margin(classifier: "Classifier", pair: "DegradedImage") -> Iterator[Part]:
    from tfstab.explanation.degraded_image import blend_margins

    margins, predicted = blend_margins(classifier, pair)
    yield "margin", {"margins": margins.tolist(), "predicted": predicted.tolist(), "rival": pair.rival}


def _random(classifier: "Classifier", pair: "DegradedImage", names: Sequence[str], folder: Path) -> Iterator[Part]:
    from tfstab.explanation.random_noise import random_noise

    yield "random", asdict(random_noise(classifier, pair, names, lambda: reference_of(classifier, folder).clean))


def _layers(
    classifier: "Classifier", pair: "DegradedImage", folder: Path, severity_index: int | None
) -> Iterator[Part | None]:
    from tfstab.explanation.layers import has_layers
    from tfstab.explanation.staying_right import layers_compared
    from tfstab.runs import open_run
    from tfstab.sweep import SweepRun

    if not has_layers(classifier):
        yield "layers", {MISSING: NO_LAYERS}
        return
    reference = reference_of(classifier, folder)
    run = open_run(folder)
    config = run.config if isinstance(run, SweepRun) else None
    found = yield from layers_compared(reference, pair, config, severity_index)
    yield (
        "layers",
        {
            "names": found.names,
            "gain": found.gain,
            "random_gain": found.random_gain,
            "margin": found.margin,
            "places": [[place.name, place.factor, place.agreed] for place in found.places],
            "member": found.member,
            "others": found.others,
        },
    )


def _neighbours(classifier: "Classifier", pair: "DegradedImage", folder: Path) -> Iterator[Part | None]:
    from tfstab.explanation.degraded_image import neighbours_of
    from tfstab.explanation.layers import has_layers

    if not has_layers(classifier):
        yield "neighbours", {MISSING: NO_LAYERS}
        return
    reference = reference_of(classifier, folder)
    yield from reference.read_features()
    own, other = neighbours_of(reference, pair)

    def listed(found: "tuple[Neighbour, ...]") -> dict[str, list[Any]]:
        return {"images": [one.image for one in found], "distances": [one.distance for one in found]}

    yield "neighbours", {"own": listed(own), "other": listed(other), "among": len(reference.clean.indices)}


def _maps(classifier: "Classifier", pair: "DegradedImage") -> Iterator[Part | None]:
    from tfstab.explanation.degraded_image import attribution_maps

    if not classifier.differentiable:
        yield "maps", {MISSING: NO_GRADIENTS}
        return
    found = {}
    for name, values in attribution_maps(classifier, pair):
        found[name] = values.astype(np.float32)
        yield None
    yield "maps", {**found, "rival": pair.rival}


def reference_of(classifier: "Classifier", folder: Path) -> "Reference":
    """Return the images of a run with which others are compared, those of the latest runs kept."""
    from tfstab.explanation.degraded_image import Reference
    from tfstab.runs import open_run

    try:
        changed = (folder / "run.json").stat().st_mtime_ns
    except OSError as error:
        raise RunError(f"{folder} cannot be read: put it back, or close the run.") from error
    key = classifier.fingerprint, str(folder), changed
    if key not in _references:
        _references[key] = Reference(classifier, open_run(folder).clean)
        while len(_references) > KEPT:
            _references.popitem(last=False)
    _references.move_to_end(key)
    return _references[key]
