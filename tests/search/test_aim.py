"""What a search must reach: targets and masks, checked and recorded."""

import numpy as np
import pytest
from numpy_networks import SHAPE, curved, images_of

from tfstab import SearchConfig, search_minimum_noise
from tfstab.errors import InputError
from tfstab.search.aim import Aim


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
