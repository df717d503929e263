"""A clock that only the networks' own work moves, and degradations to measure by it."""

import threading

import numpy_runs

from tfstab.degradations import get_degradation


class Worked:
    """A clock that stands still but while a network scores."""

    def __init__(self):
        self.now, self._lock = 0.0, threading.Lock()

    def network(self, name, seconds, compiling, turned=False):
        """A network of so many seconds for an image, and for its first batch. turned: it takes dark for bright."""
        left = [compiling]

        def function(images):
            with self._lock:
                self.now += seconds * len(images) + (left.pop() if left else 0.0)
            return numpy_runs.brightness(255 - images if turned else images)

        return numpy_runs.classifier(function, name)


FAMILIES = [get_degradation(name) for name in ("fog", "gaussian_noise")]
