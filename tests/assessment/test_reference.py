"""The recorded figures of the bundled networks are of these networks and degradations."""

import pytest

from tfstab.assessment import reference_figures
from tfstab.degradations.registry import BUILT_IN
from tfstab.models.bundled import bundled_card

NETWORKS = ("mnist-lenet", "cifar10-quick", "gtsrb-aghdam")


def test_all_single_networks_are_recorded():
    assert tuple(one.model for one in reference_figures()) == NETWORKS


@pytest.mark.parametrize("one", reference_figures(), ids=lambda one: one.model)
def test_figures_are_of_the_bundled_network_and_todays_degradations(one):
    """If this fails after a change that is meant, record them again: `make reference`."""
    card = bundled_card(one.model)
    assert (one.fingerprint, one.classes) == (card["fingerprint"], len(card["class_names"]))
    assert set(one.families) == set(BUILT_IN), "record what is new with `make reference`"
    for name, told in one.families.items():
        assert (told.version, told.severities) == (BUILT_IN[name].version, BUILT_IN[name].severities)
        assert 0 <= told.kept.low <= told.kept.value <= told.kept.high < 1.1  # which rises if it helps by chance
    assert one.mean_kept.high - one.mean_kept.low < 0.06 and one.images >= 300
