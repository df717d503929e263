"""Work that Ctrl-C must not end in the middle."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let SIGINT, the signal of Ctrl-C, wait for the end of this context, which should be short.

    Only the main thread gets signals, so elsewhere this does nothing.

    Examples
    --------
    >>> from tfstab.execution.undisturbed import undisturbed
    >>> balance = {"from": 5, "to": 0}
    >>> with undisturbed():
    ...     balance["from"] -= 1
    ...     balance["to"] += 1
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    came: list[Any] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)
