"""A classifier that counts the images that it is asked about, seen from outside the search."""

from typing import Any

import numpy as np

from tfstab import Classifier


class CountingClassifier(Classifier):
    """Counts scored images and gradients, whatever the batch size and for what.

    Attributes
    ----------
    queries : int
        Images scored, not counting those whose gradient was asked for.
    gradients_made : int
        Images whose gradient was asked for.
    """

    background = False  # one thread counts

    def __init__(self, classifier: Classifier, counter: "CountingClassifier | None" = None) -> None:
        self.__dict__.update(classifier.__dict__)
        self.counter = counter or self
        self.queries = self.gradients_made = 0

    def with_batch_size(self, batch_size: int) -> "CountingClassifier":
        return CountingClassifier(super().with_batch_size(batch_size), self.counter)

    def scores(self, images: np.ndarray, *rest: Any, **options: Any) -> Any:
        self.counter.queries += len(images)
        return super().scores(images, *rest, **options)

    def log_scores(self, images: np.ndarray, *rest: Any, **options: Any) -> Any:
        self.counter.queries += len(images)
        return super().log_scores(images, *rest, **options)

    def gradients(self, images: np.ndarray, *rest: Any, **options: Any) -> Any:
        self.counter.gradients_made += len(images)
        return super().gradients(images, *rest, **options)
