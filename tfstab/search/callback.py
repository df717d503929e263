"""A Keras callback that measures the minimum noise during training."""

import contextlib
import re
import warnings
from collections.abc import Iterator
from statistics import median
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.classifier.preprocess import preprocess_form
from tfstab.datasets import Dataset
from tfstab.errors import InputError
from tfstab.search.config import SearchConfig
from tfstab.search.running import search_minimum_noise
from tfstab.warning import warn


def minimum_noise_callback(
    dataset: Dataset,
    config: SearchConfig | None = None,
    every: int = 1,
    *,
    preprocess: str = "none",
    outputs: str | None = None,
) -> Any:
    """Return a Keras callback that measures the median minimum noise of some images during training.

    It adds two figures to the epoch's logs, which later callbacks can use:

    - `minimum_noise_l2`: the median L2 in grey levels over the images that are right when clean, as in every search. An
      image for which no noise was found counts as infinite. If no image is right, it is 0.
    - `minimum_noise_images`: the number of images that are right when clean, of which this is the median.

    The median says nothing of accuracy: a network that gets only the easiest images right may have a large one. So do
    not let Keras' EarlyStopping watch it alone (mode="max"), but the validation accuracy beside it.

    Parameters
    ----------
    dataset : Dataset
        Images (N, H, W, C), uint8 grey levels 0..255, with labels (N,).
    config : SearchConfig, optional
        Settings of the search; by default 2,000 queries for each image.
    every : int, optional
        Number of epochs between measurements.
    preprocess, outputs : str
        What the model takes in place of grey levels, and what it returns: see `Classifier`. `preprocess` is the form in
        which `model.fit` gets its images; it is checked as in every search.

    Returns
    -------
    keras.callbacks.Callback
        To be given to `model.fit`.

    Raises
    ------
    InputError
        `every` is below 1, or there is no such preprocessing.

    Warns
    -----
    UserWarning
        The model fits images better that are preprocessed in another way, or other classes; it is said once.

    Examples
    --------
    >>> model = tfstab.build_model("mnist-lenet")
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> watch = tfstab.minimum_noise_callback(digits.take(2), few)
    >>> "minimum_noise_l2" in model.fit(digits.images, digits.labels, callbacks=[watch], verbose=0).history
    True
    """
    if every < 1:
        raise InputError(f"every is {every}; expected a number of epochs, 1 or more.")
    form = preprocess_form(preprocess)
    config = config or SearchConfig(max_queries=2_000)

    said: set[str] = set()

    class MinimumNoiseCallback(backend.keras().callbacks.Callback):  # type: ignore[misc]
        """Adds the median minimum noise, and of how many images it is, to the logs of an epoch."""

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            """Search the images after every `every` epochs."""
            if (epoch + 1) % every == 0 and logs is not None:
                classifier = Classifier(self.model, preprocess=form, outputs=outputs)
                with _warning_once(said):  # inputs that seem wrong must not end somebody's training
                    results = search_minimum_noise(classifier, dataset.images, dataset.labels, config, as_is=True)
                needed = [r.l2 if r.found else float("inf") for r in results if r.needed_noise]
                # 0 rather than NaN, because no later value counts as an improvement on NaN
                logs["minimum_noise_l2"] = median(needed) if needed else 0.0
                logs["minimum_noise_images"] = len(needed)

    return MinimumNoiseCallback()


@contextlib.contextmanager
def _warning_once(said: set[str]) -> Iterator[None]:
    """Pass on only warnings that were not given before, whatever their figures are, and add them to `said`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        text = re.sub(r"[\d.]+", "", str(warning.message))
        if text not in said:
            said.add(text)
            warn(str(warning.message), warning.category)
