"""The callback puts the median minimum noise into the logs of an epoch."""

import re
import warnings

import keras
import numpy as np
import pytest

from tfstab import SearchConfig, minimum_noise_callback, search_minimum_noise
from tfstab.classifier import Classifier
from tfstab.errors import InputError


def small(first):
    """A network of one layer behind these, compiled."""
    layers = [keras.layers.Input((28, 28, 1)), *first, keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model


def test_it_logs_the_median_after_every_second_epoch(digits):
    sample, config = digits.take(200), SearchConfig(max_queries=300)
    watched = digits.take(3)
    model = small([keras.layers.Rescaling(1 / 255)])
    callback = minimum_noise_callback(watched, config, every=2)
    images = sample.images.astype(np.float32)
    history = model.fit(images, sample.labels, epochs=4, verbose=0, callbacks=[callback]).history
    assert len(history["loss"]) == 4 and len(history["minimum_noise_l2"]) == 2
    results = search_minimum_noise(Classifier(model), watched.images, watched.labels, config)
    needed = [r.l2 if r.found else np.inf for r in results if r.needed_noise]
    assert history["minimum_noise_l2"][-1] == (np.median(needed) if needed else 0)
    assert history["minimum_noise_images"][-1] == len(needed)


@pytest.mark.filterwarnings("ignore:The model's scores change in steps")
def test_images_that_are_wrong_when_clean_are_left_out(digits):
    """A network always answers 3. Of a 1, a 2 and a 3, only the 3 is right, and no noise is found for it."""
    model = small([keras.layers.Rescaling(1 / 255)])
    model.layers[-1].set_weights([np.zeros((784, 10)), np.eye(10)[3] * 5])
    of = {label: np.flatnonzero(digits.labels == label)[:1] for label in (1, 2, 3)}
    for labels, expected in (((1, 2, 3), (np.inf, 1)), ((1, 2), (0, 0))):
        logs: dict[str, float] = {}
        watch = minimum_noise_callback(
            digits.select(np.concatenate([of[label] for label in labels])), SearchConfig(max_queries=100)
        )
        watch.set_model(model)
        watch.on_epoch_end(0, logs)
        assert (logs["minimum_noise_l2"], logs["minimum_noise_images"]) == expected


def test_every_no_epoch_is_refused(digits):
    with pytest.raises(InputError, match="every is 0; expected a number of epochs, 1 or more"):
        minimum_noise_callback(digits.take(3), every=0)


def test_it_takes_preprocessing_and_says_once_that_it_is_missing(digits):
    """A model that is trained on inputs -1..1 is watched on grey levels, and as it was trained."""
    sample, config = digits.take(200), SearchConfig(max_queries=100)
    watched = digits.take(20)
    keras.utils.set_random_seed(1)
    model = small([])

    def fit(**options):
        callback = minimum_noise_callback(watched, config, every=3, **options)
        images = sample.images.astype(np.float32) / 127.5 - 1
        return model.fit(images, sample.labels, epochs=6, verbose=0, callbacks=[callback]).history

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        logged = fit(preprocess="signed")["minimum_noise_l2"][-1]
        assert not [w for w in caught if "--preprocess" in str(w.message)]
        results = search_minimum_noise(Classifier(model, preprocess="signed"), watched.images, watched.labels, config)
        assert logged == np.median([r.l2 if r.found else np.inf for r in results if r.needed_noise])
        fit()
    said = [str(w.message) for w in caught if "--preprocess" in str(w.message)]
    assert not [w for w in caught if w.filename.endswith("contextlib.py")], "no place in the user's program"
    assert len(said) == 1 and re.search(r"with inputs 0\.\.255[.,] .* [Ww]ith inputs -1\.\.1", said[0])
    with pytest.raises(InputError, match="unknown preprocess 'units'"):
        minimum_noise_callback(watched, preprocess="units")
