"""What runs on a worker: the model, unpacked once in a process, and the shards."""

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
from distributed import get_worker

from tfstab.classifier import Classifier
from tfstab.classifier.backend import device_name
from tfstab.classifier.fingerprint import fingerprint
from tfstab.classifier.function import FunctionClassifier
from tfstab.classifier.keras_graph import nested_layers
from tfstab.errors import InputError, ModelError, RunError
from tfstab.execution.cores import cores, share
from tfstab.models import import_modules
from tfstab.models.archive import check_archive
from tfstab.models.keras_files import read_keras
from tfstab.plugins import registering_modules
from tfstab.runs.environment import PACKAGES, environment

if TYPE_CHECKING:
    from tfstab.models.saved_model import Packed


@dataclass(frozen=True)
class SentModel:
    """A classifier on its way to a worker.

    Attributes
    ----------
    content : bytes
        The model's .keras file, or the pickled predict function.
    is_function : bool
        Whether it is a predict function.
    fingerprint, name, class_names, batch_size
        As those of the classifier.
    imports : tuple of str
        Modules of custom classes, which the workers must have too.
    saved_models : dict
        The files of SavedModels that the model calls, which its .keras file does not contain.
    """

    content: bytes
    is_function: bool
    fingerprint: str
    name: str
    class_names: tuple[str, ...]
    batch_size: int
    imports: tuple[str, ...] = ()
    saved_models: dict[str, "Packed"] = field(default_factory=dict)

    @classmethod
    def pack(cls, classifier: Classifier) -> "SentModel":
        """Pack a classifier; a Keras model only once for all runs in which it has the same weights.

        Raises
        ------
        ModelError
            The model cannot be saved, or is not the same when it is loaded again, as a worker would load it.
        """
        if isinstance(classifier, FunctionClassifier):
            return cls._checked(classifier, _pickled(classifier))
        # The weights as they are now: those of another fingerprint than the classifier's are refused.
        key = f"sent {fingerprint(classifier.model)}"
        sent: SentModel = classifier.kept(key, lambda: cls._checked(classifier, _saved(classifier)))
        return sent

    @classmethod
    def _checked(cls, classifier: Classifier, content: bytes) -> "SentModel":
        """Return a packed classifier that has been unpacked once."""
        is_function = isinstance(classifier, FunctionClassifier)
        sent = cls(
            content,
            is_function,
            classifier.fingerprint,
            classifier.name,
            classifier.class_names,
            classifier.batch_size,
            () if is_function else _custom_modules(classifier),
            {} if is_function else _saved_models(classifier),
        )
        sent.unpack()
        return sent

    def unpack(self) -> Classifier:
        """Return the classifier, or raise ModelError if it is not the one that was packed.

        The content is trusted: it comes from a client of this cluster, who may run any code on it anyway.
        """
        if self.is_function:
            try:
                classifier: Classifier = cloudpickle.loads(self.content)
            except Exception as error:  # importing the modules that a function needs can raise anything
                raise ModelError(
                    f"{self.name} cannot be loaded by a worker ({error}): install the packages and modules that it "
                    "needs on all workers."
                ) from error
            return classifier
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{self.name}.keras".replace("/", "-")
            path.write_bytes(self.content)
            try:
                check_archive(path)
                import_modules(self.imports)
                with self._with_saved_models():
                    model = read_keras(path, self.name, trust=True, is_ours=True)
            except (ModelError, InputError) as error:
                raise ModelError(f"{self.name} cannot be sent to a cluster: {error}") from error
        classifier = Classifier(model, self.class_names, self.name, self.batch_size)
        if classifier.fingerprint != self.fingerprint:
            raise ModelError(f"{self.name} is not the same once saved and loaded, so it cannot be sent to a cluster.")
        return classifier

    def _with_saved_models(self) -> contextlib.AbstractContextManager[None]:
        """Return the context in which the model's .keras file can be loaded."""
        if not self.saved_models:
            return contextlib.nullcontext()
        from tfstab.models.saved_model import unpacked_saved_models

        return unpacked_saved_models(self.saved_models)


def _saved_models(classifier: Classifier) -> dict[str, "Packed"]:
    """Return the files of the SavedModels that the model calls; raise ModelError if they have changed."""
    from tfstab.models.saved_model import pack_saved_models

    return pack_saved_models(classifier.model)


