"""The families of degradations in TensorFlow: each function degrades a batch, with a severity for each image.

A family's function is named by `Degradation.batched` and imported when it is first needed, so that this package and
`tfstab.degradations` import no TensorFlow. It is called in a graph as function(images, severities, seed):

- images: float32 (B, H, W, C), grey levels 0..255; B is at least 1, and only C is known before the graph runs.
- severities: float32 (B,), within the family's range.
- seed: int64 (2,), for `tf.random.stateless_*`.

It returns the degraded images, float32 of the same shape; the caller clips them to 0..255. The result depends on the
arguments alone. Families without random numbers agree with their NumPy function, on a CPU within 0.01 grey
levels; random families have the same distribution but draw other numbers (`tests/degradations/test_batched.py`).
"""

import importlib
from collections.abc import Callable
from typing import Any

from tfstab.degradations.base import Degradation
from tfstab.errors import InputError

Batched = Callable[[Any, Any, Any], Any]


def batched_function(family: Degradation) -> Batched:
    """Return the function that degrades a batch in TensorFlow.

    For a family without one, its NumPy function is called for each image: correct but slow.

    Parameters
    ----------
    family : Degradation
        The family.

    Returns
    -------
    callable
        The function, with the arguments that this module describes.

    Raises
    ------
    InputError
        `family.batched` names a function that cannot be imported.
    """
    if not family.batched:
        from tfstab.degradations.batched.fallback import image_by_image

        return image_by_image(family)
    module, _, name = family.batched.partition(":")
    try:
        function: Batched = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(
            f"degradation '{family.name}' has the function '{family.batched}' for batches, which cannot be "
            f"imported ({error}): expected 'package.module:function'."
        ) from error
    return function
