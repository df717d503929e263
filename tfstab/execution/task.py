"""What runs on a worker: the model, unpacked once a process, and a shard with it."""

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from distributed import get_worker

from tfstab.classifier import Classifier
from tfstab.classifier.backend import device_name
from tfstab.errors import ModelError, RunError
from tfstab.execution.cores import cores, share
from tfstab.models import load_classifier
from tfstab.runs.environment import PACKAGES, environment, versions


@dataclass(frozen=True)
class SentModel:
    """A classifier on its way: the bytes of its .keras file, and the versions it comes from."""

    content: bytes
    fingerprint: str
    name: str
    class_names: tuple[str, ...]
    batch_size: int
    versions: tuple[tuple[str, str], ...]

    @classmethod
    def pack(cls, classifier: Classifier) -> "SentModel":
        """Raises ModelError for a model that could not be loaded from its file, as its worker does."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            try:
                classifier.model.save(path)
            except Exception as error:  # Keras raises nearly anything
                raise ModelError(f"{classifier.name} cannot be saved to be sent to the cluster: {error}") from error
            sent = cls(
                path.read_bytes(), classifier.fingerprint, classifier.name, classifier.class_names,
                classifier.batch_size, tuple(versions().items()),
            )  # fmt: skip
        sent.unpack()
        return sent

    def unpack(self) -> Classifier:
        """The classifier. Raises ModelError where it is not the one that was packed."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{self.name}.keras".replace("/", "-")
            path.write_bytes(self.content)
            model = load_classifier(path).model
        classifier = Classifier(model, self.class_names, self.name, self.batch_size)
        if classifier.fingerprint != self.fingerprint:
            raise ModelError(f"{self.name} is not the same once saved and loaded, so it cannot be sent to a cluster.")
        return classifier


def same_model(sent: SentModel) -> SentModel:
    """A task that gives the model. Scattered data would be lost with its worker; a task is run again."""
    return sent


def run_shard(function: Callable[[Classifier, Any], Any], sent: SentModel, shard: Any) -> tuple[dict[str, Any], Any]:
    """(what this worker computes with, function(classifier, shard)).

    Raises RunError where the worker, which may have joined late, has other versions.
    """
    worker = get_worker()
    differing = differences(dict(sent.versions), _environment()["versions"])
    if differing:
        raise RunError(f"the cluster's worker {worker.address} has {differing}: install the same versions on it.")
    threads = worker.state.nthreads
    token = share.set(max(1, cores() // threads) if threads > 1 else None)
    try:
        return _environment(), function(_classifier(sent), shard)
    finally:
        share.reset(token)


def differences(here: dict[str, str], there: dict[str, str]) -> str:
    """Which of the packages that make the numbers have other versions there, in words; "" for none."""
    return ", ".join(
        f"{name} {there[name]} and not {here[name]}" for name in PACKAGES if there.get(name) != here.get(name)
    )


@cache
def _environment() -> dict[str, Any]:
    return environment(device_name())


_unpacked: dict[tuple[str, int], Classifier] = {}
_unpacking = threading.Lock()  # a worker may have several threads


def _classifier(sent: SentModel) -> Classifier:
    """The classifier, unpacked at the first shard; the one of an earlier run is let go."""
    key = sent.fingerprint, sent.batch_size
    with _unpacking:
        if key not in _unpacked:
            _unpacked.clear()
            _unpacked[key] = sent.unpack()
        return _unpacked[key]
