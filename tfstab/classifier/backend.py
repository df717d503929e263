"""Imports TensorFlow and Keras when they are first needed, and sets them up once."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from typing import Any

from tfstab.errors import ModelError


@cache
def tensorflow() -> Any:
    """Return the tensorflow module, with its messages silenced.

    GPU memory is allocated as it is needed, so that several processes can share a GPU.

    Raises
    ------
    ModelError
        Keras is set to another backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    with _quiet_start():
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
def _quiet_start() -> Iterator[None]:
    """Hold back what TensorFlow's C++ code prints while it is loaded, and show it if loading fails.

    Some of it is printed whatever the log level is.
    """
    with tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
