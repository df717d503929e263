"""Matrix products of a search in one thread: they are small, and more threads would take cores from the model."""

import functools
from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which NumPy's matrix products use one thread."""
    limited: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limited


@functools.cache
def _libraries() -> ThreadpoolController:
    """Find the libraries once, as that takes milliseconds; NumPy's is loaded before any search."""
    return ThreadpoolController()
