"""The smoothed classifier (Cohen et al. 2019), a remedy at test time: scores averaged over noisy copies of an image."""

from typing import Any

from tfstab.classifier import Classifier, backend
from tfstab.classifier.logits import gives_scores
from tfstab.errors import InputError
from tfstab.models.loading import load_classifier


def make_smoothed(model: Any, sigma: float, copies: int = 16, seed: int = 0, name: str = "smoothed") -> Classifier:
    """A Classifier that averages the scores of `model` over `copies` of each image with Gaussian noise of its own.

    model: what `load_classifier` takes. sigma: grey levels. The noise is the same for every image and follows from the
    seed, so that scores are as repeatable as any; one pass takes `copies` times as long. It saves to one `.keras` file
    that every command takes. Raises InputError for a sigma, a number of copies or a seed out of range.

    >>> from tfstab.models import make_smoothed
    >>> smoothed = make_smoothed(classifier, sigma=20, copies=4)
    >>> smoothed.scores(digits.images).shape
    (10, 10)
    """
    from tfstab.classifier.combine import CombineScores
    from tfstab.models.noise_layer import AddNoise

    if not 0 < sigma < 1000 or copies < 2:
        raise InputError(f"sigma is {sigma:g} and copies is {copies}; expected a sigma above 0 and 2 copies or more.")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed is {seed}; expected a whole number from 0.")
    classifier, keras = load_classifier(model), backend.keras()
    inputs = keras.Input(classifier.input_shape)
    scores = []
    for copy in range(copies):
        output = classifier.model(AddNoise(float(sigma), seed, copy, name=f"noise-{copy}")(inputs))
        scores.append(output if gives_scores(classifier.model) else keras.layers.Softmax()(output))
    smoothed = keras.Model(inputs, CombineScores(name="combined")(scores), name=name)
    return Classifier(smoothed, classifier.class_names, name)
