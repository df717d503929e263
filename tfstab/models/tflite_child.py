"""A child process that tries a TFLite model of unknown origin, within limits, before the parent loads it.

`python -P -m tfstab.models.tflite_child FILE NAME SETTINGS` takes and answers what `tfstab.models.onnx_child` does.
"""

import json
import sys
from pathlib import Path

from tfstab.classifier.tflite_graph import parsed
from tfstab.errors import ModelError
from tfstab.limits import ONNX_COPIES, ONNX_MEMORY, ONNX_SECONDS, cpu_seconds
from tfstab.models.child import limit, tell
from tfstab.models.graph_sizes import sized_by_images
from tfstab.models.tflite_file import read_tflite

# Operators that are not TFLite's own, or compute another graph.
REFUSED = ("CUSTOM", "DELEGATE", "unknown", "IF", "WHILE", "CALL", "CALL_ONCE")
# Operators whose output's size follows from the values of inputs, with the places of these inputs.
SIZED_BY: dict[str, tuple[int, ...]] = {
    "BATCH_TO_SPACE_ND": (1, 2), "BROADCAST_ARGS": (0, 1), "BROADCAST_TO": (1,), "EXPAND_DIMS": (1,), "FILL": (0,),
    "IRFFT2D": (1,), "MIRROR_PAD": (1,), "MULTINOMIAL": (1,), "NON_MAX_SUPPRESSION_V4": (0, 1, 2, 3, 4),
    "NON_MAX_SUPPRESSION_V5": (0, 1, 2, 3, 4), "ONE_HOT": (1,), "PAD": (1,), "PADV2": (1,),
    "RANDOM_STANDARD_NORMAL": (0,), "RANDOM_UNIFORM": (0,), "RANGE": (0, 1, 2), "RESHAPE": (1,),
    "RESIZE_BILINEAR": (1,), "RESIZE_NEAREST_NEIGHBOR": (1,), "RFFT2D": (1,), "SLICE": (1, 2),
    "SPACE_TO_BATCH_ND": (1, 2), "SPARSE_TO_DENSE": (1,), "SPLIT_V": (1,), "STRIDED_SLICE": (1, 2, 3), "TILE": (1,),
    "TOPK_V2": (1,), "TRANSPOSE_CONV": (0,), "CONV_3D_TRANSPOSE": (0,), "UNIQUE": (0,), "UNSORTED_SEGMENT_SUM": (2,),
    "WHERE": (0,),
}  # fmt: skip


def main() -> None:
    """Check and try the model on standard input, and print the answer."""
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
    foreign = next((operator for operator, *_ in nodes if operator in REFUSED), "")
    reason = f"its operator {foreign!r} is a loop, or none of TFLite's own" if foreign else ""
    if not reason and graph.graphs > 1:
        reason = "it holds more than one graph"
    if not reason and (operator := sized_by_images(nodes, set(graph.inputs), SIZED_BY, ("SHAPE", "RANK"))):
        reason = f"the size of what its operator {operator!r} returns depends on the images' grey levels"
    if reason:
        raise ModelError(
            f"{name} is refused: {reason}; add --trust if you trust its author, or convert it with TFLite's own "
            "operators alone."
        )


if __name__ == "__main__":
    main()
