"""tfstab: how stable is an image classifier against image degradation?

After Aghdam, Heravi and Puig, *Analyzing the Stability of Convolutional Neural Networks against Image Degradation*.
Names are loaded when first used (PEP 562), so that `import tfstab` costs little and imports no TensorFlow.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Dataset": "tfstab.datasets",
    "load_dataset": "tfstab.datasets",
}

if TYPE_CHECKING:
    from tfstab.datasets import Dataset, load_dataset

__all__ = ["Dataset", "__version__", "load_dataset"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tfstab' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
