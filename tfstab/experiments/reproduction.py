"""The paper's experiments on one data set, step by step into a folder, each step resumable."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.matching import match_classes
from tfstab.datasets import Dataset, load_dataset
from tfstab.datasets.download import data_directory
from tfstab.errors import InputError, RunError, unknown_name
from tfstab.experiments.paper import NETWORKS
from tfstab.metrics import ClassMetrics, class_metrics
from tfstab.models import bundled_names, card_of, ensemble_members, load_classifier
from tfstab.runs import open_run
from tfstab.runs.atomic import make_folder, write_atomically, write_json
from tfstab.search import SearchConfig, SearchRun, run_search
from tfstab.sweep import SweepConfig, SweepRun, run_sweep
from tfstab.training import RECIPES, TrainingNoise, train, train_ensemble

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

MODELS = {recipe.data: name for name, recipe in RECIPES.items()}  # the paper's network for each data set
# Lambda is not in the paper. At 1 a grey level the norm outweighs the scores, and the two equations are nearly one; at
# 0.001 the scores are worth up to a thousand grey levels.
LAMBDAS = (0.001, 1.0)
OBJECTIVES = ("eq1", "eq2")
OnStep = Callable[[str, int, int], None]
Network = tuple["Classifier", dict[str, Any] | None]  # and its card


@dataclass(frozen=True)
class Scale:
    """How much is computed; None stands for all.

    clean: test images evaluated clean. swept, copies: images of a sweep and noisy copies of each at each sigma.
    searched, queries: images and queries of a search for minimum noise. compared, tried: images and queries of the
    searches with the paper's procedure that set eq. 1 against eq. 2; none where 0. trains: whether networks
    that are neither given nor bundled are trained, the augmented one for `augmented_epochs`, the recipe's where None.
    """

    clean: int | None
    swept: int | None
    copies: int
    searched: int
    queries: int
    compared: int
    tried: int
    trains: bool = True
    augmented_epochs: int | None = None


SCALES = {
    "small": {
        "mnist": Scale(None, 1_000, 8, 20, 5_000, 10, 20_000, trains=False),
        "cifar10": Scale(None, 300, 8, 24, 4_000, 8, 10_000, trains=False),
        # The paper's procedure flips no traffic sign in 20,000 queries, which take minutes.
        "gtsrb": Scale(430, 172, 4, 8, 2_000, 0, 0, trains=False),
    },
    "medium": {
        "mnist": Scale(None, 2_000, 150, 200, 20_000, 50, 50_000, augmented_epochs=3),
        "cifar10": Scale(None, 1_000, 150, 200, 20_000, 50, 50_000, augmented_epochs=6),
        "gtsrb": Scale(None, 430, 50, 86, 20_000, 43, 50_000, augmented_epochs=3),
    },
    "full": {data: Scale(None, None, 150, 1_000, 20_000, 200, 50_000) for data in MODELS},
}


def reproduce(
    data: str, scale: str = "small", out: str | Path = "reproduction", networks: Mapping[str, Any] | None = None,
    *, data_dir: str | Path | None = None, on_step: OnStep | None = None, loading: Mapping[str, Any] | None = None,
) -> "Reproduction":
    """Run what the paper did with one data set, in folder out/DATA; a step that is there is not repeated.

    data: "mnist", "cifar10" or "gtsrb"; a scale that trains nothing takes mnist-5k where MNIST's file is not there.
    networks: kinds ("single", "ensemble", "augmented", or any other name) with what `load_classifier` takes; those not
    given are the bundled ones, else trained where the scale says so, else left out. An ensemble whose first member is
    not the single network brings that along, as "member". on_step(what, done, total) tells
    of each step. loading: settings of `load_classifier` for the networks given. Raises InputError for unknown
    names and kinds that are not of a-z, 0-9 and hyphens, RunError where `out` holds runs of another scale or network.
    """
    if data not in MODELS:
        raise unknown_name("data set", data, MODELS)
    if scale not in SCALES:
        raise unknown_name("scale", scale, SCALES)
    for kind in networks or ():
        if not re.fullmatch("[a-z0-9-]+", kind):  # it names folders
            raise InputError(f"a network is called '{kind}'; expected small letters, digits and hyphens.")
    directory = None if data_dir is None else Path(data_dir).expanduser()
    folder = Path(out).expanduser() / data
    size, step = SCALES[scale][data], on_step or _quiet
    images = _test_images(data, size, directory)
    _check_scale(folder, scale, images)
    given = {
        kind: (load_classifier(source, **loading or {}), card_of(source)) for kind, source in (networks or {}).items()
    }
    there = _going_on(folder, _networks(data, size, folder, given, directory, step), given)
    _describe(folder, data, scale, images, there)
    for kind, (classifier, _) in there.items():
        _evaluate(classifier, images.take(size.clean) if size.clean else images, folder / "clean" / f"{kind}.npz")
        swept = images.take(size.swept) if size.swept else images
        run_sweep(classifier, swept, SweepConfig(copies=size.copies), folder / "sweeps" / kind,
                  lambda progress, kind=kind: step(f"noise sweep, {kind}", progress.done, progress.total))  # type: ignore[misc]  # fmt: skip
        _search(classifier, images.take(size.searched), SearchConfig(max_queries=size.queries),
                folder / "searches" / kind, f"minimum noise, {kind}", step)  # fmt: skip
    if size.compared:
        _compare_objectives(there["single"][0], images.take(size.compared), size.tried, folder / "objectives", step)
    return Reproduction(folder)


class Reproduction:
    """What `reproduce` made, finished or not. Needs no TensorFlow. Raises RunError where the folder is none."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        path = self.folder / "reproduction.json"
        if not path.is_file():
            raise RunError(f"{folder} is not a reproduction: it holds no reproduction.json.")
        self.info: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.data, self.scale = str(self.info["data"]), str(self.info["scale"])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The networks, the paper's three first."""
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
        """The sweep of each network, where it has a finished part."""
        return self._runs("sweeps", self.kinds)

    @cached_property
    def searches(self) -> dict[str, SearchRun]:
        """The search of each network, where it has a finished image."""
        return self._runs("searches", self.kinds)

    @cached_property
    def objectives(self) -> dict[str, SearchRun]:
        """The searches of the single network with the paper's procedure, by `objective_name`."""
        names = (objective_name(objective, lambda_) for lambda_ in LAMBDAS for objective in OBJECTIVES)
        return self._runs("objectives", tuple(names))

    def _runs(self, folder: str, names: tuple[str, ...]) -> dict[str, Any]:
        paths = {name: self.folder / folder / name for name in names}
        runs = {name: open_run(path) for name, path in paths.items() if (path / "run.json").is_file()}
        return {name: run for name, run in runs.items() if run.progress[0]}


