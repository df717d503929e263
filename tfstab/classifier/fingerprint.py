"""Identifies a model by its layers, operations and weights, whatever names Keras gave them or file they came from."""

import hashlib
import json
from typing import Any

import numpy as np

from tfstab.classifier.keras_graph import as_text, is_functional, nested_layers, settings_of, wiring

# Settings that may differ between equal networks, or do not change a trained network's output.
IRRELEVANT = {"name", "seed", "trainable", "registered_name", "build_config", "shared_object_id"}


def fingerprint(model: Any) -> str:
    """Return the SHA-256 of each layer's class and settings, of how they are connected, and of the weights' values."""
    digest = hashlib.sha256()
    for part in (model, *nested_layers(model)):
        if is_functional(part) and (connected := wiring(part)):
            digest.update(json.dumps(connected, sort_keys=True, default=as_text).encode())
    for layer in nested_layers(model):
        if not hasattr(layer, "layers") or not is_functional(
            layer
        ):  # a subclassed model counts as a layer, with its settings
            settings = json.dumps(_relevant(settings_of(layer)), sort_keys=True, default=as_text)
            digest.update(f"{type(layer).__name__}{settings}".encode())
            if layer.compute_dtype != layer.variable_dtype:  # mixed precision, which does not show in the weights
                digest.update(layer.compute_dtype.encode())
    for weight in model.weights:
        if "seed_generator" not in weight.path:  # the state of dropout, which only training uses
            value = np.ascontiguousarray(weight.numpy())
            digest.update(f"{value.dtype}{value.shape}".encode())
            digest.update(value.data)
    return digest.hexdigest()


def fingerprint_of_text(text: str) -> str:
    """Return the SHA-256 of a text that names a model."""
    return hashlib.sha256(text.encode()).hexdigest()


def _relevant(config: Any) -> Any:
    """Return settings without those that do not change what a trained network computes."""
    if isinstance(config, dict):
        return {
            key: _relevant(value)
            for key, value in config.items()
            if key not in IRRELEVANT and not key.endswith(("_initializer", "_regularizer"))
        }
    if isinstance(config, list | tuple):
        return [_relevant(value) for value in config]
    return config
