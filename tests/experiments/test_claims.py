"""Verdicts follow from what was measured, by the criterion that is printed."""

import json

import pytest

from tfstab import SweepConfig, run_sweep
from tfstab.experiments.claim import FAILS, HOLDS, UNDECIDED, UNTESTED
from tfstab.experiments.claims import claims
from tfstab.experiments.reproduction import Reproduction


@pytest.fixture(scope="module")
def reproduced(mnist_lenet, digits, tmp_path_factory):
    """Make the reproduction of a data set that consists of sweeps of 40 digits, each at its sigmas."""

    def make(data, sigmas, ensemble=None):
        folder = tmp_path_factory.mktemp("claims") / data
        networks = {"single": sigmas} | ({} if ensemble is None else {"ensemble": ensemble})
        for kind, its in networks.items():
            run_sweep(mnist_lenet, digits.take(40), SweepConfig(sigmas=its, copies=3), folder / "sweeps" / kind)
        info = {"data": data, "scale": "small", "networks": networks, "class_names": list("0123456789")}
        (folder / "reproduction.json").write_text(json.dumps(info))
        return Reproduction(folder)

    return make


def verdict(said, *reproductions):
    (claim,) = (c for c in claims({r.data: r for r in reproductions}) if said in c.said)
    return claim.verdict


def test_the_largest_drop_is_one_whose_interval_is_above_the_others(reproduced):
    sigmas = {"little": (1,), "much": (1, 200)}
    mnist, cifar10 = ({k: reproduced(data, s) for k, s in sigmas.items()} for data in ("mnist", "cifar10"))
    for ours, other, expected in (
        ("much", "little", HOLDS), ("little", "much", FAILS),
        ("much", "much", UNDECIDED), ("little", "little", UNDECIDED),
    ):  # fmt: skip
        assert verdict("the drop", mnist[ours], cifar10[other]) == expected
    assert verdict("the drop", mnist["much"]) == verdict("the drop", cifar10["much"]) == UNTESTED


def test_an_ensemble_is_held_against_one_network_without_noise(reproduced):
    said = "an ensemble under noise is less accurate than one network without noise"
    assert verdict(said, reproduced("mnist", (1, 200), ensemble=(1, 200))) == HOLDS
    assert verdict(said, reproduced("mnist", (1,), ensemble=(1,))) == UNDECIDED
    assert verdict(said, reproduced("mnist", (1,))) == UNTESTED
