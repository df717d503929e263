"""Watching a network's minimum noise while it is trained."""

from statistics import median
from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.datasets import Dataset
from tfstab.errors import InputError
from tfstab.search.config import SearchConfig
from tfstab.search.running import search_minimum_noise


def minimum_noise_callback(dataset: Dataset, config: SearchConfig | None = None, every: int = 1) -> Any:
    """A Keras callback that measures the median minimum noise of a data set's images after every `every` epochs.

    It adds `minimum_noise_l2` (grey levels) to the epoch's logs, where callbacks after it can act on it (Keras'
    EarlyStopping with mode="max", say). By default each image gets 2,000 queries. Raises InputError for
    `every` below 1.

    >>> model = tfstab.build_model("mnist-lenet")
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> watch = tfstab.minimum_noise_callback(digits.take(2), few)
    >>> "minimum_noise_l2" in model.fit(digits.images, digits.labels, callbacks=[watch], verbose=0).history
    True
    """
    if every < 1:
        raise InputError(f"every is {every}; expected a number of epochs from 1.")
    config = config or SearchConfig(max_queries=2_000)

    class MinimumNoiseCallback(backend.keras().callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            if (epoch + 1) % every == 0 and logs is not None:
                results = search_minimum_noise(Classifier(self.model), dataset.images, dataset.labels, config)
                logs["minimum_noise_l2"] = median(r.l2 if r.found else float("inf") for r in results)

    return MinimumNoiseCallback()
