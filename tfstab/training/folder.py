"""The folder of a training, read with suspicion, as it may be anybody's.

    training.json       settings, figures of each epoch, and which checkpoints are kept
    last-EPOCH.keras    the network after the last epoch, with its optimiser
    best-EPOCH.keras    the network after the best epoch
    NAME.keras, .json   the trained network and its model card, once the training is finished
    run.lock            held by the one process that trains

training.json may name only these checkpoints, none of which may be a link. Each is checked like any `.keras` file of a
stranger before Keras reads it.
"""

import contextlib
import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tfstab import limits
from tfstab.classifier import backend
from tfstab.errors import DISK_ERRORS, RunError, disk_error, on_disk
from tfstab.models import build_model
from tfstab.models.bundled import bundled_card
from tfstab.models.loading import read_untrusted
from tfstab.reading import read_json
from tfstab.runs.atomic import make_folder, remove_temporaries, write_atomically, write_json
from tfstab.runs.files import check_own_file
from tfstab.training.recipes import Recipe

STATE, LOCK = "training.json", "run.lock"
FIGURES = {"epoch", "loss", "accuracy", "validation_loss", "validation_accuracy"}
# What is read of a card: of the finished training, and of an ensemble's members.
CARD: dict[str, type[Any]] = {
    "name": str, "fingerprint": str, "class_names": list, "seed": int, "recipe": dict, "epochs_run": int,
    "best_epoch": int, "data/training/fingerprint": str, "data/training/images": int, "accuracy/test": dict,
}  # fmt: skip
_KINDS = {str: "a text", list: "a list", int: "a whole number", dict: "an object"}
LONGEST_REASON = 200  # characters of what another package says of a damaged file
_CHECKPOINT = re.compile(r"(?:last|best)-\d{4,9}\.keras")


class TrainingFolder:
    """What a training keeps while it lasts, and what it has made in the end."""

    def __init__(self, path: Path, recipe: Recipe) -> None:
        self.path, self.recipe = path, recipe
        self.model_path = path / f"{recipe.name}.keras"
        self.card_path = path / f"{recipe.name}.json"
        self.state_path = path / STATE

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Make the folder and keep other processes from training in it."""
        there = [] if self.state_path.exists() or not self.path.is_dir() else list(self.path.iterdir())
        if any(not path.name.startswith(".") and path.name != LOCK for path in there):
            raise RunError(f"{self.path} holds other files: choose an empty or a new folder with --out.")
        make_folder(self.path)
        check_own_file(self.path / LOCK)
        lock = FileLock(self.path / LOCK)
        with on_disk(self.path):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise RunError(
                    f"another process trains in {self.path}: wait for it, or choose another folder."
                ) from None
        try:
            yield
        finally:
            lock.release()

    def open(self, identity: dict[str, Any]) -> dict[str, Any]:
        """The state so far, empty for a new folder. Raises RunError where it is damaged, or of another training."""
        identity = json.loads(json.dumps(identity))
        with on_disk(self.path):
            for path in (self.state_path, self.model_path, self.card_path):
                check_own_file(path)
            remove_temporaries(self.path, self._is_own)
        if not self.state_path.exists():
            state: dict[str, Any] = {"identity": identity, "history": [], "last": None, "best": None}
            write_json(self.state_path, state)
            return state
        with _damage_reported(self.state_path):
            state = read_json(self.state_path, limits.LARGEST_TRAINING_JSON, finite=False)  # a loss may be infinite
            _check_state(state, self.recipe.epochs)
        if state["identity"] != identity:
            differing = [key for key in identity if state["identity"].get(key) != identity[key]]
            raise RunError(
                f"{self.path} holds a training with another {' and '.join(differing)}: "
                "repeat its settings to resume it, or choose another folder with --out."
            )
        return state

    def save(self, state: dict[str, Any], model: Any, is_best: bool) -> None:
        """Keep one epoch. Files carry the epoch's number, so that training.json always names whole ones."""
        epoch = len(state["history"])
        last = f"last-{epoch:04d}.keras"
        write_atomically(self.path / last, model.save, suffix=".keras")
        stale = {state["last"]}
        state["last"] = last
        state["random"] = [seed.state.numpy().tolist() for seed in _seed_generators(model)]
        if is_best:
            best = f"best-{epoch:04d}.keras"
            write_atomically(self.path / best, lambda path: model.save(path, include_optimizer=False), suffix=".keras")
            stale.add(state["best"])
            state["best"] = best
        write_json(self.state_path, state)
        with on_disk(self.path):
            for name in stale - {None}:
                (self.path / str(name)).unlink(missing_ok=True)

    def last(self, state: dict[str, Any], compile_as_new: Callable[[Any], None], steps: int) -> Any:
        """The network of the last epoch, with its optimiser and the state of its dropout, which Keras does not save.

        compile_as_new: gives a network its optimiser, as none is made from the file. steps: in an epoch.
        """
        path = self.path / state["last"]
        with _damage_reported(path):
            model = self._network(path)
            compile_as_new(model)
            model.optimizer.build(model.trainable_variables)
            model.load_weights(path)  # again, with the optimiser's
            taken, expected = int(model.optimizer.iterations), steps * len(state["history"])
            if taken != expected:
                raise ValueError(f"it was trained for {taken} steps; expected {expected}")
        with _damage_reported(self.state_path):
            for generator, value in zip(_seed_generators(model), state["random"], strict=True):
                generator.state.assign(value)
        return model

    def best(self, state: dict[str, Any]) -> Any:
        """A network with the best epoch's weights that computes in float32.

        After training in bfloat16 the weights are rounded to it, as they were for every batch of the training.
        """
        keras = backend.keras()
        path = self.path / state["best"]
        with _damage_reported(path):
            trained = self._network(path)
        if not self.recipe.mixed_precision:
            return trained
        model = build_model(self.recipe.model)
        for layer, before in zip(model.layers, trained.layers, strict=True):
            for weight, value in zip(layer.trainable_variables, before.trainable_variables, strict=True):
                weight.assign(keras.ops.cast(keras.ops.cast(value, before.compute_dtype), weight.dtype))
        return model

    def discard_working_files(self) -> None:
        with on_disk(self.path):
            for path in list(self.path.iterdir()):
                if _CHECKPOINT.fullmatch(path.name) and (path.is_symlink() or not path.is_dir()):
                    path.unlink()

    def _is_own(self, name: str) -> bool:
        own = (STATE, self.model_path.name, self.card_path.name)
        return name in own or _CHECKPOINT.fullmatch(name) is not None

    def _network(self, path: Path) -> Any:
        """The network in a checkpoint, not compiled."""
        check_own_file(path)
        model = read_untrusted(path)
        card = bundled_card(self.recipe.model)
        if model.count_params() != card["parameters"] or model.output_shape != (None, len(card["class_names"])):
            raise ValueError(f"it is not {self.recipe.model}")
        return model