def trained_as(card: dict[str, Any] | None) -> str | None:
    """How a network was trained, in a line, from its card; None without a card of ours."""
    try:
        recipe, data = (card or {})["recipe"], (card or {})["data"]["training"]
        noise, members = recipe.get("noise"), (card or {}).get("members")
        text = f"{data['images']:,} images of {data['name']}, {recipe['epochs']} epochs"
        if noise is not None:
            what = "drawn afresh" if noise["copies"] is None else f"in {noise['copies']} copies beside the clean images"
            text += f", noise {what}, sigma {', '.join(f'{s:g}' for s in noise['sigmas'])}"
        return text if members is None else f"{text}, each of {len(members)} networks"
    except (KeyError, TypeError, ValueError):
        return None


def objective_name(objective: str, lambda_: float) -> str:
    """The run of the paper's search with this equation and lambda."""
    return f"{objective}-lambda-{lambda_:g}"


def _quiet(what: str, done: int, total: int) -> None:
    pass


def _test_images(data: str, size: Scale, data_dir: Path | None) -> Dataset:
    official = data != "mnist" or size.trains or (data_directory(data_dir) / "mnist.npz").is_file()
    return load_dataset(data, "test", data_dir) if official else load_dataset("mnist-5k")


def _networks(
    data: str, size: Scale, folder: Path, given: dict[str, Network], data_dir: Path | None, step: OnStep
) -> dict[str, Network]:
    """The given networks; of the paper's kinds that are not given the bundled ones, or new ones."""
    model = MODELS[data]
    networks = {}
    for kind in (*NETWORKS, *(kind for kind in given if kind not in NETWORKS)):
        bundled = model if kind == "single" else f"{model}-{kind}"
        if kind in given:
            networks[kind] = given[kind]
        elif bundled in bundled_names():
            networks[kind] = load_classifier(bundled), card_of(bundled)
        elif size.trains:
            networks[kind] = _trained(kind, model, size, folder / "networks" / kind, data_dir, step)
    if "ensemble" in networks and "member" not in networks:
        networks |= _member(networks["ensemble"][0], networks["single"][0])
    shapes = {kind: (c.input_shape, c.num_classes) for kind, (c, _) in networks.items()}
    for kind, shape in shapes.items():
        if shape != shapes["single"]:
            raise InputError(f"the network '{kind}' takes other images or knows other classes than '{model}' does.")
    return networks


