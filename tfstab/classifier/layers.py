"""Looks inside a model: the outputs of its layers for any images, however the layers are nested."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfstab.classifier import backend
from tfstab.classifier.function import FunctionClassifier
from tfstab.classifier.keras_graph import has_kernel, nested_layers
from tfstab.classifier.logits import BOTH_CLASSES, SPLIT_DENSE, THRESHOLD, member_models
from tfstab.classifier.running import Compiled
from tfstab.names import printed, shortened

if TYPE_CHECKING:
    from tfstab.classifier.classifier import Classifier

LOGITS = "logits"
LONGEST_NAME = 200  # characters of a layer's name


@dataclass(frozen=True, eq=False)
class Network:
    """A network whose layers can be looked at: a classifier's model, or one member of an ensemble.

    Attributes
    ----------
    name : str
        "" for the only network of a classifier, otherwise the member's name.
    model : keras.Model
        Its layers.
    logits : callable
        Maps images (B, H, W, C) to its logits (B, K) in a TensorFlow graph.
    """

    name: str
    model: Any
    logits: Callable[[Any], Any]

    def look(self, images: Any) -> "Look":
        """Run the network in a TensorFlow graph and record what its layers take and return.

        Recorded are the layers that have a kernel, such as convolutions and dense layers, in the order in which they
        run. The last one is called "logits" and returns them, whatever the model does with them afterwards. A layer
        that runs several times is recorded once, for its last time.

        Parameters
        ----------
        images : tensor (B, H, W, C)
            Images, grey levels 0..255.
        """
        tf = backend.tensorflow()
        calls: dict[int, _Call] = {}
        with _recording(self.model, calls):
            logits = tf.cast(self.logits(images), tf.float32)
        seen = [call for call in calls.values() if call.output.shape[0] == images.shape[0]]
        computed = _source(logits)
        features = _taken_by_split_dense(computed)
        if features is None and seen and computed in [_source(tensor) for tensor in (seen[-1].output, seen[-1].linear)]:
            features = seen.pop().given
        elif features is None:
            features = seen[-1].output if seen else images

        def floats(tensors: list[Any]) -> list[Any]:
            return [tf.cast(tensor, tf.float32) for tensor in tensors]

        return Look(
            [*_unique([call.layer.name for call in seen]), LOGITS],
            floats([*(call.given for call in seen), features]),
            floats([*(call.linear for call in seen), logits]),
            floats([*(call.output for call in seen), logits]),
            tf.cast(features, tf.float32),
            logits,
        )


@dataclass(frozen=True, eq=False)
class Look:
    """What the layers of a network take and return for a batch of images, as float32 tensors of a TensorFlow graph.

    Attributes
    ----------
    names : list of str
        Names of the recorded layers.
    given : list of tensor
        What they take (B, ...).
    linear : list of tensor
        What they return (B, ...) before their own activation; the same as `outputs` for a layer without one.
    outputs : list of tensor
        What they return (B, ...).
    features : tensor
        What the last layer takes (B, ...): the penultimate layer's features.
    logits : tensor (B, K)
        The logits, which are also the last of `outputs`.
    """

    names: list[str]
    given: list[Any]
    linear: list[Any]
    outputs: list[Any]
    features: Any
    logits: Any


def networks_of(classifier: "Classifier") -> list[Network]:
    """Return the networks of a classifier: the members of an ensemble; none if its layers cannot be seen.

    A SavedModel, for one, is a single layer without a kernel, and a predict function has no layers.
    """
    if isinstance(classifier, FunctionClassifier):
        return []
    model = classifier.model
    if not any(has_kernel(layer) for layer in nested_layers(model)):
        return []
    members = classifier.logits.members
    if not members:
        return [Network("", model, classifier.logits.outputs)]
    if not member_models(classifier.given):  # a smoothed model: one network for several changed images
        members = members[:1]
    names = [f"member {k + 1}" if len(members) > 1 else "" for k in range(len(members))]
    return [Network(name, model, member.outputs) for name, member in zip(names, members, strict=True)]


@dataclass(frozen=True, eq=False)
class _Call:
    """One call of a layer: what it was given, what it computed before its activation, and what it returned."""

    layer: Any
    given: Any
    linear: Any
    output: Any


@contextlib.contextmanager
def _recording(model: Any, calls: dict[int, _Call]) -> Iterator[None]:
    """Put the calls of layers with a kernel into `calls`, by the layer's identity, in the order in which they run.

    The layers' method `call` is replaced while the model is traced, which works for any Keras model, whether its layers
    are connected as a graph or called by a method of its own.
    """
    layers = {id(layer): layer for layer in nested_layers(model) if has_kernel(layer)}.values()

    def replaced(layer: Any) -> Callable[..., Any]:
        call = layer.call

        def recorded(*given: Any, **options: Any) -> Any:
            inputs = next(iter((*given, *options.values())), None)
            with _before_activation(layer) as before:
                output = call(*given, **options)
            if hasattr(inputs, "shape") and hasattr(output, "shape"):
                linear = before[0] if before and before[0].shape == output.shape else output
                calls.pop(id(layer), None)
                calls[id(layer)] = _Call(layer, inputs, linear, output)
            return output

        return recorded

    with contextlib.ExitStack() as replacements:
        for layer in layers:
            replacements.enter_context(replaced_attribute(layer, "call", replaced(layer)))
        yield


@contextlib.contextmanager
def replaced_attribute(layer: Any, name: str, value: Any) -> Iterator[None]:
    """Replace a layer's attribute for a while, and leave its own attributes as they were."""
    own, absent = vars(layer), object()
    before = own.get(name, absent)
    try:
        own[name] = value
        yield
    finally:
        if before is absent:
            own.pop(name, None)
        else:
            own[name] = before


