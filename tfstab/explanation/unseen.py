"""Why the layers of a run's model were not examined, as far as the run records what kind of model it is."""

from collections.abc import Mapping
from typing import Any

from tfstab.runs.info import FUNCTION

FUNCTIONS = {FUNCTION: "a Python function"}  # by the device, or by the program that runs the file
FILES = {"onnxruntime": "an ONNX model", "LiteRT": "a TFLite model"}


def cannot_look_into(info: Mapping[str, Any], otherwise: str = "") -> str:
    """Return "tfstab cannot look inside an ONNX model" for such a run, and likewise for functions and TFLite models.

    Parameters
    ----------
    info : mapping
        The run's run.json.
    otherwise : str
        What to call a model of any other kind, if it is known that it has no layers to look at; "" returns "".
    """
    kind = (FUNCTIONS | FILES).get(_program(info), otherwise)
    return f"tfstab cannot look inside {kind}" if kind else ""


def where_unknown(info: Mapping[str, Any], otherwise: str = "") -> str:
    """Return a sentence on why it is not known where an image is lost; "" if the reason is not known.

    info, otherwise: as in `cannot_look_into`.
    """
    if not (why := cannot_look_into(info, otherwise)):
        return ""
    original = " If the file was made from a Keras model, look at the image with that model."
    return f"It is not known where in the network it is lost: {why}.{original if _program(info) in FILES else ''}"


def _program(info: Mapping[str, Any]) -> str:
    """Return the program that ran the model, as in "CPU, onnxruntime 1.22.0", or FUNCTION; "" if it is not recorded."""
    device = info.get("environment", {}).get("device")
    return device.removeprefix("CPU, ").partition(" ")[0] if isinstance(device, str) else ""
