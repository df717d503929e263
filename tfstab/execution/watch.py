"""Notices workers and schedulers that no longer respond."""

import time
from concurrent.futures import Future
from typing import Any

from distributed import Client

from tfstab.errors import RunError
from tfstab.execution import deadlines
from tfstab.execution.connection import address_of, in_loop, workers_of
from tfstab.warning import warn


class Watch:
    """Follows the heartbeats of a cluster's workers while a run waits for them.

    An open connection proves nothing: the operating system of a stopped process goes on acknowledging what it receives.

    Parameters
    ----------
    client : distributed.Client
        Connected to the scheduler.
    known : dict
        The scheduler's description of each worker, by address.
    """

    def __init__(self, client: Client, known: dict[str, dict[str, Any]]) -> None:
        self.client, self.known = client, known
        self._last_beat = {worker: there["last_seen"] for worker, there in known.items()}
        self._heard = dict.fromkeys(known, 0.0)  # when each worker was last heard, on `_clock`
        self._any_heard = self._answered = 0.0
        self._warned: set[str] = set()
        self._clock, self._looked = 0.0, time.monotonic()
        self._question: Future[dict[str, dict[str, Any]]] | None = None
        self._asked = -deadlines.CHECK

    @property
    def threads(self) -> int:
        """How many tasks the cluster runs at a time."""
        return sum(there["nthreads"] for there in self.known.values())

    def look(self) -> None:
        """Warn of workers that are silent or respond again. Returns at once.

        Raises
        ------
        RunError
            No worker has been heard for `deadlines.LOST` seconds.
        """
        now = time.monotonic()
        # Only time between checks counts: the command itself may have been suspended, or busy with results.
        self._clock += min(now - self._looked, 2 * deadlines.CHECK)
        self._looked = now
        if self._question is not None and self._question.done():
            self._hear(self._question)
            self._question = None
        if self._question is None and self._clock - self._asked >= deadlines.CHECK:
            self._asked = self._clock
            self._question = in_loop(self.client, workers_of(self.client))
        self._judge()

    def close(self) -> None:
        """Stop waiting for an answer."""
        if self._question is not None:
            self._question.cancel()

    def _hear(self, question: "Future[dict[str, dict[str, Any]]]") -> None:
        """Note when the workers in the scheduler's answer sent their last heartbeats."""
        if question.cancelled() or question.exception() is not None:
            return  # the connection is lost: the client connects again, or cancels the futures
        self.known, self._answered = question.result(), self._clock
        for worker, there in self.known.items():
            if self._last_beat.get(worker) != there["last_seen"]:
                self._last_beat[worker] = there["last_seen"]
                self._heard[worker] = self._any_heard = self._clock
        for worker in set(self._heard) - set(self.known):  # the scheduler has given their work to others
            del self._heard[worker], self._last_beat[worker]
            self._warned.discard(worker)

    def _judge(self) -> None:
        """Warn of what has been silent for too long; raise RunError if nothing has been heard at all."""
        address = address_of(self.client)
        if self._clock - self._any_heard > deadlines.LOST:
            raise RunError(
                f"nothing was heard of the workers of {address} for {deadlines.LOST:.0f} seconds: start them again, "
                "and run the same command to go on; what is finished is kept."
            )
        who, unanswered = f"the cluster's scheduler {address}", self._clock - self._answered > deadlines.SILENT
        self._tell(who, unanswered, f"{_silent(who)}: the run waits for it.", f"{who} responds again.")
        if unanswered:
            return  # then nothing is known of the workers
        self._tell(
            "none",
            not self.known,
            f"the cluster has no workers left: start some with `dask worker {address}`.",
            "the cluster has workers again.",
        )
        for worker, heard in self._heard.items():
            who = f"the cluster's worker {worker}"
            waits = f"{_silent(who)}: its work waits, and others get it if the scheduler gives the worker up."
            self._tell(worker, self._clock - heard > deadlines.SILENT, waits, f"{who} responds again.")

    def _tell(self, key: str, wrong: bool, begun: str, ended: str) -> None:
        """Warn once when something begins to be wrong, and once when it is over."""
        if wrong != (key in self._warned):
            (self._warned.add if wrong else self._warned.remove)(key)
            warn(begun if wrong else ended)


def _silent(who: str) -> str:
    """Return the words for a worker or scheduler that is silent."""
    return f"{who} has not responded for {deadlines.SILENT:.0f} seconds"
