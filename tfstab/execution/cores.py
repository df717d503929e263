"""How many cores the work at hand may use."""

import os
from contextvars import ContextVar

# What a Dask worker that runs several tasks at a time leaves to each; None elsewhere.
share: ContextVar[int | None] = ContextVar("share", default=None)


def cores() -> int:
    """The cores that this process may run on, or fewer where TensorFlow was told so or tasks share them; 1 or more."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    limits = [there, share.get(), int(told) if told.isdecimal() else None]
    return max(1, min(limit for limit in limits if limit))
