"""Imports TensorFlow and Keras when they are first needed, and sets them up once."""

import contextlib
import gc
import inspect
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from importlib.abc import MetaPathFinder
from typing import Any

from tfstab.errors import ModelError
from tfstab.names import printed

# Keras imports them for wrappers, figures and data frames of its users, which takes as long as half of TensorFlow.
OPTIONAL = ("matplotlib", "pandas", "sklearn")
left_out: set[str] = set()  # of these, what Keras must not find when it is imported
_QUIET = threading.RLock()  # two threads that hold back messages at a time would lose stderr
_importing: set[int] = set()  # identifiers of the threads that are importing TensorFlow


def leave_out_optional() -> None:
    """Let Keras be imported without its optional packages, in a process that runs only tfstab."""
    left_out.update(OPTIONAL)


def need_optional() -> None:
    """Let Keras import its optional packages after all, because modules of the user's may use them through Keras."""
    left_out.clear()


@cache
def tensorflow() -> Any:
    """Return the tensorflow module, with its messages silenced.

    GPU memory is allocated as it is needed, so that several processes can share a GPU.

    Raises
    ------
    ModelError
        Keras is set to another backend, or a file of the user's hides a module that TensorFlow imports.
    """
    if threading.get_ident() in _importing:
        raise ModelError(_hiding())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    with quiet_start(), _entered(_importing), _missing(left_out), _uncollected():
        import tensorflow as tf
        from keras.backend import backend
    if backend() != "tensorflow":
        raise ModelError(
            f"Keras runs on the {backend()} backend, and tfstab needs TensorFlow: "
            "unset KERAS_BACKEND, or set it to tensorflow."
        )
    tf.get_logger().setLevel("ERROR")
    return tf


@cache
def keras() -> Any:
    """Return the keras module, on the TensorFlow backend."""
    tensorflow()
    import keras

    return keras


def device_name() -> str:
    """Return the name of the device that computes scores: the first GPU, or CPU."""
    tf = tensorflow()
    gpus = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU") if gpus else "CPU"


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Hold back what C++ code such as TensorFlow's prints while it is loaded, and show it if loading fails.

    Some of it is printed whatever the log level is, and nothing has failed if the user interrupts.
    """
    with _QUIET, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


@contextlib.contextmanager
def _entered(threads: set[int]) -> Iterator[None]:
    """Add this thread to a set for the duration of a `with` block."""
    threads.add(threading.get_ident())
    try:
        yield
    finally:
        threads.remove(threading.get_ident())


def _hiding() -> str:
    """Return a sentence on the file that TensorFlow imports by mistake, and that needs TensorFlow itself."""
    frame = inspect.currentframe()
    while frame is not None:
        module = str(frame.f_globals.get("__name__"))
        if frame.f_code.co_name == "<module>" and module.partition(".")[0] != "tfstab":
            return (
                f"{printed(frame.f_code.co_filename)} hides a module called {printed(module)} that TensorFlow needs: "
                "give this file another name."
            )
        frame = frame.f_back
    return (
        "TensorFlow was needed again while it was still being imported. A file of yours may have the name of a module "
        "that TensorFlow imports: rename it."
    )


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Pause garbage collection, which takes a fifth of the import's time: most imported objects are never freed.

    In a process that runs only tfstab, later collections skip these objects too.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        if left_out:
            gc.freeze()
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _missing(names: set[str]) -> Iterator[None]:
    """Let this thread find no packages of these names, unless they have been imported already."""
    owner = threading.get_ident()

    class Refuse(MetaPathFinder):
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name in names and threading.get_ident() == owner:
                raise ModuleNotFoundError(f"{name} is left out", name=name)

    refuse = Refuse()
    sys.meta_path.insert(0, refuse)
    try:
        yield
    finally:
        sys.meta_path.remove(refuse)
