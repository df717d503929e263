"""Connects to a Dask cluster. Every step has a deadline, and a failure is one sentence."""

import asyncio
import contextlib
import logging
import warnings
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

from distributed import Client
from distributed.comm.addressing import get_address_host_port
from distributed.utils import silence_logging_cmgr
from distributed.versions import VersionMismatchWarning, get_versions

from tfstab.errors import InputError, RunError
from tfstab.execution import deadlines
from tfstab.execution.task import differences
from tfstab.execution.workers import LocalWorkers
from tfstab.runs.environment import versions
from tfstab.warning import warn

T = TypeVar("T")
DASK = ("dask", "distributed")  # packages of which scheduler and client should have the same versions


class NoSchedulerError(OSError):
    """The peer is not a Dask scheduler. It is an OSError, after which Dask's client closes itself."""


class PromptClient(Client):
    """A Dask client that gives up if a peer stays silent after the connection, or speaks another protocol.

    Dask's own deadline covers the TCP connection, but not the handshake after it.
    """

    async def _ensure_connected(self, timeout: Any = None) -> None:
        try:
            async with asyncio.timeout(deadlines.CONNECT):
                await super()._ensure_connected(timeout=timeout)  # type: ignore[no-untyped-call]
        except (OSError, ImportError):
            raise
        except Exception as error:  # another protocol can make Dask fail anywhere
            raise NoSchedulerError(type(error).__name__) from error


@contextlib.contextmanager
def connected(cluster: Any) -> Iterator[Client]:
    """Yield a client of the cluster: the given one, which stays open, or a new one for an address or a Dask cluster."""
    if isinstance(cluster, LocalWorkers):
        cluster = cluster.client()
    if isinstance(cluster, Client):
        yield cluster
        return
    if isinstance(cluster, str):
        try:
            get_address_host_port(cluster)
        except ValueError as error:
            raise InputError(f"the cluster is '{cluster}'; expected an address such as tcp://HOST:8786.") from error
    with silence_logging_cmgr(
        logging.CRITICAL + 1
    ):  # errors are raised here as one sentence; Dask would log tracebacks too
        client = _connect(cluster)
        try:
            _compare_dask(client)
            yield client
        finally:
            with contextlib.suppress(TimeoutError):  # the scheduler may be gone
                client.close(timeout=deadlines.CONNECT)


def _connect(cluster: Any) -> Client:
    """Return a client of the cluster at an address, or of a Dask cluster object."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # prints a table; `_compare_dask` writes a sentence
            return PromptClient(cluster, timeout=deadlines.CONNECT, set_as_default=False)  # type: ignore[no-untyped-call]
    except NoSchedulerError as error:
        raise RunError(
            f"what answers at {cluster} is no Dask scheduler, or one of an incompatible version ({error}): check "
            "the address, and install the same version of Dask there."
        ) from error
    except OSError as error:
        raise RunError(
            f"the cluster at {cluster} does not answer: start it with `dask scheduler`, or check the address."
        ) from error
    except ImportError as error:  # Dask raises this if the scheduler cannot serve this client
        raise RunError(
            f"the scheduler at {cluster} has incompatible versions ({' '.join(str(error).split())}): install the "
            "same version of Dask there."
        ) from error


def _compare_dask(client: Client) -> None:
    """Warn if the scheduler has another version of Dask, which may or may not understand this one."""
    address, scheduler = address_of(client), client.scheduler
    assert scheduler is not None
    try:
        there = client.sync(scheduler.versions, callback_timeout=deadlines.CONNECT)["packages"]
    except (OSError, LookupError, TypeError) as error:
        raise RunError(_gone(address)) from error
    here = get_versions()["packages"]
    differing = ", ".join(
        f"{name} {there.get(name)} and not {here[name]}" for name in DASK if there.get(name) != here[name]
    )
    if differing:
        warn(
            f"the scheduler at {address} has {differing}: if the run fails, install the same versions there.",
        )


def check_workers(client: Client) -> dict[str, dict[str, Any]]:
    """Return the scheduler's description of each worker, by address.

    Raises
    ------
    RunError
        There are no workers, none of them answers, or one lacks tfstab or has other versions.
    """
    address = address_of(client)
    try:
        known = client.sync(_first_workers, client, callback_timeout=deadlines.FIRST_WORKER + deadlines.CONNECT)
        answers = client.sync(_ask_each, client, list(known))
    except OSError as error:
        raise RunError(_gone(address)) from error
    if not known:
        raise RunError(f"the cluster at {address} has no workers: start some with `dask worker {address}`.")
    late = [worker for worker, answer in answers.items() if isinstance(answer, TimeoutError)]
    if len(late) == len(answers):
        raise RunError(
            f"none of the {len(late)} workers of {address} answered within {deadlines.FIRST_ANSWER:.0f} seconds: look "
            "at their logs, or start them again."
        )
    for worker, there in answers.items():
        if worker in late:
            warn(_late(worker))
        elif isinstance(there, BaseException):  # whatever a worker's Python raises for a missing package
            raise RunError(
                f"a worker of {address} cannot run tfstab ({there}): install the same version there."
            ) from there
        elif differing := differences(versions(), there):
            raise RunError(f"the cluster's worker {worker} has {differing}: install the same versions on it.")
    found: dict[str, dict[str, Any]] = known
    return found


def _gone(address: str) -> str:
    """Return the message for a scheduler that does not respond."""
    return f"the scheduler at {address} no longer responds: look at its log, or start it again."


def _late(worker: str) -> str:
    """Return the message for a worker that has not answered in time."""
    return (
        f"the cluster's worker {worker} did not answer within {deadlines.FIRST_ANSWER:.0f} seconds: the run starts "
        "with the others."
    )


def address_of(client: Client) -> str:
    """Return the scheduler's address for messages."""
    return str(client.scheduler.address) if client.scheduler is not None else "the cluster"


def in_loop(client: Client, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
    """Start a coroutine in the client's event loop, without waiting for it."""
    loop: Any = client.loop
    return asyncio.run_coroutine_threadsafe(coroutine, loop.asyncio_loop)


async def workers_of(client: Client) -> dict[str, dict[str, Any]]:
    """Return the scheduler's description of each worker, by address."""
    if client.scheduler is None:
        raise OSError("the client is closed")
    workers: dict[str, dict[str, Any]] = (await client.scheduler.identity())["workers"]
    return workers


async def _first_workers(client: Client) -> dict[str, dict[str, Any]]:
    """Wait for a first worker and return the descriptions of all; {} if none comes in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadlines.FIRST_WORKER
    while not (found := await workers_of(client)) and loop.time() < end:
        await asyncio.sleep(0.1)
    return found


async def _ask_each(client: Client, workers: list[str]) -> dict[str, Any]:
    """Return each worker's versions, or its exception. A silent worker does not delay the others."""

    async def ask(worker: str) -> Any:
        """Return a worker's versions, or raise TimeoutError."""
        async with asyncio.timeout(deadlines.FIRST_ANSWER):
            return (await client.run(versions, workers=[worker]))[worker]

    answers = await asyncio.gather(*map(ask, workers), return_exceptions=True)
    return dict(zip(workers, answers, strict=True))
