"""Loads Keras' Sequential models faster: each is built once, not again for each of its layers."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from tfstab.classifier import backend

_replacing = threading.RLock()  # held while `built_once` has replaced a method of Keras


@contextlib.contextmanager
def built_once() -> Iterator[None]:
    """Within this context, build Sequential models that this thread makes from their settings only when complete.

    Keras itself builds the model again after each layer that it adds, which for ten layers takes a third of the time
    of loading.
    """
    keras, owner = backend.keras(), threading.get_ident()
    sequential, read = keras.Sequential, keras.saving.deserialize_keras_object

    def from_config(cls: Any, config: Any, custom_objects: Any = None) -> Any:
        ours = cls is sequential and threading.get_ident() == owner
        # Layers without a module are in the older format of .h5 and SavedModel files, which only Keras reads.
        if not ours or "name" not in config or any("module" not in layer for layer in config["layers"]):
            return original.__get__(None, cls)(config, custom_objects)
        layers = [read(layer, custom_objects=custom_objects) for layer in config["layers"]]
        model, shape = cls(layers, name=config["name"]), config.get("build_input_shape")
        if not model.built and shape and isinstance(shape, list | tuple):
            model.build(shape)
        return model

    with _replacing:
        original = sequential.__dict__["from_config"]
        sequential.from_config = classmethod(from_config)
        try:
            yield
        finally:
            sequential.from_config = original
