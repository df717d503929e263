"""Sequential models of Keras are built once while they are loaded, not again for each of their layers."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from tfstab.classifier import backend

_replacing = threading.RLock()  # held while `built_once` has replaced a method of Keras'


@contextlib.contextmanager
def built_once() -> Iterator[None]:
    """Within this context, let Sequential models that this thread makes from their settings be built when complete.

    Keras adds one layer after the other and builds what there is each time, which for ten layers takes a third of the
    time of loading.
    """
    keras, owner = backend.keras(), threading.get_ident()
    sequential, read = keras.Sequential, keras.saving.deserialize_keras_object

    def from_config(cls: Any, config: Any, custom_objects: Any = None) -> Any:
        ours = cls is sequential and threading.get_ident() == owner
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
