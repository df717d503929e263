"""A child process that tries an ONNX model of unknown origin, within limits, before the parent loads it.

`python -P -m tfstab.models.onnx_child FILE NAME SETTINGS` takes the settings of the model's `OnnxClassifier` in JSON.
It checks the model, lets it score a few images of noise and prints one line of JSON: {"fine": true}, or {"error": what
is wrong, "kind": the class of tfstab's error}. A model that makes the C++ libraries crash, hang or fill the memory does
so only in the child.
"""

import json
import sys
from pathlib import Path
from typing import Any

import onnx

from tfstab.classifier.onnx_graph import AS_FUNCTION, parsed
from tfstab.errors import ModelError
from tfstab.limits import ONNX_COPIES, ONNX_FILE, ONNX_MEMORY, ONNX_SECONDS, cpu_seconds
from tfstab.models.child import limit, tell
from tfstab.models.graph_sizes import sized_by_images
from tfstab.models.onnx_external import files_of, is_outside, tensors_of
from tfstab.models.onnx_file import read_onnx

GRAPHS = (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS, onnx.AttributeProto.SPARSE_TENSOR)
STANDARD = ("", "ai.onnx")  # domains of operators
ROWS = "ai.onnx.ml"  # the domain of trees, support vectors and so on, as skl2onnx exports them
# Operators whose output's size follows from the values of inputs, with the places of these inputs.
SIZED_BY: dict[str, tuple[int, ...]] = {
    "AffineGrid": (1,), "BlackmanWindow": (0,), "CenterCropPad": (1,), "Col2Im": (1, 2), "Compress": (0, 1),
    "ConstantOfShape": (0,), "DFT": (1,), "Expand": (1,), "HammingWindow": (0,), "HannWindow": (0,),
    "MaxUnpool": (2,), "MelWeightMatrix": (0, 1, 2), "NonMaxSuppression": (0, 1), "NonZero": (0,), "OneHot": (1,),
    "Pad": (1,), "Range": (0, 1, 2), "Reshape": (1,), "Resize": (1, 2, 3), "SequenceAt": (1,), "SequenceErase": (1,),
    "Slice": (1, 2, 3, 4), "Split": (1,), "SplitToSequence": (1,), "STFT": (1, 3), "StringSplit": (0,), "Tile": (1,),
    "TopK": (1,), "Unique": (0,), "Upsample": (1,),
}  # fmt: skip


def main() -> None:
    """Check and try the model, and print the answer."""
    path, name, settings = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    size = min(ONNX_FILE, sum(one.stat().st_size for one in files_of(path)))
    limit(cpu_seconds(size) + ONNX_SECONDS, ONNX_MEMORY + ONNX_COPIES * size)
    # This lets the model score a few images of noise.
    tell(lambda: read_onnx(path, name, None, settings, lambda content: check_graph(parsed(content, name), name)))


def check_graph(model: Any, name: str) -> None:
    """Check that a model consists of standard operators and its own weights, in a graph without loops.

    The size of every tensor must follow from the images' size alone and not from their grey levels, so that what holds
    for a few images of noise holds for all images.

    Parameters
    ----------
    model : onnx.ModelProto
        The model.
    name : str
        Its name, for messages.

    Raises
    ------
    ModelError
        There is anything else in it.
    """

    def refused(reason: str) -> ModelError:
        return ModelError(
            f"{name} is refused: {reason}; add --trust if you trust its author, or export it with standard operators."
        )

    graph = model.graph
    if model.functions:
        raise refused("it holds functions of its own")
    if graph.sparse_initializer:
        raise refused("it holds sparse weights")
    known = {"", *(tensor.name for tensor in graph.initializer)}
    images = {given.name for given in graph.input} - known
    known |= images
    for node in graph.node:
        what = f"its operator {node.op_type[:100]!r}"
        if node.domain == ROWS:
            raise ModelError(
                f"{name} is refused: {what} is of the domain {ROWS!r}, as in files of skl2onnx, which take rows of "
                f"numbers: {AS_FUNCTION}. If this file takes images and you trust its author, add --trust."
            )
        if node.domain not in STANDARD:
            raise refused(f"{what} is of another domain, {node.domain[:100]!r}")
        if any(attribute.g.node or attribute.graphs or attribute.type in GRAPHS for attribute in node.attribute):
            raise refused(f"{what} holds a graph of its own")
        if not known.issuperset(node.input):
            raise refused(f"{what} takes what is computed only later")
        known |= set(node.output)
    nodes = ((node.op_type, node.input, node.output) for node in graph.node)
    if operator := sized_by_images(nodes, images, SIZED_BY, ("Shape", "Size")):
        raise refused(f"the size of what its operator {operator!r} returns depends on the images' grey levels")
    if any(map(is_outside, tensors_of(graph))):
        raise refused("a constant of an operator is in another file")


if __name__ == "__main__":
    main()
