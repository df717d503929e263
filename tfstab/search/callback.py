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

    It adds `minimum_noise_l2` to the epoch's logs, which later callbacks can use (for example, Keras' EarlyStopping
    with mode="max"): the median L2 in grey levels, where an image without a result counts as infinite.

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
        """Adds the median minimum noise to the logs of an epoch."""

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            """Search the images after every `every` epochs."""
            if (epoch + 1) % every == 0 and logs is not None:
                classifier = Classifier(self.model, preprocess=form, outputs=outputs)
                with _warning_once(said):  # inputs that seem wrong must not end somebody's training
                    results = search_minimum_noise(classifier, dataset.images, dataset.labels, config, as_is=True)
                logs["minimum_noise_l2"] = median(r.l2 if r.found else float("inf") for r in results)

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
