"""A part stores a class in 16 bits, so a model with more classes is refused before anything is scored."""

import numpy as np
import pytest

from tfstab import Classifier, Dataset, SweepConfig, run_sweep
from tfstab.errors import InputError
from tfstab.limits import MOST_CLASSES

CONFIG = SweepConfig(degradation="fog", severities=(20,))


def swept(classes, folder):
    """Return a sweep of two images by a model that always predicts its last class."""

    def last(images):
        scores = np.zeros((len(images), classes), np.float32)
        scores[:, -1] = 1
        return scores

    network = Classifier.from_function(last, (2, 2, 1), classes, fingerprint="last")
    images = Dataset.from_arrays("tiny", "test", np.zeros((2, 2, 2, 1), np.uint8), [MOST_CLASSES - 1, 0])
    return run_sweep(network, images, CONFIG, folder)


def test_as_many_classes_as_a_part_can_store(tmp_path):
    assert MOST_CLASSES == 2**15 and swept(MOST_CLASSES, tmp_path / "run").measures.accuracy.tolist() == [0.5]
    with pytest.raises(InputError, match="has 32,769 classes; expected at most 32,768"):
        swept(MOST_CLASSES + 1, tmp_path / "more")
    assert not (tmp_path / "more").exists()
