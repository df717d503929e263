"""Which images of a run are named as most similar to a picture, and how many of them are misclassified."""

import numpy as np
import pytest
from PIL import Image
from small import dense

from tfstab import Dataset, SweepConfig, inspect_picture, run_sweep
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.remarks import remarked
from tfstab.explanation.picture_why import why_of
from tfstab.explanation.similar_images import Similar, similar_words
from tfstab.runs import CleanImages

FOG = SweepConfig(degradation="fog", severities=(20,), copies=1)


def sum_classifier():
    """A network whose features are the pixels: images with bright pixels are of class bright, others are dark."""
    classifier = dense(2, shape=(2, 2, 1))
    classifier.model.set_weights([np.float32([[1, -1]] * 4) / 100, np.float32([-2, 2])])
    return classifier


def test_images_are_similar_whose_features_have_the_same_direction():
    """The features are the pixels here. The dark image is near to many by Euclidean distance, but not by cosine."""
    classifier = dense(2, shape=(2, 2, 1))
    classifier.model.set_weights([np.float32([[1, -1]] * 4) / 100, np.zeros(2, np.float32)])
    pixels = [[240, 20, 20, 20], [40, 40, 30, 30], [0, 0, 0, 0], [20, 200, 200, 200]]
    images = np.uint8(pixels).reshape(4, 2, 2, 1)
    clean = CleanImages(images, np.array([0, 0, 1, 0]), np.arange(4), classifier.scores(images))
    why = why_of(classifier, np.uint8([120, 10, 10, 10]).reshape(2, 2, 1), clean, ["bright", "dark"])
    assert [one.image for one in why.nearest] == ["image 0", "image 1", "image 3", "image 2"] and not why.second


def told(folder, labels, *, known=True):
    """What is found out about a dark picture, which the network takes for dark, beside images that look like it."""
    images = np.repeat(np.uint8([[60, 10, 10, 10], [200, 200, 10, 190]]), [len(labels), 2], axis=0)
    images[:, 3] += np.arange(len(images), dtype=np.uint8)  # the first ones are the most similar
    data = Dataset.from_arrays(
        "shades", "test", images.reshape(-1, 2, 2, 1), np.array([*labels, 0, 0]), ("bright", "dark")
    )
    run = run_sweep(sum_classifier(), data if known else remarked(data, AS_PREDICTED), FOG, folder / "run")
    Image.fromarray(np.uint8([[60, 10], [10, 9]])).save(folder / "picture.png")
    return inspect_picture(sum_classifier(), folder / "picture.png", "bright" if known else None, run=run, why=True).why


def test_how_many_similar_images_are_mistaken_like_the_picture_is_said(tmp_path):
    why = told(tmp_path, [0] * 7 + [1] * 5)
    assert why.predicted == "dark"
    assert why.sentences[-1] == (
        "Of the images of the run, the 10 most similar to the picture in the last hidden layer are of class bright (7) "
        "and dark (3). 7 of them are misclassified when clean, all as dark, the class predicted for the picture. Most "
        "similar of all: 'image 0', 'image 1' and 'image 2'."
    )
    told_as = why.to_json()["most_similar"]
    assert told_as[0] == {"image": "image 0", "class": "bright", "predicted": "dark"}
    assert told_as[9] == {"image": "image 9", "class": "dark", "predicted": "dark"}


def test_of_images_without_classes_only_the_predictions_are_said(tmp_path):
    assert told(tmp_path, [1] * 12, known=False).sentences[-1] == (
        "Of the images of the run, the 10 most similar to the picture in the last hidden layer are all predicted as "
        "dark. Most similar of all: 'image 0', 'image 1' and 'image 2'."
    )


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("cat", "cat")] * 3, "are all of class cat. All of them are right when clean."),
        ([("cat", "dog"), ("cat", "cat")], "1 of them is misclassified when clean, as dog, the class predicted for"),
        ([("cat", "owl"), ("cat", "cat")], "1 of them is misclassified when clean, but not as dog, the class"),
        ([("cat", "dog"), ("owl", "dog")], "class cat (1) and owl (1). All of them are misclassified when clean, all "
         "as dog, the class predicted for the picture."),
        ([("cat", "dog"), ("cat", "owl"), ("dog", "dog")], "class cat (2) and dog (1). 2 of them are misclassified "
         "when clean, 1 of these as dog,"),
        ([("cat", "owl"), ("cat", "owl"), ("dog", "dog")], "2 of them are misclassified when clean, none of these as "
         "dog, the class predicted for the picture. Most similar of all: 'image 0', 'image 1' and 'image 2'."),
        ([("cat", "dog")], "Of the images of the run, the one most similar to the picture in the last hidden layer is "
         "of class cat. It is misclassified when clean, as dog, the class predicted for the picture. Most similar of "
         "all: 'image 0'."),
    ],
)  # fmt: skip
def test_mistakes_of_similar_images_in_words(pairs, said):
    nearest = [Similar(f"image {number}", *pair) for number, pair in enumerate(pairs)]
    assert said in similar_words(nearest, "dog")


def test_of_a_large_run_it_is_said_among_how_many_images_they_were_searched():
    nearest = [Similar("a.png", "cat", "cat"), Similar("b.png", "cat", "cat")]
    assert similar_words(nearest, "cat", others=(2000, 10000)).startswith(
        "Of 2,000 images compared (10,000 in the run), the 2 most similar to the picture in the last hidden layer are "
        "all of class cat."
    )
    assert "compared" not in similar_words(nearest, "cat", others=(40, 40))
