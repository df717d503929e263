"""The contract of execution: one function over many shards, here or on a cluster."""

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tfstab.errors import InputError

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

Shard = TypeVar("Shard")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs shards of work with the classifier that it was made for."""

    def run(
        self, function: Callable[["Classifier", Shard], Result], shards: Iterable[tuple[str, Shard]]
    ) -> Generator[tuple[str, Result], None, None]:
        """(name, function(classifier, shard)) for each (name, shard): in order here, as they are done on a cluster.

        function: a function of a module, of the classifier and a shard alone; a cluster may call it more than once for
        a shard. Shards are taken from the iterable as they are needed, so that few are in memory at a time. An
        exception of the function is raised here. Closing the iterator cancels what has not begun.
        """


@contextlib.contextmanager
def executor(classifier: "Classifier", cluster: Any = None) -> Iterator[Executor]:
    """An Executor for this process (None), or for a cluster: an address ("tcp://HOST:8786") or a distributed.Client.

    Raises, before any work is done, InputError where Dask is not installed, RunError where the cluster does not answer
    or has other versions, ModelError where the model cannot be sent.
    """
    if cluster is None:
        yield _Here(classifier)
        return
    require_dask()
    from tfstab.execution.cluster import on_cluster

    with on_cluster(classifier, cluster) as there:
        yield there


def require_dask() -> None:
    """Raise InputError where Dask distributed is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise InputError("a cluster needs Dask distributed: install it with pip install 'tfstab[cluster]'.") from None


class _Here:
    """In this process, one shard after the other."""

    def __init__(self, classifier: "Classifier") -> None:
        self.classifier = classifier

    def run(
        self, function: Callable[["Classifier", Shard], Result], shards: Iterable[tuple[str, Shard]]
    ) -> Generator[tuple[str, Result], None, None]:
        return ((name, function(self.classifier, shard)) for name, shard in shards)
