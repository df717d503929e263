"""The folder of a training. Its origin is unknown, so its files are checked before they are used.

    training.json       settings, loss and accuracy of each epoch, and the names of the checkpoints
    last-EPOCH.keras    the network after the last epoch, with its optimiser
    best-EPOCH.keras    the network after the best epoch
    NAME.keras, .json   the trained network and its model card, once the training is finished
    test.npz            the test images, if they were held out of the images given
    run.lock            locked by the process that is training

training.json may name only these checkpoints, and none of the files may be a link. Each checkpoint is checked like any
other `.keras` file of unknown origin before Keras reads it.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tfstab import limits
from tfstab.classifier import backend
from tfstab.errors import RunError, on_disk
from tfstab.models import build_model
from tfstab.models.keras_files import read_untrusted
from tfstab.reading import read_json
from tfstab.runs.atomic import remove_temporaries, write_atomically, write_json
from tfstab.runs.files import check_own_file
from tfstab.runs.locking import locked
from tfstab.training.checks import check_state, damage_reported
from tfstab.training.recipes import Recipe
from tfstab.training.working_folder import check_identity, discard
from tfstab.wording import OUT

STATE, LOCK, TEST = "training.json", "run.lock", "test.npz"
_CHECKPOINT = re.compile(r"(?:last|best)-\d{4,9}\.keras")


class TrainingFolder:
    """The files of a training: its state and checkpoints while it runs, the network and its card when finished.

    Parameters
    ----------
    path : Path
        The folder.
    recipe : Recipe
        How the network is trained.
    classes : int, optional
        Number of the network's outputs; by default the paper's.

    Attributes
    ----------
    model_path, card_path, state_path, test_path : Path
        Paths of the trained network, its card, training.json and the test images that were held out.
    """

    def __init__(self, path: Path, recipe: Recipe, classes: int | None = None) -> None:
        """Derive the names of the files; nothing is read or written yet."""
        self.path, self.recipe, self.classes = path, recipe, classes
        self.model_path = path / f"{recipe.name}.keras"
        self.card_path = path / f"{recipe.name}.json"
        self.state_path, self.test_path = path / STATE, path / TEST

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Create the folder, and prevent other processes from training in it within this context.

        Raises
        ------
        RunError
            The folder holds other files, or another process is training in it.
        """
        there = [] if self.state_path.exists() or not self.path.is_dir() else list(self.path.iterdir())
        if any(not path.name.startswith(".") and path.name != LOCK for path in there):
            raise RunError(f"{self.path} holds other files: choose an empty or a new folder with {OUT}.")
        with locked(self.path, LOCK, "training"):
            yield

    def open(self, identity: dict[str, Any]) -> dict[str, Any]:
        """Read the state of the training, or create that of a new one.

        Parameters
        ----------
        identity : dict
            Recipe, seed and fingerprint of the data.

        Returns
        -------
        dict
            Content of training.json.

        Raises
        ------
        RunError
            The state is damaged, or belongs to a training with another identity.
        """
        with on_disk(self.path):
            for path in (self.state_path, self.model_path, self.card_path, self.test_path):
                check_own_file(path)
            remove_temporaries(self.path, self._is_own)
        if not self.state_path.exists():
            state: dict[str, Any] = {"identity": identity, "history": [], "last": None, "best": None}
            write_json(self.state_path, state)
            return state
        with damage_reported(self.state_path):
            state = read_json(self.state_path, limits.LARGEST_TRAINING_JSON, finite=False)  # the loss may be infinite
            check_state(state, self.recipe.epochs)
        check_identity(state, identity, self.path, "training")
        return state

    def save(self, state: dict[str, Any], model: Any, is_best: bool) -> None:
        """Save the network after an epoch, then the state.

        The names of checkpoints contain the epoch, so training.json never names one that is only partly written.

        Parameters
        ----------
        state : dict
            Content of training.json, with the new epoch in its history; it gets the names of the checkpoints.
        model : keras.Model
            The network.
        is_best : bool
            Whether this is the best epoch so far.
        """
        epoch = len(state["history"])
        last = f"last-{epoch:04d}.keras"
        write_atomically(self.path / last, model.save, suffix=".keras")
        stale = {state["last"]}
        state["last"] = last
        state["random"] = [seed.state.numpy().tolist() for seed in _seed_generators(model)]
        if is_best:
            best = f"best-{epoch:04d}.keras"
            write_atomically(self.path / best, model.save, suffix=".keras")
            stale.add(state["best"])
            state["best"] = best
        write_json(self.state_path, state)
        with on_disk(self.path):
            for name in stale - {None}:
                (self.path / str(name)).unlink(missing_ok=True)

    def last(self, state: dict[str, Any], compile_as_new: Callable[[Any], None], steps: int) -> Any:
        """Load the network of the last epoch to continue its training.

        The state of the optimiser comes from the checkpoint; that of dropout, which Keras does not save, from `state`.

        Parameters
        ----------
        state : dict
            Content of training.json.
        compile_as_new : callable
            Function that compiles a network with a new optimiser and creates its variables; the file's own settings for
            it are not used.
        steps : int
            Number of batches in an epoch.

        Returns
        -------
        keras.Model
            The network, compiled.

        Raises
        ------
        RunError
            The checkpoint is damaged, or is not one of this training.
        """
        path = self.path / state["last"]
        with damage_reported(path):
            model = self._network(path)
            compile_as_new(model)
            model.load_weights(path)  # a second time, now with the optimiser's state
            taken, expected = int(model.optimizer.iterations), steps * len(state["history"])
            if taken != expected:
                raise ValueError(f"it was trained for {taken} steps; expected {expected}")
        with damage_reported(self.state_path):
            for generator, value in zip(_seed_generators(model), state["random"], strict=True):
                generator.state.assign(value)
        return model

    def best(self, state: dict[str, Any]) -> Any:
        """Load the network of the best epoch, computing in float32.

        After training in bfloat16 the weights are rounded to bfloat16, as they were in every batch of the training.

        Parameters
        ----------
        state : dict
            Content of training.json.

        Returns
        -------
        keras.Model
            The network.

        Raises
        ------
        RunError
            The checkpoint is damaged.
        """
        keras = backend.keras()
        path = self.path / state["best"]
        with damage_reported(path):
            trained = self._network(path)
        if not self.recipe.mixed_precision:
            return trained
        model = build_model(self.recipe.model, classes=self.classes)
        for layer, before in zip(model.layers, trained.layers, strict=True):
            for weight, value in zip(layer.trainable_variables, before.trainable_variables, strict=True):
                weight.assign(keras.ops.cast(keras.ops.cast(value, before.compute_dtype), weight.dtype))
        return model

    def discard_working_files(self) -> None:
        """Delete the checkpoints."""
        discard(self.path, _CHECKPOINT)

    def _is_own(self, name: str) -> bool:
        """Return True if a training writes a file of this name."""
        own = (STATE, TEST, self.model_path.name, self.card_path.name)
        return name in own or _CHECKPOINT.fullmatch(name) is not None

    def _network(self, path: Path) -> Any:
        """Load the network of a checkpoint, not compiled."""
        check_own_file(path)
        model = read_untrusted(path)
        expected = build_model(self.recipe.model, classes=self.classes)
        if [weight.shape for weight in model.weights] != [weight.shape for weight in expected.weights]:
            raise ValueError(f"it is not {self.recipe.model} with {expected.output_shape[1]} outputs")
        return model


def _seed_generators(model: Any) -> list[Any]:
    """Return the seed generators of the model's layers, whose state Keras does not save."""
    return [layer.seed_generator for layer in model.layers if hasattr(layer, "seed_generator")]
