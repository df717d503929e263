"""The layers of a Keras model and how they are connected: the one module that reads Keras' private attributes.

Keras has no public way to list nested layers or to follow an output back through the layers; a new version of Keras may
rename what is read here, and tests/classifier/test_keras_graph.py notices it.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from types import CellType, CodeType
from typing import Any

import numpy as np

LIBRARIES = {"keras", "numpy", "tensorflow"}
_EMPTY = CellType()  # as of a variable that has no value yet
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # of an object in memory, in the text that Python makes of it


def is_functional(model: Any) -> bool:
    """Return whether a model knows how its layers are connected, as functional and Sequential models do.

    A subclassed model, which computes in a `call` method of its own, does not.
    """
    return bool(getattr(model, "outputs", None))


def nested_layers(model: Any) -> Iterator[Any]:
    """Return all layers inside a model, including those of the models and wrappers in it, but not the model itself."""
    return iter(model._flatten_layers(include_self=False, recursive=True))


def has_kernel(layer: Any) -> bool:
    """Return whether a layer multiplies its input by weights of its own: a convolution, a dense layer, attention."""
    own = [weight for weight in layer.weights if len(weight.shape) > 1]
    return bool(own) and not holds_layers(layer)


def holds_layers(layer: Any) -> bool:
    """Return whether a layer has other layers inside, as models and wrappers do."""
    return any(layer._flatten_layers(include_self=False, recursive=False))


def producer(tensor: Any) -> tuple[Any, list[Any]]:
    """Return the layer that computes a symbolic tensor, and the tensors that it takes there.

    Not `layer.input`: a layer that is used several times has one input for each use.
    """
    layer, call, _ = tensor._keras_history
    return layer, list(layer._inbound_nodes[call].input_tensors)


def last_layer(model: Any) -> tuple[Any, list[Any]]:
    """Return the layer that computes the first output of a functional model, and the tensors that it takes there."""
    return producer(model.outputs[0])


def wiring(model: Any) -> list[Any]:
    """Return how a functional model connects its layers and operations, [] for one that calls one after the other.

    Operations such as `x / 255` are no layers. Each is described by its class and settings, and each call, of a layer
    too, by what it takes: constants, and results of other calls as [operation, call, output], numbered in the model's
    own order. Left out are names, because Keras gives each copy new ones, and the settings and weights of layers.
    """
    from keras import KerasTensor, Layer, tree

    operations = getattr(model, "operations", [])  # a Sequential model has none
    numbers = {id(operation): number for number, operation in enumerate(operations)}
    inside = {id(node) for nodes in getattr(model, "_nodes_by_depth", {}).values() for node in nodes}
    calls = [[node for node in operation._inbound_nodes if id(node) in inside] for operation in operations]

    def source(tensor: Any) -> list[int]:
        operation, call, output = tensor._keras_history
        number = numbers[id(operation)]
        return [number, calls[number].index(operation._inbound_nodes[call]), output]

    def taken(value: Any) -> Any:
        return source(value) if isinstance(value, KerasTensor) else _constant(value)

    described = []
    for operation, nodes in zip(operations, calls, strict=True):
        settings = None
        if not isinstance(operation, Layer):
            settings = {key: value for key, value in settings_of(operation).items() if key != "name"}
        arguments = [
            [
                tree.flatten(tree.map_structure(taken, node.arguments.args)),
                {
                    key: tree.flatten(tree.map_structure(taken, value))
                    for key, value in node.arguments.kwargs.items()
                    if value is not None and key not in ("training", "mask")
                },
            ]
            for node in nodes
        ]
        described.append([type(operation).__name__, settings, arguments])
    chained = all(
        settings is None and arguments == [[[number - 1, 0, 0] if number else [], {}]]
        for number, (_, settings, arguments) in enumerate(described)
    )
    return [] if chained else [*described, [source(tensor) for tensor in (*model.inputs, *model.outputs)]]


def settings_of(operation: Any) -> Any:
    """Return the settings of a layer or an operation; {} for a user's own that does not implement get_config."""
    try:
        return operation.get_config()
    except NotImplementedError:
        return {}


def _constant(value: Any) -> Any:
    """Return a constant as numbers or text, the same for a number, an array and a tensor of these values."""
    try:
        return np.asarray(value, np.float64).tolist()
    except (TypeError, ValueError):
        return as_text(value)


def as_text(value: Any) -> str:
    """Return an object, such as a function that an operation applies, as a text that is the same in every process.

    Functions may have the same name, as all lambdas do, so the text has what they compute. Those of libraries have
    their name only, as a later version may compute the same in another way.
    """
    name, code = getattr(value, "__name__", None), getattr(value, "__code__", None)
    if not isinstance(code, CodeType) or str(value.__module__).partition(".")[0] in LIBRARIES:
        return str(name or ADDRESS.sub("", str(value)))
    cells = value.__closure__ or ()
    closed = [_closed(cell.cell_contents) for cell in cells if cell != _EMPTY]
    return json.dumps([name, _computed(code), str(value.__defaults__), closed])


def _computed(code: CodeType) -> list[Any]:
    """Return what compiled Python computes: without the names of its variables, and without where it stands."""
    constants = [_computed(one) if isinstance(one, CodeType) else _plain(one) for one in code.co_consts]
    return [code.co_code.hex(), code.co_names, constants]


def _plain(constant: Any) -> str:
    """Return a constant as text; sets are sorted, as their order differs between processes."""
    return str(sorted(map(repr, constant))) if isinstance(constant, frozenset) else repr(constant)


def _closed(value: Any) -> Any:
    """Return a variable that a function takes from where it is defined; a function, such as itself, by its name."""
    return getattr(value, "__name__", None) or _constant(value)


@contextlib.contextmanager
def name_scopes_closed() -> Iterator[None]:
    """Close the name scopes that Keras leaves open if a layer fails while it is traced.

    Keras opens a layer's scope before it asks TensorFlow whether the name is allowed. A scope left open would become
    part of the names of all variables made later in this thread, and no other model could be trained.
    """
    from keras.src.backend.common import global_state

    scopes = global_state.get_global_attribute("name_scope_stack", default=[], set_to_default=True)
    count = len(scopes)
    try:
        yield
    finally:
        del scopes[count:]
