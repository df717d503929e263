"""The contract of execution: one function over many shards of work, in this process or on a cluster."""

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tfstab.errors import InputError

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

Shard = TypeVar("Shard")
Result = TypeVar("Result")
Report = Callable[[Any], None]  # takes what a shard's function has to say while it works: rows done, results, figures
Function = Callable[[Any, Shard, Report], Result]  # of the classifier, a shard and what takes its reports
Named = Iterable[tuple[str, Shard]]


FEWEST_PIECES = 16  # into which items for a cluster are divided if there are enough, so that several workers have some


def ignore(_: Any) -> None:
    """Take a report and do nothing."""


class Executor(Protocol):
    """Runs shards of work, with the classifier that it was made for."""

    def run(
        self, function: Function[Shard, Result], shards: Named[Shard], report: Report = ignore
    ) -> Generator[tuple[str, Result], None, None]:
        """Yield the name and the result of each shard: in order in this process, as they are done on a cluster.

        Closing the generator cancels the shards that have not begun.

        Parameters
        ----------
        function : callable
            Called as function(classifier, shard, report). A cluster needs a function of a module, and may call it more
            than once for a shard.
        shards : iterable of (str, shard)
            Names and shards. They are taken as they are needed, so that few are in memory at a time.
        report : callable
            Gets whatever `function` reports, in this thread: at once in this process; from a cluster, when the shard
            is done, and just before its result.

        Raises
        ------
        Exception
            Whatever the function raises.
        RunError
            The cluster was lost.
        """

    def run_ahead(
        self, function: Function[Shard, Result], shards: Named[Shard], report: Report = ignore
    ) -> Generator[tuple[str, Result], None, None]:
        """Run shards as `run` does, if other processes can do so at the same time; otherwise yield nothing.

        For work that the caller does itself, where its results are needed, unless it was done ahead.
        """

    def split(self, count: int, largest: int) -> list[slice]:
        """Divide items into shards: one of them all in this process; on a cluster, enough for several workers.

        Parameters
        ----------
        count : int
            How many items there are.
        largest : int
            Items that a shard for a cluster has at most.
        """


@contextlib.contextmanager
def executor(classifier: "Classifier | None", cluster: Any = None, needed: bool = True) -> Iterator[Executor]:
    """Yield an Executor for this process or for a cluster.

    A cluster is connected and checked before any work is done.

    Parameters
    ----------
    classifier : Classifier or None
        What is handed to the function of the shards; None if it needs none.
    cluster : str or distributed.Client or LocalWorkers, optional
        Address of a Dask scheduler ("tcp://HOST:8786"), a client, or workers that are started when they are needed.
        None for this process.
    needed : bool
        False if no work is left, as far as is known. Then no cluster is connected and no model is sent; work that
        turns up all the same is done in this process.

    Raises
    ------
    InputError
        Dask is not installed, or the address is not one.
    RunError
        The cluster does not respond, or its workers have other versions.
    ModelError
        The model cannot be sent.
    """
    if cluster is None or not needed:
        yield _Here(classifier)
        return
    require_dask()
    from tfstab.execution.cluster import on_cluster

    with on_cluster(classifier, cluster) as workers:
        yield workers


def pieces(count: int, largest: int) -> list[slice]:
    """Divide items into pieces of equal size, of which only the last one may be smaller: see `Executor.split`."""
    size = min(largest, max(1, count // FEWEST_PIECES))
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def require_dask() -> None:
    """Raise InputError if Dask distributed is not installed."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise InputError("a cluster needs Dask distributed: install it with pip install 'tfstab[cluster]'.") from None


class _Here:
    """An Executor that runs one shard after the other in this process."""

    def __init__(self, classifier: "Classifier | None") -> None:
        self.classifier = classifier

    def run(
        self, function: Function[Shard, Result], shards: Named[Shard], report: Report = ignore
    ) -> Generator[tuple[str, Result], None, None]:
        """Run shards one after the other: see `Executor.run`."""
        return ((name, function(self.classifier, shard, report)) for name, shard in shards)

    def run_ahead(
        self, function: Function[Shard, Result], shards: Named[Shard], report: Report = ignore
    ) -> Generator[tuple[str, Result], None, None]:
        """Run nothing: see `Executor.run_ahead`."""
        yield from ()

    def split(self, count: int, largest: int) -> list[slice]:
        """Return all items as one shard: see `Executor.split`."""
        return [slice(0, count)] if count else []
