"""Training of ensembles (the paper's section 4, "Effect of Ensemble"), each member separately from its own start."""

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from tfstab.datasets import Dataset
from tfstab.errors import InputError, RunError
from tfstab.execution import executor
from tfstab.models import NAMES, bundled_card, load_classifier, make_ensemble
from tfstab.models.archive import save_compressed
from tfstab.models.ensemble import check_combine
from tfstab.paths import user_path
from tfstab.runs.atomic import write_atomically, write_folder, write_json
from tfstab.runs.files import check_own_file
from tfstab.training.card import ensemble_card
from tfstab.training.checks import read_card
from tfstab.training.folder import TEST
from tfstab.training.images import training_material
from tfstab.training.recipes import Recipe
from tfstab.training.trainer import TrainingResult, train
from tfstab.wording import OUT

Epoch = tuple[int, dict[str, float]]  # a member's number, and the figures of one of its epochs
OnMemberEpoch = Callable[[int, dict[str, float]], None]
OnMemberBatch = Callable[[int, int, int, int], None]


def train_ensemble(
    recipe: Recipe,
    members: int = 5,
    combine: str = "mean",
    dataset: Dataset | None = None,
    test: Dataset | None = None,
    *,
    out: str | Path,
    seed: int = 0,
    data_dir: str | Path | None = None,
    on_epoch: OnMemberEpoch | None = None,
    on_batch: OnMemberBatch | None = None,
    cluster: Any = None,
) -> TrainingResult:
    """Train the members of an ensemble, and write `NAME-ensemble.keras` and its model card.

    Member k is trained by `train` with the seed `seed` + k - 1 in the folder out/member-k. Finished members are kept
    and an interrupted one is resumed, so more members can be added later. If the recipe, seed and images of a member
    are those of the bundled network, that network is used instead of training it again, whichever precision it was
    trained in.

    Parameters
    ----------
    recipe : Recipe
        How each member is trained.
    members : int
        Number of members, 2 or more.
    combine : str
        How to combine the members' scores; see `make_ensemble`.
    dataset, test : Dataset, optional
        The training images and the test images, as in `train`.
    out : str or Path
        Folder for the members and the ensemble.
    seed : int
        Seed of the first member.
    data_dir : str or Path, optional
        Folder of the official data sets.
    on_epoch : callable, optional
        Called as on_epoch(member, figures) after each epoch; members are counted from 1.
    on_batch : callable, optional
        Called as on_batch(member, epoch, batch, batches) after each batch.
    cluster : str or distributed.Client, optional
        A Dask scheduler's address, or a client, to train the members at the same time on its workers. Workers load
        the recipe's data themselves unless `dataset` is given. A member is then kept, and `on_epoch` called for all of
        its epochs, only when it is finished. Its weights agree with those trained in this process up to rounding,
        because gradients are summed by other threads.

    Returns
    -------
    TrainingResult
        The ensemble and its card, without a history.

    Raises
    ------
    InputError
        There are fewer than 2 members, or there is no such combination.
    RunError
        `out` holds other files, or trainings with other settings.
    DataError
        The data set cannot be loaded, or `train` refuses its images.

    References
    ----------
    Aghdam, Heravi and Puig, section 4, "Effect of Ensemble".

    Examples
    --------
    >>> from dataclasses import replace
    >>> from tfstab.training import RECIPES, train_ensemble
    >>> recipe = replace(RECIPES["mnist-lenet"], epochs=1, batch_size=16)
    >>> images = tfstab.load_dataset("mnist-5k").take(40).without(digits)
    >>> train_ensemble(recipe, 2, dataset=images, test=digits, out="runs/ensemble").classifier.name
    'mnist-lenet-ensemble'
    """
    if members < 2:
        raise InputError(f"an ensemble of {members} was asked for; expected 2 members or more.")
    check_combine(combine)
    folder = user_path(out)
    _check_folder(folder, recipe.name)
    material = training_material(recipe, dataset, test, data_dir, seed)
    given = (None, test) if dataset is None else (material.train, material.test)
    dataset, test = material.train, material.test
    places = {k: folder / f"member-{k}" for k in range(1, members + 1)}
    for k, place in places.items():
        _take_bundled(recipe, seed + k - 1, dataset, place)
    new = {k: place for k, place in places.items() if not place.exists()}
    _train_ahead(recipe, seed, new, given, data_dir, cluster, on_epoch)
    trained = []
    for k, place in places.items():
        trained.append(_member(recipe, dataset, test, place, seed + k - 1, k, on_epoch, on_batch))
    material.save_held_out(folder / TEST)
    model_path = folder / f"{recipe.name}-ensemble.keras"
    classifier = make_ensemble([member.classifier for member in trained], combine, model_path.stem)
    card = ensemble_card(recipe, classifier, combine, [member.card for member in trained], test)
    write_atomically(model_path, partial(save_compressed, classifier.model), suffix=".keras")
    write_json(model_path.with_suffix(".json"), card)
    return TrainingResult(classifier, card, [])


