"""`execute`: one function over many shards, here or on a cluster."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

Shard = TypeVar("Shard")
Result = TypeVar("Result")


def execute(
    function: Callable[["Classifier", Shard], Result], classifier: "Classifier", shards: Iterable[tuple[str, Shard]],
    cluster: Any = None,
) -> Iterator[tuple[str, Result]]:
    """(name, function(classifier, shard)) for each (name, shard): in order here, as they are done on a cluster.

    Shards are taken from the iterable as they are needed, so that there need never be many of them in memory.
    function: of the classifier and a shard alone, without other effects; on a cluster it is named, not sent, so it
    must be a function of a module. cluster: None for this process, or an address or distributed.Client.
    """
    if cluster is None:
        return ((name, function(classifier, shard)) for name, shard in shards)
    from tfstab.execution.dask import execute_on_cluster

    return execute_on_cluster(function, classifier, shards, cluster)
