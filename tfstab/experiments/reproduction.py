"""The paper's experiments on one data set, written to a folder step by step; every step can be resumed."""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from tfstab.datasets import Dataset, load_dataset
from tfstab.datasets.download import data_directory
from tfstab.errors import InputError, RunError, unknown_name
from tfstab.experiments import reproduction_steps as steps
from tfstab.experiments.networks import Network, OnStep, choose_networks, quiet, trained_as
from tfstab.experiments.paper import NETWORKS
from tfstab.experiments.replaced import without_replaced
from tfstab.experiments.scales import MODELS, SCALES, Scale
from tfstab.explanation import ExplanationRun
from tfstab.metrics import ClassMetrics, class_metrics
from tfstab.models import card_of, load_classifier
from tfstab.paths import user_path
from tfstab.runs import RunFolder, open_run
from tfstab.runs.atomic import make_folder, write_json
from tfstab.runs.form import form_of, recorded_form
from tfstab.search import SearchRun
from tfstab.sweep import SweepRun


def reproduce(
    data: str,
    scale: str = "small",
    out: str | Path = "reproduction",
    networks: Mapping[str, Any] | None = None,
    *,
    data_dir: str | Path | None = None,
    on_step: OnStep | None = None,
    loading: Mapping[str, Any] | None = None,
) -> "Reproduction":
    """Repeat the paper's experiments on one data set, in the folder out/DATA.

    Steps that are already finished are not repeated.

    Parameters
    ----------
    data : str
        "mnist", "cifar10" or "gtsrb". If the MNIST file is missing, scales that train nothing use mnist-5k instead.
    scale : str
        How much to compute: "small", "medium" or "full".
    out : str or Path
        Folder for the reproductions of all data sets.
    networks : mapping, optional
        Networks by kind, in any form that `load_classifier` accepts. The paper's kinds are "single", "ensemble" and
        "augmented"; other names of a-z, 0-9 and hyphens are allowed. Those of the paper's kinds that are not given are
        bundled networks, or are trained if the scale allows it, or are left out. If an ensemble's first member is not
        the single network, it is added as "member".
    data_dir : str or Path, optional
        Folder of the official data sets.
    on_step : callable, optional
        Called as on_step(what, done, total) to report progress.
    loading : mapping, optional
        Keyword arguments of `load_classifier` for the given networks.

    Returns
    -------
    Reproduction
        The results.

    Raises
    ------
    InputError
        A data set, scale or kind is not valid, the networks do not fit each other, or the inputs or classes of a
        network seem to be wrong.
    RunError
        The folder holds runs of another scale, of other networks, or of the same networks with other inputs.

    References
    ----------
    Aghdam, Heravi and Puig, sections 3 and 4.
    """
    if data not in MODELS:
        raise unknown_name("data set", data, MODELS)
    if scale not in SCALES:
        raise unknown_name("scale", scale, SCALES)
    for kind in networks or ():
        if not re.fullmatch("[a-z0-9-]+", kind):  # it becomes the name of folders
            raise InputError(f"a network is called '{kind}'; expected lower-case letters a-z, digits and hyphens.")
    directory = None if data_dir is None else user_path(data_dir)
    folder = user_path(out) / data
    size, step = SCALES[scale][data], on_step or quiet
    images = _test_images(data, size, directory)
    _check_scale(folder, scale, images)
    given = {
        kind: (load_classifier(source, **loading or {}), card_of(source)) for kind, source in (networks or {}).items()
    }
    chosen = choose_networks(data, size, folder, given, directory, step)
    if (folder / "reproduction.json").is_file():
        chosen = without_replaced(Reproduction(folder), chosen, given)
    _describe(folder, data, scale, images, chosen)
    steps.measure(chosen, images, size, folder, step)
    if size.compared:
        steps.compare_objectives(chosen["single"][0], images, size, folder / "objectives", step)
    return Reproduction(folder)