def _member(
    recipe: Recipe,
    dataset: Dataset,
    test: Dataset,
    place: Path,
    seed: int,
    number: int,
    on_epoch: OnMemberEpoch | None,
    on_batch: OnMemberBatch | None,
) -> TrainingResult:
    """Train or open a member; `number` counts from 1."""
    if _is_bundled(recipe, place):
        bundled = place / f"{recipe.model}.keras"
        return TrainingResult(load_classifier(bundled), read_card(bundled.with_suffix(".json")), [])
    return train(
        recipe,
        dataset,
        test,
        out=place,
        seed=seed,
        on_epoch=None if on_epoch is None else lambda figures: on_epoch(number, figures),
        on_batch=None if on_batch is None else lambda *place: on_batch(number, *place),
    )


@dataclass(frozen=True, eq=False)
class MemberShard:
    """The training of one member, as it is sent to a worker.

    Attributes
    ----------
    number : int
        Number of the member, counted from 1.
    recipe : Recipe
        How the member is trained.
    seed : int
        Seed of its training.
    dataset, test : Dataset or None
        Training and test images; None if the worker is to load the recipe's own.
    data_dir : str or None
        Folder of the official data sets on the worker.
    """

    number: int
    recipe: Recipe
    seed: int
    dataset: Dataset | None
    test: Dataset | None
    data_dir: str | None


def train_shard(_: None, shard: MemberShard, report: Callable[[Epoch], None]) -> dict[str, bytes]:
    """Train a member on a worker.

    Parameters
    ----------
    _ : None
        Not used; the executor passes its classifier, of which a training needs none.
    shard : MemberShard
        The training.
    report : callable
        Called with the number of the member and the figures of an epoch, after each epoch.

    Returns
    -------
    dict
        Content of the files in the training's folder, by name.
    """
    with tempfile.TemporaryDirectory() as folder:
        train(
            shard.recipe,
            shard.dataset,
            shard.test,
            out=folder,
            seed=shard.seed,
            data_dir=shard.data_dir,
            on_epoch=lambda figures: report((shard.number, figures)),
        )
        return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.name != "run.lock"}


def _train_ahead(
    recipe: Recipe,
    seed: int,
    places: dict[int, Path],
    data: tuple[Dataset | None, Dataset | None],
    data_dir: str | Path | None,
    cluster: Any,
    on_epoch: OnMemberEpoch | None,
) -> None:
    """Train the members on the cluster, if there is one, and write the folder of each when it is finished."""
    directory = None if data_dir is None else str(data_dir)
    shards = ((f"member-{k}", MemberShard(k, recipe, seed + k - 1, *data, directory)) for k in places)

    def report(epoch: Epoch) -> None:
        if on_epoch is not None:
            on_epoch(*epoch)

    with (
        executor(None, cluster, needed=bool(places)) as workers,
        contextlib.closing(workers.run_ahead(train_shard, shards, report)) as results,
    ):
        for name, content in results:
            write_folder(places[int(name.rpartition("-")[2])], content)


def _check_folder(folder: Path, name: str) -> None:
    """Raise RunError if the folder holds anything but this ensemble and its members."""
    known = {f"{name}-ensemble.keras", f"{name}-ensemble.json", TEST}
    there = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    foreign = sorted(n for n in there if n not in known and not n.startswith((".", "member-")))
    if foreign:
        raise RunError(f"{folder} holds other files ({foreign[0]}): choose an empty or a new folder with {OUT}.")


def _take_bundled(recipe: Recipe, seed: int, dataset: Dataset, place: Path) -> None:
    """Copy the bundled network and its card to a new folder if this training would produce that network.

    Raise RunError if the folder already holds the bundled network, copied there for another training.
    """
    if place.is_symlink():
        raise RunError(f"{place} is a link; expected a folder: replace it by a copy of the folder, or remove it.")
    if _is_bundled(recipe, place):
        check_own_file(place / f"{recipe.model}.keras")
        if not _is_of(read_card(place / f"{recipe.model}.json"), recipe, seed, dataset):
            raise RunError(
                f"{place} holds the bundled {recipe.model}, whose recipe, seed or images differ from those of this "
                f"training: use the settings of the first run, or choose another folder with {OUT}."
            )
    if place.exists() or recipe.model not in NAMES:
        return
    if not _is_of(bundled_card(recipe.model), recipe, seed, dataset):
        return
    names = [recipe.model + suffix for suffix in (".json", ".keras")]
    write_folder(place, {name: (files("tfstab.resources.models") / name).read_bytes() for name in names})


def _is_bundled(recipe: Recipe, place: Path) -> bool:
    """Return True if the folder holds a copy of the bundled network instead of a training."""
    return (place / f"{recipe.model}.keras").exists() and not (place / "training.json").exists()


def _is_of(card: dict[str, Any], recipe: Recipe, seed: int, dataset: Dataset) -> bool:
    """Return True if the training would produce the network with this card, whichever precision it was trained in."""
    theirs, own = ({**settings, "mixed_precision": None} for settings in (card["recipe"], recipe.settings))
    if card["seed"] != seed or theirs != own:
        return False
    same: bool = card["data"]["training"]["fingerprint"] == dataset.split_off(recipe.validation, seed)[0].fingerprint
    return same
