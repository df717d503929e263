"""What identifies a model: its layers and weights, not the names Keras gave them or the file they came in."""

import hashlib
import json
from typing import Any

import numpy as np

from tfstab.classifier.keras_graph import is_functional, nested_layers

# Settings that differ between two equal networks or leave a trained network's output as it is.
IRRELEVANT = {"name", "seed", "trainable", "registered_name", "build_config", "shared_object_id"}


def fingerprint(model: Any) -> str:
    """SHA-256 over each layer's class and settings, and the values of all weights, in order."""
    digest = hashlib.sha256()
    for layer in nested_layers(model):
        if not hasattr(layer, "layers") or not is_functional(layer):  # of a subclassed model, its settings count too
            settings = json.dumps(_relevant(_settings(layer)), sort_keys=True, default=str)
            digest.update(f"{type(layer).__name__}{settings}".encode())
            if layer.compute_dtype != layer.variable_dtype:  # mixed precision, which the weights do not show
                digest.update(layer.compute_dtype.encode())
    for weight in model.weights:
        if "seed_generator" not in weight.path:  # dropout's state, which training alone uses
            value = np.ascontiguousarray(weight.numpy())
            digest.update(f"{value.dtype}{value.shape}".encode())
            digest.update(value.data)
    return digest.hexdigest()


def fingerprint_of_text(text: str) -> str:
    """SHA-256 of a text that names a model."""
    return hashlib.sha256(text.encode()).hexdigest()


def _settings(layer: Any) -> Any:
    """A layer's settings; none for one of one's own making that does not tell them."""
    try:
        return layer.get_config()
    except NotImplementedError:
        return {}


def _relevant(config: Any) -> Any:
    if isinstance(config, dict):
        return {
            key: _relevant(value)
            for key, value in config.items()
            if key not in IRRELEVANT and not key.endswith(("_initializer", "_regularizer"))
        }
    if isinstance(config, list | tuple):
        return [_relevant(value) for value in config]
    return config