class Reproduction:
    """The results of `reproduce`, finished or not; they can be read without TensorFlow.

    Parameters
    ----------
    folder : str or Path
        Folder of the reproduction of one data set.

    Attributes
    ----------
    info : dict
        Content of reproduction.json: data, scale, images and networks.
    data, scale : str
        Name of the data set and of the scale.

    Raises
    ------
    RunError
        The folder is not a reproduction.
    """

    def __init__(self, folder: str | Path) -> None:
        """Read reproduction.json; the runs are opened when they are first needed."""
        self.folder = Path(folder)
        path = self.folder / "reproduction.json"
        if not path.is_file():
            raise RunError(f"{folder} is not a reproduction: it holds no reproduction.json.")
        self.info: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.data, self.scale = str(self.info["data"]), str(self.info["scale"])

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of the networks, the paper's three first."""
        kinds = self.info["networks"]
        return (*(k for k in NETWORKS if k in kinds), *(k for k in kinds if k not in NETWORKS))

    @cached_property
    def clean(self) -> dict[str, ClassMetrics]:
        """Precision, recall and accuracy of each network on the clean test images."""
        metrics = {}
        for kind in self.kinds:
            path = self.folder / "clean" / f"{kind}.npz"
            if path.is_file():
                with np.load(path, allow_pickle=False) as archive:
                    labels, predicted = archive["labels"], archive["predicted"]
                metrics[kind] = class_metrics(labels, predicted, len(self.info["class_names"]))
        return metrics

    @cached_property
    def sweeps(self) -> dict[str, SweepRun]:
        """Sweep of each network whose sweep has a finished part."""
        return self._runs("sweeps", self.kinds)

    @cached_property
    def unclipped(self) -> dict[str, SweepRun]:
        """Sweep without clipping of each network, as far as there are any."""
        return self._runs("unclipped", self.kinds)

    @cached_property
    def weakest(self) -> dict[str, SweepRun]:
        """Sweep at sigma 1 of the images that each network gets right by the smallest margin."""
        return self._runs("weakest", self.kinds)

    @cached_property
    def searches(self) -> dict[str, SearchRun]:
        """Search of each network whose search has a finished image."""
        return self._runs("searches", self.kinds)

    @cached_property
    def explanations(self) -> dict[str, list[ExplanationRun]]:
        """Explanations of each network: of its layers, and of its minimum noise, as far as there are any."""
        names = {kind: [f"{kind}-{which}" for which in steps.EXPLANATIONS] for kind in self.kinds}
        runs = self._runs("explanations", tuple(name for several in names.values() for name in several))
        found = {kind: [runs[name] for name in several if name in runs] for kind, several in names.items()}
        return {kind: several for kind, several in found.items() if several}

    def form_of(self, kind: str) -> dict[str, Any]:
        """Return how a network is read, as {name: value}, without values that are the defaults."""
        run = self.sweeps.get(kind)  # older versions recorded it only there
        return recorded_form(self.info["networks"][kind] if run is None else run.info["model"])

    @property
    def runs(self) -> tuple[RunFolder, ...]:
        """All runs that have a finished part."""
        sweeps = (*self.sweeps.values(), *self.unclipped.values(), *self.weakest.values())
        explanations = chain.from_iterable(self.explanations.values())
        return (*sweeps, *self.searches.values(), *explanations, *self.objectives.values())

    def is_explained(self, kind: str) -> bool | None:
        """Return whether a network's margins are measured, which needs gradients; None if an older version began it."""
        return kind in self.info["explained"] if "explained" in self.info else None

    @cached_property
    def objectives(self) -> dict[str, SearchRun]:
        """Searches of the single network by the paper's procedure, by their `objective_name`."""
        names = (
            steps.objective_name(objective, lambda_) for lambda_ in steps.LAMBDAS for objective in steps.OBJECTIVES
        )
        return self._runs("objectives", tuple(names))

    def _runs(self, folder: str, names: tuple[str, ...]) -> dict[str, Any]:
        """Open the runs of these names in a subfolder that have a finished part."""
        paths = {name: self.folder / folder / name for name in names}
        runs = {name: open_run(path) for name, path in paths.items() if (path / "run.json").is_file()}
        return {name: run for name, run in runs.items() if run.progress[0]}


def _test_images(data: str, size: Scale, data_dir: Path | None) -> Dataset:
    """Load the test images: the official ones, or mnist-5k if nothing is trained and the MNIST file is missing."""
    official = data != "mnist" or size.trains or (data_directory(data_dir) / "mnist.npz").is_file()
    return load_dataset(data, "test", data_dir) if official else load_dataset("mnist-5k")


def _check_scale(folder: Path, scale: str, images: Dataset) -> None:
    """Raise RunError if the folder holds a reproduction at another scale or on other images."""
    if not (folder / "reproduction.json").is_file():
        return
    there = Reproduction(folder).info
    if (there["scale"], there["images"]["fingerprint"]) != (scale, images.fingerprint):
        raise RunError(
            f"{folder} holds a reproduction at scale {there['scale']} on {there['images']['name']}: repeat its "
            "settings, or choose another folder with --out."
        )


def _describe(folder: Path, data: str, scale: str, images: Dataset, chosen: dict[str, Network]) -> None:
    """Write reproduction.json."""
    make_folder(folder)
    networks = {
        kind: {"name": c.name, "fingerprint": c.fingerprint, "trained": trained_as(card), **form_of(c)}
        for kind, (c, card) in chosen.items()
    }
    counts = {kind: steps.images_explained(kind, chosen, SCALES[scale][data]) for kind in chosen}
    explained = [kind for kind in chosen if any(counts[kind].values())]
    if (folder / "reproduction.json").is_file():  # networks that are not given this time still have their runs
        there = Reproduction(folder).info
        explained += [kind for kind in there.get("explained", ()) if kind not in chosen]
        networks = there["networks"] | networks
    info = {
        "data": data,
        "scale": scale,
        "class_names": list(chosen["single"][0].class_names),
        "images": {
            "name": images.name,
            "split": images.split,
            "note": images.note,
            "count": len(images),
            "fingerprint": images.fingerprint,
        },
        "networks": networks,
        "explained": explained,
    }
    write_json(folder / "reproduction.json", info)
