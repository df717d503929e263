"""The folder of a hardening. It may come from a stranger, so its files are checked before they are used.

    hardening.json        settings, number of steps, accuracy after each round, losses of the steps since then, the name
                          of the checkpoint, and at the end the accuracies with each share of the new weights
    checkpoint-STEP.npz   weights and the optimiser's state after so many steps
    NAME-hardened.keras   the hardened network, written at the end, with its model card NAME-hardened.json
    hardening.lock        locked by the process that is hardening

A checkpoint holds arrays only. hardening.json may name only a checkpoint in this folder, and no file may be a link.
"""

import contextlib
import math
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab import limits
from tfstab.datasets.arrays import open_npz
from tfstab.errors import RunError, on_disk
from tfstab.models.archive import save_compressed
from tfstab.reading import read_json
from tfstab.runs.atomic import remove_temporaries, write_atomically, write_json
from tfstab.runs.files import COMPARISON, HARDENING, REPORT, check_own_file
from tfstab.runs.locking import locked
from tfstab.runs.other_model import other_model
from tfstab.training.checks import damage_reported, read_card
from tfstab.training.hardening_card import CARD, summary_of
from tfstab.training.hardening_config import HardenConfig
from tfstab.training.tried_shares import check_tried
from tfstab.training.working_folder import check_identity, discard
from tfstab.wording import OUT

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

STATE, LOCK = HARDENING, "hardening.lock"
AGAIN = "again"  # entry of the state: the folder still has the network of the previous training, which adopted nothing
RAISED = "raised"  # entry of the state: the largest number of steps planned since, if more than at first
_CHECKPOINT = re.compile(r"checkpoint-\d{8,12}\.npz")
_UNFIT = re.compile(r"[^\w.-]+")  # characters that a file name should not have
ROUND = {"step": int, "loss": float, "clean": float}  # the figures of a round, and their types


