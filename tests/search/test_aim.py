"""What a search must reach: targets and masks, checked and recorded."""

import numpy as np
import pytest
from numpy_networks import SHAPE, curved, images_of

from tfstab import Classifier, Dataset, SearchConfig, Stop, search_minimum_noise
from tfstab.errors import InputError
from tfstab.search.aim import Aim, aim_at


def test_a_goal_says_what_a_run_records_of_it():
    network = curved()
    mask = np.arange(64).reshape(8, 8) > 9
    assert Aim.checked(network, np.array([0, 1]), None, None).settings == {}
    whole = Aim.checked(network, np.array([0, 1]), 3, mask)
    assert whole.settings["target"] == 3 and len(whole.settings["mask"]) == 64
    assert whole.mask.shape == SHAPE
    np.testing.assert_array_equal(whole.mask[..., 0], mask)
    assert Aim.checked(network, np.array([0]), None, mask[..., None]).settings == {"mask": whole.settings["mask"]}
    assert Aim.checked(network, np.array([1]), 0, None).target == 0
    with pytest.raises(InputError, match=r"target is 4; expected a class from 0 to 3"):
        Aim.checked(network, np.array([0]), 4, None)
    with pytest.raises(InputError, match="target is -1"):
        Aim.checked(network, np.array([0]), -1, None)
    with pytest.raises(InputError, match="mask"):
        Aim.checked(network, np.array([0]), None, np.ones((8, 8, 3), bool))


def test_images_that_are_the_target_already_need_no_noise():
    network = curved()
    images, labels = images_of(network, 6)
    target = int(labels[0])
    wrong = (labels + 1) % 4
    wrong[wrong == target] = (target + 1) % 4
    results = search_minimum_noise(network, images, wrong, SearchConfig(max_queries=100), target=target)
    for result, predicted in zip(results, labels, strict=True):
        needless = predicted == target
        assert (result.stop_reason == "misclassified when clean") == needless
        if needless:
            assert result.found and result.predicted == target and result.queries == result.generations == 0
            assert result.objective == result.margin and result.l2 == result.l2_uint8 == result.seconds == 0
            assert result.size_uint8 == result.gradients == result.repair_queries == 0


def test_a_target_needs_images_of_other_classes():
    data = Dataset.from_arrays("few", "test", np.zeros((3, 2, 2, 1), np.uint8), [1, 0, 1], ("cat", "dog"))
    target, others = aim_at("dog", data)
    assert target == 1 and others.indices.tolist() == [1] and aim_at("0", data)[1].indices.tolist() == [0, 2]
    with pytest.raises(InputError, match=r"^all images are of the target class: choose another target"):
        aim_at("dog", data.select(np.array([0, 2])))


def test_engines_that_need_scores_or_gradients_say_so():
    def classes(images):
        return np.zeros(len(images), np.int64)

    images, labels = np.zeros((1, 2, 2, 1), np.uint8), np.array([0])
    only = Classifier.from_function(classes, (2, 2, 1), 3, fingerprint="only", name="only", outputs="labels")
    for config in (SearchConfig("pygad"), SearchConfig("boundary"), SearchConfig("labels", refine=True)):
        with pytest.raises(InputError, match=r"needs scores, but only returns only the predicted class"):
            search_minimum_noise(only, images, labels, config)
    scores = Classifier.from_function(
        lambda images: np.eye(3)[classes(images)], (2, 2, 1), 3, fingerprint="no", name="no"
    )
    for config, said in ((SearchConfig("boundary"), "engine 'boundary'"), (SearchConfig(refine=True), "refine")):
        with pytest.raises(InputError, match=rf"^{said} needs gradients, which no \(\w+.*\) does not have"):
            search_minimum_noise(scores, images, labels, config)


def test_an_observer_stops_a_search_by_labels():
    network = curved()
    images, labels = images_of(network, 1)
    seen = []

    def stop(progress):
        seen.append(progress)
        return Stop.IMAGE if len(seen) == 3 else None

    (result,) = search_minimum_noise(
        network, images, labels, SearchConfig("labels", max_queries=5000), on_generation=stop
    )
    assert result.stop_reason == "observer" and result.generations == 3 == len(seen)
