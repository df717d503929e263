"""Which images of a run are named as most similar to a picture."""

import numpy as np
from small import dense

from tfstab.explanation.picture_why import why_of
from tfstab.runs import CleanImages


def test_images_are_similar_whose_features_have_the_same_direction():
    """The features are the pixels here. The dark image is near to many by Euclidean distance, but not by cosine."""
    classifier = dense(2, shape=(2, 2, 1))
    classifier.model.set_weights([np.float32([[1, -1]] * 4) / 100, np.zeros(2, np.float32)])
    pixels = [[240, 20, 20, 20], [40, 40, 30, 30], [0, 0, 0, 0], [20, 200, 200, 200]]
    images = np.uint8(pixels).reshape(4, 2, 2, 1)
    clean = CleanImages(images, np.array([0, 0, 1, 0]), np.arange(4), classifier.scores(images))
    why = why_of(classifier, np.uint8([120, 10, 10, 10]).reshape(2, 2, 1), clean, ["bright", "dark"])
    assert [name for name, _ in why.nearest] == ["image 0", "image 1", "image 3", "image 2"]
