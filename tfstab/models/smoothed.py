"""The smoothed classifier (Cohen et al. 2019): scores averaged over noisy copies of an image, without new training."""

from typing import Any

from tfstab.checks import as_float, checked_seed, whole_number
from tfstab.classifier import Classifier, backend
from tfstab.classifier.function import FunctionClassifier
from tfstab.errors import InputError
from tfstab.models.loading import load_classifier
from tfstab.models.smoothing import SmoothedScores
from tfstab.wording import as_given


def make_smoothed(model: Any, sigma: float, copies: int = 16, seed: int = 0, name: str = "smoothed") -> Classifier:
    """Return a classifier that averages a model's scores over noisy copies of each image.

    The noise of each copy is drawn once, from the seed, and is the same for every image, so the scores are
    reproducible. Scoring takes `copies` times as long as without smoothing. The classifier's model can be saved to a
    single `.keras` file, which every command accepts. For a classifier made by `Classifier.from_function`, the result
    is such a classifier too.

    Parameters
    ----------
    model : object
        The model to smooth, in any form that `load_classifier` accepts.
    sigma : float
        Standard deviation of the Gaussian noise in grey levels, above 0 and below 1000.
    copies : int
        Number of noisy copies of each image, 2 or more.
    seed : int
        Seed of the noise.
    name : str
        Name of the smoothed classifier.

    Returns
    -------
    Classifier
        The smoothed classifier.

    Raises
    ------
    InputError
        `sigma`, `copies` or `seed` is out of range.

    References
    ----------
    Cohen, Rosenfeld and Kolter, Certified Adversarial Robustness via Randomized Smoothing, ICML 2019.

    Examples
    --------
    >>> from tfstab.models import make_smoothed
    >>> smoothed = make_smoothed(classifier, sigma=20, copies=4)
    >>> smoothed.scores(digits.images).shape
    (10, 10)
    """
    from tfstab.classifier.combine import CombineScores
    from tfstab.models.noise_layer import AddNoise

    level = as_float(sigma)
    if level is None or not 0 < level < 1000:
        raise InputError(f"sigma is {as_given(sigma)}; expected a sigma above 0 and below 1000.")
    copies, seed = whole_number("copies", copies, 2), checked_seed(seed)
    classifier = load_classifier(model)
    if isinstance(classifier, FunctionClassifier):
        return _smoothed_function(classifier, sigma, copies, seed, name)
    keras = backend.keras()
    inputs = keras.Input(classifier.input_shape)
    scores = []
    for copy in range(copies):
        output = classifier.model(AddNoise(level, seed, copy, name=f"noise-{copy}")(inputs))
        scores.append(output if classifier.logits.of_scores else keras.layers.Softmax()(output))
    smoothed = keras.Model(inputs, CombineScores(name="combined")(scores), name=name)
    return Classifier(smoothed, classifier.class_names, name)


def _smoothed_function(classifier: FunctionClassifier, sigma: float, copies: int, seed: int, name: str) -> Classifier:
    """Return the smoothed classifier of a predict function."""
    return Classifier.from_function(
        SmoothedScores(classifier, sigma, copies, seed),
        classifier.input_shape,
        classifier.num_classes,
        fingerprint=f"{classifier.fingerprint} smoothed {sigma!r} {copies} {seed}",
        class_names=classifier.class_names,
        name=name,
        batch_size=None if classifier.any_batch else classifier.batch_size,
    )
