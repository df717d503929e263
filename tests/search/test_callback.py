"""The callback puts the median minimum noise into the logs of an epoch."""

import numpy as np
import pytest

from tfstab import SearchConfig, build_model, minimum_noise_callback, search_minimum_noise
from tfstab.classifier import Classifier
from tfstab.errors import InputError


def test_it_logs_the_median_after_every_second_epoch(digits):
    sample, config = digits.take(200), SearchConfig(max_queries=300)
    watched = digits.take(3)
    model = build_model("mnist-lenet", seed=1)
    model.compile("adam", "sparse_categorical_crossentropy")
    callback = minimum_noise_callback(watched, config, every=2)
    images = sample.images.astype(np.float32)
    history = model.fit(images, sample.labels, epochs=4, verbose=0, callbacks=[callback]).history
    assert len(history["loss"]) == 4 and len(history["minimum_noise_l2"]) == 2
    results = search_minimum_noise(Classifier(model), watched.images, watched.labels, config)
    expected = np.median([r.l2 if r.found else np.inf for r in results])
    assert history["minimum_noise_l2"][-1] == expected


def test_every_no_epoch_is_refused(digits):
    with pytest.raises(InputError, match="every is 0; expected a number of epochs, 1 or more"):
        minimum_noise_callback(digits.take(3), every=0)