def read_card(path: Path) -> dict[str, Any]:
    """The model card of a training. Raises RunError where it is damaged."""
    check_own_file(path)
    with _damage_reported(path):
        card: dict[str, Any] = read_json(path, limits.LARGEST_TRAINING_JSON, finite=False)
        for keys, kind in CARD.items():
            value: Any = card
            for key in keys.split("/"):
                value = value[key]
            if type(value) is not kind:
                raise ValueError(f"{keys} is not {_KINDS[kind]}")
    return card


def rank(figures: dict[str, float]) -> tuple[float, float]:
    """How good an epoch is."""
    return figures["validation_accuracy"], -figures["validation_loss"]


def _check_state(state: Any, epochs: int) -> None:
    """Raise an error that says what is wrong where this is not what `TrainingFolder.save` writes."""
    history = state["history"]
    if not isinstance(state["identity"], dict) or not isinstance(history, list) or len(history) > epochs:
        raise ValueError(f"it has no settings, or no list of at most {epochs} epochs")
    best, highest = None, (-1.0, -math.inf)
    for number, figures in enumerate(history, start=1):
        if not isinstance(figures, dict) or not figures.keys() >= FIGURES:
            raise ValueError(f"epoch {number} lacks figures")
        if figures["epoch"] != number or not all(type(value) in (int, float) for value in figures.values()):
            raise ValueError(f"the figures of epoch {number} are not numbers, or of another epoch")
        if not 0 <= figures["validation_accuracy"] <= 1:
            raise ValueError(f"the accuracy of epoch {number} is {figures['validation_accuracy']}")
        if rank(figures) > highest:
            best, highest = number, rank(figures)
    expected = {"last": len(history) or None, "best": best}
    for name, epoch in expected.items():
        if state[name] != (None if epoch is None else f"{name}-{epoch:04d}.keras"):
            raise ValueError(f"'{name}' does not name the checkpoint of epoch {epoch}")
    random = state["random"] if history else []
    if not isinstance(random, list) or not all(_is_random_state(value) for value in random):
        raise ValueError("'random' is not a list of random states")


def _is_random_state(value: Any) -> bool:
    """Whether this is the state of a Keras seed generator: two numbers of 32 bits."""
    return isinstance(value, list) and len(value) == 2 and all(type(n) is int and 0 <= n < 1 << 32 for n in value)


@contextlib.contextmanager
def _damage_reported(path: Path) -> Iterator[None]:
    """Raise a RunError for what goes wrong with this file."""
    try:
        yield
    except RunError:
        raise
    except Exception as error:  # Keras raises nearly anything for a damaged file
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise disk_error(error, path) from error
        reason = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:LONGEST_REASON]
        raise RunError(
            f"{path} is damaged ({reason or type(error).__name__}): restore it, or train anew in another folder."
        ) from error


def _seed_generators(model: Any) -> list[Any]:
    return [layer.seed_generator for layer in model.layers if hasattr(layer, "seed_generator")]