@contextlib.contextmanager
def _before_activation(layer: Any) -> Iterator[list[Any]]:
    """Put what a layer's own activation takes into the list, in the order of its calls."""
    taken, activation = list[Any](), getattr(layer, "activation", None)
    if not callable(activation):
        yield taken
        return

    def recorded(values: Any, *rest: Any, **options: Any) -> Any:
        taken.append(values)
        return activation(values, *rest, **options)

    with replaced_attribute(layer, "activation", recorded):  # one that is computed by a property is not seen, and stays
        yield taken


def _source(tensor: Any) -> Any:
    """Return the operation that computes a tensor of a TensorFlow graph.

    Not counted are casts, a decision threshold, and the addition of the logit 0 of class 0.
    """
    operation = tensor.op
    while operation.type in ("Identity", "Cast") or THRESHOLD in operation.name or BOTH_CLASSES in operation.name:
        operation = operation.inputs[0].op
    return operation


def _taken_by_split_dense(operation: Any) -> Any:
    """Return what the last Dense layer takes if its activation is left out; None if the logits are computed otherwise.

    Such a layer does not run itself, so its call is not recorded.

    Parameters
    ----------
    operation : tf.Operation
        The operation that computes the logits: the layer's product, or the addition of its bias.
    """
    for product in (operation, *(tensor.op for tensor in operation.inputs[:1])):
        if SPLIT_DENSE in product.name:
            return product.inputs[0]
    return None


def _unique(names: list[str]) -> list[str]:
    """Return names, numbered where several layers of nested models have the same one; long ones are shortened."""
    names = [shortened(printed(name), LONGEST_NAME) for name in names]
    counts, seen = Counter(names), Counter[str]()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if counts[name] == 1 else f"{name} ({seen[name]})")
    return unique


@dataclass(frozen=True, eq=False)
class LayerCall:
    """A layer with a kernel, where it runs.

    Attributes
    ----------
    name : str
        Its name, as `Network.look` gives it.
    layer : keras.Layer
        The layer.
    shape : tuple of int
        Shape of what it is given, without the batch axis.
    """

    name: str
    layer: Any
    shape: tuple[int, ...]


def calls_of(classifier: "Classifier") -> list[list[LayerCall]]:
    """Return the layers with a kernel of each of `networks_of`, in the order in which they run.

    The model runs as a whole, including a softmax that belongs to its last layer. A layer that runs several times is
    listed once.
    """
    tf = backend.tensorflow()
    model, calls = classifier.model, dict[int, _Call]()

    def traced(images: Any) -> Any:
        with _recording(model, calls):
            return model(images, training=False)

    spec = tf.TensorSpec((classifier.batch_size, *classifier.input_shape), tf.float32)
    Compiled(traced, [spec], classifier.name).prepare()
    networks = []
    for part in member_models(classifier.given) or [model]:
        own = {id(layer) for layer in nested_layers(part)}
        mine = [call for key, call in calls.items() if key in own]
        names = [call.layer.name for call in mine]
        if mine and tuple(mine[-1].output.shape[1:]) in ((classifier.num_classes,), (1,)):  # 1: two classes, a sigmoid
            names[-1] = LOGITS
        shapes = [tuple(call.given.shape[1:]) for call in mine]
        networks.append([LayerCall(*one) for one in zip(_unique(names), [c.layer for c in mine], shapes, strict=True)])
    return networks
