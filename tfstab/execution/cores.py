"""Counts the processor cores that work may use."""

import os
from contextvars import ContextVar

# Cores of each task on a Dask worker that runs several tasks at a time; None elsewhere.
share: ContextVar[int | None] = ContextVar("share", default=None)


def cores() -> int:
    """Return how many cores this process may use, 1 or more.

    That is all that it may run on, unless TensorFlow's thread count is set or tasks of a Dask worker share them.
    """
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    limits = [there, share.get(), int(told) if told.isdecimal() else None]
    return max(1, min(limit for limit in limits if limit))
