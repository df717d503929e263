"""A classifier made from an ONNX model, which onnxruntime computes on the CPU.

Importing this module imports onnx and onnxruntime, which come with the extra `onnx`.
"""

from functools import cached_property
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from tfstab.classifier.exported import ExportedClassifier, Network, threads
from tfstab.classifier.onnx_graph import input_of, parsed, without_end
from tfstab.classifier.running import reason_of
from tfstab.errors import ModelError
from tfstab.limits import ONNX_TENSORS

TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
FATAL = 4  # the only messages that onnxruntime prints; what it raises is enough


class OnnxNetwork(Network):
    """An ONNX model as a function of images: see `Network`.

    A softmax or sigmoid at the model's end is left out, so that its saturation does no harm.
    """

    without_end = True

    def __init__(self, content: bytes, name: str, form: str | None) -> None:
        super().__init__(content, name, form)
        model = parsed(content, name)
        self.taken = input_of(model, name)
        self.end = without_end(model, name)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled: everything but the session."""
        return {key: value for key, value in self.__dict__.items() if key != "_session"}

    @cached_property
    def _session(self) -> Any:
        """The model, loaded by onnxruntime."""
        model = parsed(self.content, self.name)
        without_end(model, self.name)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = FATAL
        options.use_deterministic_compute = True
        options.intra_op_num_threads = threads()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other threads degrade images
        # Otherwise, bytes can be made that are read as ONNX here and as onnxruntime's own format there, unchecked.
        options.add_session_config_entry("session.load_model_format", "ONNX")
        options.add_session_config_entry("session.use_env_allocators", "1")  # the one with a limit, made below
        try:
            return onnxruntime.InferenceSession(
                model.SerializeToString(),
                options,
                ["CPUExecutionProvider"],
                enable_fallback=0,  # which would print and try the same again
            )
        except Exception as error:  # onnxruntime's errors have no common class
            raise ModelError(f"{self.name} was not loaded by onnxruntime: {reason_of(error)}") from error

    def __call__(self, images: NDArray[np.float32]) -> NDArray[Any]:
        """Return what the model computes for images (B, H, W, C), grey levels 0..255, before `end`."""
        (given,) = self._session.get_inputs()
        images = self.prepared(images, TYPES[given.type])
        try:
            (output,) = self._session.run(None, {given.name: images})
            return np.asarray(output)
        except Exception as error:
            if "Available memory" in str(error):
                raise ModelError(
                    f"{self.name} is refused: it needs more than {ONNX_TENSORS >> 30} GiB for {len(images)} images; "
                    "choose a smaller batch_size."
                ) from error
            raise ModelError(f"{self.name} cannot score images: {reason_of(error)}") from error


class OnnxClassifier(ExportedClassifier):
    """A classifier made from an ONNX model: see `ExportedClassifier`."""

    kind = "an ONNX model"
    format = "onnx"
    network_class = OnnxNetwork
    device = f"CPU, onnxruntime {onnxruntime.__version__}"  # scores of other versions can differ in their last bits


def _limit_memory() -> None:
    """Make the allocator of all sessions, which refuses to hold more than ONNX_TENSORS bytes."""
    kind, memory = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(
        onnxruntime.OrtMemoryInfo("Cpu", kind, 0, memory), onnxruntime.OrtArenaCfg({"max_mem": ONNX_TENSORS})
    )


_limit_memory()