def _member(ensemble: "Classifier", single: "Classifier") -> dict[str, Network]:
    """The first member, which the ensemble is held against, where it is not the single network itself.

    A single network that was trained for longer, or otherwise, would say nothing of what an ensemble is good for.
    """
    if ensemble.combine is None:  # not made by make_ensemble
        return {}
    first = ensemble_members(ensemble)[0]
    return {} if first.fingerprint == single.fingerprint else {"member": (first, None)}


def _trained(
    kind: str, model: str, size: Scale, out: Path, data_dir: Path | None, step: OnStep
) -> Network:
    recipe = RECIPES[model]
    if kind == "ensemble":
        result = train_ensemble(
            recipe, out=out, data_dir=data_dir,
            on_batch=lambda member, epoch, batch, batches: step(
                f"training the ensemble, network {member}", epoch * batches + batch, recipe.epochs * batches
            ),
        )  # fmt: skip
        return result.classifier, result.card
    recipe = replace(recipe, noise=TrainingNoise.fixed(15), epochs=size.augmented_epochs or recipe.epochs)
    result = train(
        recipe, out=out, data_dir=data_dir,
        on_batch=lambda epoch, batch, batches: step(
            "training on noisy copies", epoch * batches + batch, recipe.epochs * batches
        ),
    )  # fmt: skip
    return result.classifier, result.card


def _check_scale(folder: Path, scale: str, images: Dataset) -> None:
    if not (folder / "reproduction.json").is_file():
        return
    there = Reproduction(folder).info
    if (there["scale"], there["images"]["fingerprint"]) != (scale, images.fingerprint):
        raise RunError(
            f"{folder} holds a reproduction at scale {there['scale']} on {there['images']['name']}: repeat its "
            "settings, or choose another folder with --out."
        )


def _going_on(folder: Path, networks: dict[str, Network], given: Mapping[str, Network]) -> dict[str, Network]:
    """The networks without those whose name has runs of another one, which was given then and is not given now.

    Refuses another single network, or another one given, before anything of theirs is written over.
    """
    if not (folder / "reproduction.json").is_file():
        return networks
    there = Reproduction(folder).info["networks"]
    others = {
        kind for kind, (classifier, _) in networks.items()
        if kind in there and there[kind]["fingerprint"] != classifier.fingerprint
    }  # fmt: skip
    for kind in others:
        if kind == "single" or kind in given:
            raise RunError(
                f"{folder} holds runs of another network '{kind}' ({there[kind]['name']}): give that one again with "
                f"--network {kind}=PATH, give this one another name, or choose another folder with --out."
            )
    return {kind: network for kind, network in networks.items() if kind not in others}


def _describe(folder: Path, data: str, scale: str, images: Dataset, there: dict[str, Network]) -> None:
    make_folder(folder)
    networks = {
        kind: {"name": c.name, "fingerprint": c.fingerprint, "trained": trained_as(card)}
        for kind, (c, card) in there.items()
    }
    if (folder / "reproduction.json").is_file():  # networks that are not given this time have their runs still
        networks = Reproduction(folder).info["networks"] | networks
    write_json(folder / "reproduction.json", {
        "data": data, "scale": scale, "class_names": list(there["single"][0].class_names),
        "images": {"name": images.name, "split": images.split, "note": images.note, "count": len(images),
                   "fingerprint": images.fingerprint},
        "networks": networks,
    })  # fmt: skip


def _evaluate(classifier: "Classifier", images: Dataset, path: Path) -> None:
    """Write actual and predicted class of each clean image, unless that is there of this network and these images."""
    images = match_classes(classifier, images)
    key = f"{classifier.fingerprint} {images.fingerprint}"
    if path.is_file():
        with np.load(path, allow_pickle=False) as archive:
            if str(archive["key"]) == key:
                return
    predicted: NDArray[np.int64] = classifier.scores(images.images).argmax(axis=1)
    make_folder(path.parent)

    def save(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez_compressed(file, key=np.array(key), labels=images.labels, predicted=predicted)

    write_atomically(path, save)


def _compare_objectives(classifier: "Classifier", images: Dataset, queries: int, folder: Path, step: OnStep) -> None:
    for lambda_ in LAMBDAS:
        for objective in OBJECTIVES:
            name = objective_name(objective, lambda_)
            config = SearchConfig(preset="paper", objective=objective, lambda_=lambda_, max_queries=queries)
            _search(classifier, images, config, folder / name, f"the paper's search, {name}", step)


def _search(
    classifier: "Classifier", images: Dataset, config: SearchConfig, out: Path, what: str, step: OnStep
) -> None:
    done = 0

    def on_result(_: Any) -> None:
        nonlocal done
        done += 1
        step(what, done, len(images))

    run_search(classifier, images, config, out, on_result=on_result)