class HardeningFolder:
    """The files of a hardening.

    Parameters
    ----------
    path : Path
        The folder.
    name : str
        Name of the hardened network.

    Attributes
    ----------
    model_path, card_path, state_path : Path
        Paths of the hardened network, its card and hardening.json.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        stem = _UNFIT.sub("-", name).strip(".-") or "hardened"
        self.model_path, self.card_path = path / f"{stem}.keras", path / f"{stem}.json"
        self.state_path = path / STATE

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Create the folder, and prevent other processes from hardening in it within this context.

        Raises
        ------
        RunError
            Another process is hardening in it.
        """
        with locked(self.path, LOCK, "hardening"):
            yield

    def open(self, identity: dict[str, Any], classifier: "Classifier | None" = None) -> dict[str, Any]:
        """Return the state of the hardening; {} for a new one.

        Parameters
        ----------
        identity : dict
            Settings, and fingerprints of network and images.
        classifier : Classifier, optional
            The network, for an error that says which one the folder is of.

        Raises
        ------
        RunError
            The state is damaged, or belongs to a hardening with another identity.
        """
        with on_disk(self.path):
            for path in (self.state_path, self.model_path, self.card_path):
                check_own_file(path)
            remove_temporaries(self.path, self._is_own)
        if not self.state_path.exists():
            if self.model_path.exists():
                raise RunError(
                    f"{self.path} holds {self.model_path.name} but no {STATE}, the record of how it was made: choose "
                    f"another folder with {OUT}."
                )
            return {}
        with damage_reported(self.state_path):
            state: dict[str, Any] = read_json(self.state_path, limits.LARGEST_TRAINING_JSON)
            _check_state(state)
        was = {"fingerprint": state["identity"].get("network")}
        if classifier is not None and was["fingerprint"] != classifier.fingerprint:
            raise other_model(self.path, was, classifier, comparable=False)
        check_identity(state, identity, self.path, "hardening", HardenConfig().identity)
        return state

    def begin(self, identity: dict[str, Any]) -> dict[str, Any]:
        """Write and return the state of a hardening that has no steps, so that no other is taken for it."""
        state: dict[str, Any] = {"identity": identity, "steps": 0, "watched": 0, "history": []}
        write_json(self.state_path, state)
        return state

    def save(self, state: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Save the arrays after a step, then the state, which names the new checkpoint; the earlier one is deleted."""
        stale = state.get("checkpoint")
        state["checkpoint"] = f"checkpoint-{steps_taken(state):08d}.npz"
        write_atomically(self.path / state["checkpoint"], partial(_write_arrays, arrays), suffix=".npz")
        self.save_state(state)
        if stale is not None and stale != state["checkpoint"]:
            with on_disk(self.path):
                (self.path / stale).unlink(missing_ok=True)

    def save_state(self, state: dict[str, Any]) -> None:
        """Save the state of a training whose checkpoint is saved already."""
        write_json(self.state_path, state)

    def arrays(self, state: dict[str, Any], names: list[str]) -> dict[str, np.ndarray]:
        """Return the arrays of the last checkpoint; raises RunError if it is damaged."""
        path = self.path / state["checkpoint"]
        check_own_file(path)
        with damage_reported(path):
            arrays = dict(zip(names, open_npz(path, names, limits.LARGEST_ARRAY), strict=True))
            if not all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f"):
                raise ValueError("it holds infinite or missing values")
        return arrays

    def finish(self, model: Any, card: dict[str, Any], state: dict[str, Any] | None = None) -> None:
        """Write the card and, unless it is None, the network; `state` is that of its training, if there was any.

        If it was trained again, the report and the comparison of the previous training are deleted first, so that they
        never stand beside the new network. A kill in between leaves the old network, and `again` in the state.
        """
        again = state is not None and state.pop(AGAIN, False)
        with on_disk(self.path):
            for name in (REPORT, COMPARISON) if again else ():
                (self.path / name).unlink(missing_ok=True)
        write_json(self.card_path, card)
        if model is not None:
            write_atomically(self.model_path, partial(save_compressed, model), suffix=".keras")
        if again:
            write_json(self.state_path, state)

    def card(self) -> dict[str, Any]:
        """Read the card of the hardened network; raises RunError if it is damaged."""
        card = read_card(self.card_path, CARD)
        with damage_reported(self.card_path):
            summary_of(card)
            check_tried(card)
            data = card.get("data", {})  # missing in older cards
            if not isinstance(data, dict) or not isinstance(data.get("validation", {}), dict):
                raise ValueError("'data' does not describe the validation images")
        return card

    def discard_checkpoints(self) -> None:
        """Delete the checkpoints of a finished hardening."""
        discard(self.path, _CHECKPOINT)

    def _is_own(self, name: str) -> bool:
        """Return whether a hardening writes a file of this name."""
        own = (STATE, self.model_path.name, self.card_path.name)
        return name in own or _CHECKPOINT.fullmatch(name) is not None


def _check_shares(tried: Any) -> None:
    """Raise ValueError, KeyError or TypeError unless these are accuracies of shares, as `hardening.json` has them."""
    if tried is None:
        return
    if type(tried["images"]) is not int or tried["images"] < 1:
        raise ValueError("the number of images for its shares is not 1 or more")
    for share, *accuracies in tried["figures"]:
        if len(accuracies) != 2 or any(type(part) is not float or not 0 <= part <= 1 for part in (share, *accuracies)):
            raise ValueError("its accuracies of shares are not numbers from 0 to 1")


def _write_arrays(arrays: dict[str, np.ndarray], path: Path) -> None:
    """Write arrays to an npz file."""
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # its stubs take a name for allow_pickle


def steps_taken(state: dict[str, Any]) -> int:
    """Return how many steps a saved training has taken: those until the last round, and those since."""
    history = state["history"]
    return (history[-1]["step"] if history else 0) + len(state.get("losses", []))


def _check_state(state: Any) -> None:
    """Raise ValueError, KeyError or TypeError unless a state is one that `HardeningFolder.save` writes."""
    steps, history = state["steps"], state["history"]
    counts = steps, state["watched"]
    if not isinstance(state["identity"], dict) or any(type(n) is not int or not 0 <= n < 1 << 31 for n in counts):
        raise ValueError("it has no settings, or no numbers of steps and of validation images")
    if not isinstance(history, list) or any(set(figures) != set(ROUND) for figures in history):
        raise ValueError("its history is damaged")
    if type(state.get(AGAIN, False)) is not bool:
        raise ValueError(f"'{AGAIN}' is neither true nor false")
    minutes = state.get("minutes")
    if minutes is not None and (type(minutes) not in (int, float) or not minutes >= 0):
        raise ValueError("its minutes are not a number")
    planned = state.get("planned", steps)
    most = state.get(RAISED, planned)
    if any(type(number) is not int or number >= 1 << 31 for number in (planned, most)) or not steps <= most >= planned:
        raise ValueError("its planned steps are not a number, or fewer than its steps")
    rounds = state.get("rounds", 1)
    if type(rounds) is not int or not rounds >= 1:
        raise ValueError("its rounds are not a number")
    before = 0
    for figures in history:
        if (
            not all(type(figures[name]) is kind for name, kind in ROUND.items())
            or not before < figures["step"] <= steps
        ):
            raise ValueError("its history has figures of a wrong type or in a wrong order")
        before = figures["step"]
    losses = state.get("losses", [])
    if not isinstance(losses, list) or any(type(loss) is not float or not math.isfinite(loss) for loss in losses):
        raise ValueError("its losses are not numbers")
    _check_shares(state.get("tried"))
    taken = steps_taken(state)
    if taken > steps:
        raise ValueError("it has more losses than steps")
    if state.get("checkpoint") != (f"checkpoint-{taken:08d}.npz" if taken else None):
        raise ValueError("'checkpoint' does not name the checkpoint of the last step")