def _saved(classifier: Classifier) -> bytes:
    """Return the bytes of the model's .keras file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        try:
            classifier.model.save(path)
        except Exception as error:  # Keras can raise nearly anything
            raise ModelError(f"{classifier.name} cannot be saved to be sent to the cluster: {error}") from error
        return path.read_bytes()


def _pickled(classifier: Classifier) -> bytes:
    """Return the pickled predict function."""
    try:
        content: bytes = cloudpickle.dumps(classifier)
        return content
    except Exception as error:  # the objects that a function refers to can raise anything
        raise ModelError(
            f"the function of {classifier.name} cannot be sent to a cluster ({error}): use one that can be pickled, or "
            "compute without a cluster."
        ) from error


def _custom_modules(classifier: Classifier) -> tuple[str, ...]:
    """Return the modules of the model's layers that belong neither to Keras nor to tfstab."""
    modules = {type(layer).__module__ for layer in nested_layers(classifier.model)}
    if "__main__" in modules:
        raise ModelError(f"{classifier.name} has classes of the script itself: put them into a module for the workers.")
    return tuple(sorted(m for m in modules if m.partition(".")[0] not in ("keras", "tfstab")))


def same_model(sent: SentModel) -> SentModel:
    """Return the model: a task that holds it on the cluster.

    Scattered data would be lost with the worker that has them; a task is run again.
    """
    return sent


def pack_shard(shard: Any) -> bytes:
    """Return a shard as bytes.

    Dask waits for ever for a worker that cannot read a task; bytes can always be read, and `run_shard` raises what is
    wrong with them. What files of the user's have registered, as with --import, goes with its code.

    Raises
    ------
    InputError
        The shard cannot be pickled, such as a degradation whose function holds a lock.
    """
    try:
        with _sent_whole():
            content: bytes = cloudpickle.dumps(shard)
        return content
    except Exception as error:  # the objects that a function refers to can raise anything
        raise InputError(
            f"the work cannot be sent to a cluster ({error}): use functions that can be pickled, or compute without a "
            "cluster."
        ) from error


@contextlib.contextmanager
def _sent_whole() -> Iterator[None]:
    """Pickle classes and functions of the user's files whole in this context, as workers cannot import them."""
    before = cloudpickle.list_registry_pickle_by_value()
    modules = [module for module in registering_modules() if module.__name__ not in before]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def _unpack_shard(content: bytes, worker: str) -> Any:
    """Return a shard from its bytes, or raise RunError if this worker lacks a module for it or has another version."""
    try:
        return cloudpickle.loads(content)
    except Exception as error:  # importing a user's module can raise anything
        raise RunError(
            f"the cluster's worker {worker} cannot take the work ({error}): install the module that your "
            "degradation or engine needs there too, or define all of it in the file for --import, which is sent along."
        ) from error


def run_shard(
    function: Callable[[Any, Any, Callable[[Any], None]], Any],
    sent: SentModel | None,
    versions: dict[str, str],
    content: bytes,
) -> tuple[dict[str, Any], list[Any], Any]:
    """Return this worker's environment, what the function reported and what it returned for a shard.

    Raises RunError if the worker, which may have joined late, has other versions.

    Parameters
    ----------
    function : callable
        Called as function(classifier, shard, report).
    sent : SentModel or None
        The classifier, packed; None if the function needs none.
    versions : dict
        The versions of the packages that the run was begun with.
    content : bytes
        The shard, packed by `pack_shard`.
    """
    worker = get_worker()
    there = _environment(device_of(sent))
    differing = differences(versions, there["versions"])
    if differing:
        raise RunError(f"the cluster's worker {worker.address} has {differing}: install the same versions on it.")
    threads = worker.state.nthreads
    shard, reported = _unpack_shard(content, worker.address), list[Any]()
    token = share.set(max(1, cores() // threads) if threads > 1 else None)
    try:
        result = function(None if sent is None else _classifier(sent), shard, reported.append)
        return there, reported, result
    finally:
        share.reset(token)


def differences(here: dict[str, str], there: dict[str, str]) -> str:
    """Return in words which packages that affect numbers have other versions there; "" if none has."""
    return ", ".join(
        f"{name} {there[name]} and not {here[name]}" for name in PACKAGES if there.get(name) != here.get(name)
    )


def device_of(sent: SentModel | None) -> str:
    """Return the name of the device that computes here; a predict function is not asked, nor is TensorFlow loaded."""
    return FunctionClassifier.device if sent is not None and sent.is_function else device_name()


@cache
def _environment(device: str) -> dict[str, Any]:
    """Return this worker's versions, device and instruction set."""
    return environment(device)


_unpacked: dict[tuple[str, int], Classifier] = {}
_unpacking = threading.Lock()  # a worker may have several threads


def _classifier(sent: SentModel) -> Classifier:
    """Return the classifier, unpacked at its first shard; the classifier of an earlier run is dropped."""
    key = sent.fingerprint, sent.batch_size
    with _unpacking:
        if key not in _unpacked:
            _unpacked.clear()
            _unpacked[key] = sent.unpack()
        return _unpacked[key]
