"""Training an ensemble (paper section 4, "Effect of Ensemble"): networks initialised and trained separately."""

import json
import shutil
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

from tfstab.datasets import Dataset, load_dataset
from tfstab.errors import InputError, RunError
from tfstab.models import NAMES, bundled_card, load_classifier, make_ensemble
from tfstab.runs.atomic import write_atomically, write_json
from tfstab.training.card import ensemble_card
from tfstab.training.recipes import Recipe
from tfstab.training.trainer import TrainingResult, train, training_set

OnMemberEpoch = Callable[[int, dict[str, float]], None]
OnMemberBatch = Callable[[int, int, int, int], None]


def train_ensemble(
    recipe: Recipe, members: int = 5, combine: str = "mean", dataset: Dataset | None = None,
    test: Dataset | None = None, *, out: str | Path, seed: int = 0, data_dir: str | Path | None = None,
    on_epoch: OnMemberEpoch | None = None, on_batch: OnMemberBatch | None = None,
) -> TrainingResult:
    """Train networks with the seeds seed, seed + 1, ... and write `NAME-ensemble.keras` and its card to `out`.

    Each member is a training of its own in out/member-1, out/member-2, ..., resumed as `train` does and kept; more
    members can be added later. The bundled network stands for a member whose recipe, seed and images are its own.
    on_epoch(member, figures) and on_batch(member, epoch, batch, batches) tell of each, members counted from 1. Raises
    as `train` and `make_ensemble`.
    """
    if members < 2:
        raise InputError(f"an ensemble of {members} was asked for; expected 2 members or more.")
    folder = Path(out).expanduser()
    _check_folder(folder, recipe.name)
    dataset = dataset if dataset is not None else training_set(recipe, data_dir)
    test = test if test is not None else load_dataset(recipe.data, "test", data_dir)
    trained = []
    for k in range(1, members + 1):
        place = folder / f"member-{k}"
        _take_bundled(recipe, seed + k - 1, dataset, place)
        trained.append(_member(recipe, dataset, test, place, seed + k - 1, k, on_epoch, on_batch))
    model_path = folder / f"{recipe.name}-ensemble.keras"
    classifier = make_ensemble([member.classifier for member in trained], combine, model_path.stem)
    card = ensemble_card(recipe, classifier, combine, [member.card for member in trained], test)
    write_atomically(model_path, classifier.model.save, suffix=".keras")
    write_json(model_path.with_suffix(".json"), card)
    return TrainingResult(load_classifier(model_path), card, [])


def _member(
    recipe: Recipe, dataset: Dataset, test: Dataset, place: Path, seed: int, number: int,
    on_epoch: OnMemberEpoch | None, on_batch: OnMemberBatch | None,
) -> TrainingResult:
    bundled = place / f"{recipe.model}.keras"
    if bundled.exists() and not (place / "training.json").exists():
        return TrainingResult(load_classifier(bundled), json.loads(bundled.with_suffix(".json").read_text("utf-8")), [])
    return train(
        recipe, dataset, test, out=place, seed=seed,
        on_epoch=None if on_epoch is None else lambda figures: on_epoch(number, figures),
        on_batch=None if on_batch is None else lambda *place: on_batch(number, *place),
    )  # fmt: skip


def _check_folder(folder: Path, name: str) -> None:
    known = {f"{name}-ensemble.keras", f"{name}-ensemble.json"}
    there = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    foreign = sorted(n for n in there if n not in known and not n.startswith((".", "member-")))
    if foreign:
        raise RunError(f"{folder} holds other files ({foreign[0]}): choose an empty or a new folder with --out.")


def _take_bundled(recipe: Recipe, seed: int, dataset: Dataset, place: Path) -> None:
    """Copy the bundled network and its card to an empty place where they are what this training would make."""
    if place.exists() or recipe.model not in NAMES:
        return
    card = bundled_card(recipe.model)
    same = card["seed"] == seed and card["recipe"] == recipe.settings
    if not same or card["data"]["training"]["fingerprint"] != dataset.split_off(recipe.validation, seed)[0].fingerprint:
        return
    making = place.with_name(f".{place.name}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for suffix in (".json", ".keras"):
        with as_file(files("tfstab.resources.models") / f"{recipe.model}{suffix}") as path:
            shutil.copy(path, making)
    making.rename(place)

