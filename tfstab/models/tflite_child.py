"""A child process that tries a TFLite model of unknown origin, within limits, before the parent loads it.

`python -P -m tfstab.models.tflite_child FILE NAME SETTINGS` takes and answers what `tfstab.models.onnx_child` does.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tfstab.classifier.tflite_graph import parsed
from tfstab.errors import ModelError
from tfstab.limits import ONNX_COPIES, ONNX_MEMORY, ONNX_SECONDS, cpu_seconds
from tfstab.models.child import limit, tell
from tfstab.models.graph_sizes import sized_by_images
from tfstab.models.tflite_file import read_tflite

# Operators that are not TFLite's own, or compute another graph.
REFUSED = ("CUSTOM", "DELEGATE", "unknown", "IF", "WHILE", "CALL", "CALL_ONCE")
KEEPING = ("HASHTABLE", "VAR_HANDLE")  # operators that keep values from one batch of images to the next
# Operators whose output's size follows from the values of inputs, with the places of these inputs.
SIZED_BY: dict[str, tuple[int, ...]] = {
    "BATCH_TO_SPACE_ND": (1, 2), "BROADCAST_ARGS": (0, 1), "BROADCAST_TO": (1,), "CONV_3D_TRANSPOSE": (0,),
    "DILATE": (1,), "EMBEDDING_LOOKUP_SPARSE": (2,), "EXPAND_DIMS": (1,), "FILL": (0,), "MIRROR_PAD": (1,),
    "MULTINOMIAL": (1,), "NON_MAX_SUPPRESSION_V4": (0, 1, 2, 3, 4), "NON_MAX_SUPPRESSION_V5": (0, 1, 2, 3, 4),
    "ONE_HOT": (1,), "PAD": (1,), "PADV2": (1,), "RANDOM_STANDARD_NORMAL": (0,), "RANDOM_UNIFORM": (0,),
    "RANGE": (0, 1, 2), "REDUCE_WINDOW": (2, 3, 4), "RESHAPE": (1,), "RESIZE_BILINEAR": (1,),
    "RESIZE_NEAREST_NEIGHBOR": (1,), "RFFT2D": (1,), "SCATTER_ND": (2,), "SEGMENT_SUM": (1,), "SLICE": (1, 2),
    "SPACE_TO_BATCH_ND": (1, 2), "SPARSE_TO_DENSE": (1,), "SPLIT_V": (1,), "STRIDED_SLICE": (1, 2, 3), "TILE": (1,),
    "TOPK_V2": (1,), "TRANSPOSE_CONV": (0,), "UNIQUE": (0,), "UNSORTED_SEGMENT_MAX": (2,), "UNSORTED_SEGMENT_MIN": (2,),
    "UNSORTED_SEGMENT_PROD": (2,), "UNSORTED_SEGMENT_SUM": (2,), "WHERE": (0,),
}  # fmt: skip


def main() -> None:
    """Check and try the model, and print the answer."""
    path, name, settings = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    size = path.stat().st_size
    limit(cpu_seconds(size) + ONNX_SECONDS, ONNX_MEMORY + ONNX_COPIES * size)
    # This lets the model score a few images of noise.
    tell(lambda: read_tflite(path, name, None, settings, lambda content: check_operators(content, name)))


def check_operators(content: bytes, name: str) -> None:
    """Check that a model consists of TFLite's own operators in one graph; sizes as in `onnx_child.check_graph`.

    Parameters
    ----------
    content : bytes
        The model's file.
    name : str
        Its name, for messages.

    Raises
    ------
    ModelError
        There is anything else in it.
    """
    graph = parsed(content, name)
    nodes = [(one.name, one.inputs, one.outputs) for one in graph.operators()]
    foreign, keeping = (next((node[0] for node in nodes if node[0] in kind), "") for kind in (REFUSED, KEEPING))
    reason = ""
    if foreign:
        reason = f"its operator {foreign!r} is a loop, or none of TFLite's own"
    elif graph.graphs > 1:
        reason = "it holds more than one graph"
    elif keeping:
        reason = f"its operator {keeping!r} keeps values from one batch of images to the next"
    elif operator := _too_early(nodes):
        reason = f"its operator {operator!r} takes what is computed only later"
    elif operator := sized_by_images(nodes, set(graph.inputs), SIZED_BY, ("SHAPE", "RANK")):
        reason = f"the size of what its operator {operator!r} returns depends on the images' grey levels"
    if reason:
        raise ModelError(
            f"{name} is refused: {reason}; add --trust if you trust its author, or convert it with TFLite's own "
            "operators alone."
        )


def _too_early(nodes: Sequence[tuple[str, tuple[int, ...], tuple[int, ...]]]) -> str:
    """Return the first operator that takes what it or a later one returns; "" if there is none.

    The interpreter may compute operators in another order than the file's, but `sized_by_images` does not.
    """
    later = {tensor for _, _, returned in nodes for tensor in returned}
    for operator, given, returned in nodes:
        if not later.isdisjoint(given):
            return operator
        later.difference_update(returned)
    return ""


if __name__ == "__main__":
    main()
