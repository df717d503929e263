"""The paper's claims from runs whose every prediction is given."""

import json
import re

import numpy as np
import pytest
from counted_runs import copies

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.experiments.claim import FAILS, HOLDS, UNDECIDED, UNSEEN, UNTESTED, VERDICTS, verdicts
from tfstab.experiments.claims import claims
from tfstab.experiments.objective_claims import Equations
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import LAMBDAS, OBJECTIVES, objective_name
from tfstab.metrics import wilson_interval


@pytest.fixture
def reproduced(tmp_path):
    """A reproduction of data, of these runs: {"sweeps/single": {predicted, clean, ...}, "searches/single": [l2]}."""

    def make(data, runs, sigmas=(1, 40), scale="small"):
        folder = tmp_path / data
        for path, given in runs.items():
            kind = path.partition("/")[2]
            if path.startswith(("sweeps", "weakest", "unclipped")):
                right, clean = given
                config = SweepConfig(sigmas=sigmas, copies=4, clip=not path.startswith("unclipped"))
                made_sweep(folder / path, config, copies(right), clean=clean, name=kind)
            else:
                made_search(folder / path, given, name=kind)
        kinds = {path.partition("/")[2]: {} for path in runs if not path.startswith("objectives")}
        images = {"count": 1000}
        info = {"data": data, "scale": scale, "networks": kinds, "class_names": list("012"), "images": images}
        (folder / "reproduction.json").write_text(json.dumps(info))
        return Reproduction(folder)

    return make


def claim(said, *reproductions):
    (found,) = (c for c in claims({r.data: r for r in reproductions}) if said in c.said)
    return found


@pytest.mark.parametrize(
    ("right_at_one", "expected", "wrong", "hit"),
    [
        ([4, 4, 0, 1], UNSEEN, 0, 0),  # only images that are wrong when clean fail
        ([4, 3, 0, 1], HOLDS, 1, 1),
        ([4, 4, 4, 4], UNSEEN, 0, 0),
        ([0, 0, 4, 4], HOLDS, 8, 2),
    ],
)
def test_a_mistake_at_one_is_of_an_image_that_is_right_when_clean(reproduced, right_at_one, expected, wrong, hit):
    right = [[4, k] for k in right_at_one]  # the other sigma comes first, and has no mistakes
    r = reproduced("mnist", {"sweeps/single": (right, [0, 0, 1, 1])}, sigmas=(0.5, 1))
    found = claim("a network makes mistakes at sigma = 1", r)
    low, high = wilson_interval(hit, 2)
    assert found.verdict == expected and found.p_value is None
    assert found.evidence == (
        f"Of the 2 images of the noise sweep that are right when clean, {hit} ({hit / 2:.2%}, 95 % interval {low:.2%} "
        f"to {high:.2%}) {'has' if hit == 1 else 'have'} a misclassified copy among 4 at sigma 1 ({wrong} of all 8 "
        "copies are misclassified)."
    )


def test_a_mistake_that_the_sweep_misses_is_found_among_the_weakest_images(reproduced):
    runs = {"sweeps/single": ([[4, 4]] * 8, [0] * 8), "weakest/single": ([[4, 4], [2, 4], [3, 4]], [0] * 3)}
    found = claim("a network makes mistakes at sigma = 1", reproduced("mnist", runs))
    assert found.verdict == HOLDS
    assert found.evidence.startswith(
        "Of the 3 images that are right when clean by the smallest margin, 2 have a misclassified copy at sigma 1 (3 "
        "of all 12 copies are misclassified). Of the 8 images of the noise sweep"
    )


def test_without_images_right_when_clean_no_mistake_is_seen(reproduced):
    r = reproduced("mnist", {"sweeps/single": ([[0, 0]] * 3, [1, 1, 1])})
    found = claim("a network makes mistakes at sigma = 1", r)
    assert (
        found.verdict == UNSEEN and "Of the 0 images of the noise sweep that are right when clean, 0" in found.evidence
    )


@pytest.mark.parametrize(
    ("single", "ensemble", "expected"),
    [([0] * 32, [3] * 32, HOLDS), ([3] * 32, [0] * 32, FAILS), ([3] * 32, [3] * 32, UNDECIDED),
     ([0, 4] * 16, [4, 0] * 16, UNDECIDED)],
)  # fmt: skip
def test_more_accurate_is_what_lies_above_in_the_whole_interval(reproduced, single, ensemble, expected):
    runs = {"single": single, "ensemble": ensemble, "augmented": ensemble}
    r = reproduced("mnist", {f"sweeps/{k}": ([[4, n] for n in right], [0] * 32) for k, right in runs.items()})
    for said in ("an ensemble of 5 is more accurate", "training on 15 noisy copies makes"):
        found = claim(said, r)
        assert found.verdict == expected and found.unclipped is None
        a, b = ((128 + sum(x)) / 256 for x in (single, ensemble))
        other = "ensemble" if "ensemble" in said else "network trained on noisy copies"
        told = f"{a:.2%} (single network) and {b:.2%} ({other}), difference {100 * (b - a):+.2f} points ("
        assert f"Accuracy over all noise: {told}" in found.evidence


@pytest.mark.parametrize(("noisy", "clean", "expected"), [(0, 0, HOLDS), (4, 1, FAILS), (0, 1, UNDECIDED)])
def test_a_noisy_ensemble_is_held_against_the_clean_network(reproduced, noisy, clean, expected):
    runs = {"sweeps/single": ([[0, 0]] * 16, [clean] * 16), "sweeps/ensemble": ([[noisy, noisy]] * 16, [0] * 16)}
    found = claim("an ensemble under noise is less", reproduced("mnist", runs))
    assert found.verdict == expected and found.evidence.endswith(" The paper: 98.98 % and 98.69 %.")


def test_a_verdict_without_clipping_stands_beside_the_one_with(reproduced):
    clean = [0] * 32
    runs = {
        "sweeps/single": ([[4, 0]] * 32, clean), "sweeps/augmented": ([[4, 4]] * 32, clean),
        "unclipped/single": ([[4, 4]] * 32, clean), "unclipped/augmented": ([[4, 0]] * 32, clean),
    }  # fmt: skip
    found = claim("training on 15 noisy copies makes", reproduced("mnist", runs))
    assert (found.verdict, found.unclipped) == (HOLDS, FAILS)
    assert "Without clipping: Accuracy over all noise: 100.00% (single network) and 50.00% (" in found.evidence
    assert "Verdict: does not hold." in found.evidence


def test_what_is_significant_alone_may_not_be_among_many_claims(reproduced):
    """11 of 32 images gain all, so that p is 0.03: too much for one of eight claims, enough for one."""
    gains = ([[4, 4 * (k < 11)] for k in range(32)], [0] * 32)
    nothing = [[4, 0]] * 32, [0] * 32
    alone = claim("training on 15", reproduced("mnist", {"sweeps/single": nothing, "sweeps/augmented": gains}))
    assert alone.verdict == HOLDS and alone.adjusted == alone.p_value < 0.05 and alone.needed is None
    level = {f"sweeps/{kind}": nothing for kind in ("single", "ensemble")} | {"sweeps/augmented": gains}
    others = [reproduced(data, level) for data in ("cifar10", "gtsrb", "mnist")]
    tested = [c for c in claims({r.data: r for r in others}) if c.adjusted is not None]
    found = next(c for c in tested if c.said.startswith("training on 15"))
    assert (found.verdict, found.p_value) == (UNDECIDED, alone.p_value) and found.adjusted > 0.05
    assert 32 < found.needed < 1000 and f"about {found.needed} images would decide" in found.evidence
    assert f"Taken alone, this would be significant (p = {found.p_value:.2g})" in found.evidence


@pytest.mark.parametrize(
    ("pairs", "factor", "expected"),
    [(1, 2, UNDECIDED), (5, 2, UNDECIDED), (6, 2, FAILS), (6, 0.5, HOLDS), (6, 1.05, HOLDS)],
)
def test_a_margin_needs_six_pairs(reproduced, pairs, factor, expected):
    single = np.array([10.0, 20, 30, 40, 50, 60])[:pairs]
    runs = {"single": single, "augmented": factor * single, "ensemble": 3 * single}
    found = claim(
        "does not widen the margin between classes in the input",
        reproduced("mnist", {f"searches/{k}": l2 for k, l2 in runs.items()}),
    )
    assert found.verdict == expected
    if pairs < 6:
        assert f"by the genetic search: only {pairs} images could be compared." in found.evidence
    else:
        ends = f"median ratio {factor:.3f} ({factor:.3f} to {factor:.3f})"
        assert f"median L2 {35 * factor:.1f} instead of 35.0 grey levels on 6 images, {ends}" in found.evidence
        assert (
            "Ensemble instead of the single network, by the genetic search: median L2 105.0 instead of 35.0"
            in found.evidence
        )


def test_a_median_ratio_whose_interval_holds_one_decides_nothing(reproduced):
    l2 = np.arange(10.0, 90, 10)
    mixed = l2 * [0.5, 2, 0.5, 2, 0.5, 2, 0.5, 2]
    r = reproduced("mnist", {"searches/single": l2, "searches/augmented": mixed})
    assert claim("does not widen the margin between classes in the input", r).verdict == UNDECIDED
    lost = np.where(np.arange(8) < 2, np.inf, l2 * 2)
    r = reproduced("cifar10", {"searches/single": l2, "searches/augmented": lost})
    evidence = claim("does not widen the margin between classes in the input", r).evidence
    assert evidence.count("No noise was found for 2 images instead of 0.") == 1


@pytest.fixture
def equations(reproduced):
    """Make a reproduction in which both equations found noise of these L2 at the first and at all other lambdas."""

    def make(first, other):
        names = {(e, x): f"objectives/{objective_name(e, x)}" for e in OBJECTIVES for x in LAMBDAS}
        factors = {(e, x): (first if x == LAMBDAS[0] else other)[e] for e, x in names}
        return reproduced("mnist", {names[key]: factor * np.arange(10.0, 90, 5) for key, factor in factors.items()})

    return make


@pytest.mark.parametrize(
    ("first", "other", "expected"),
    [
        ((1, 0.5), (2, 3), HOLDS), ((2, 3), (1, 0.5), HOLDS),  # the best of each is at the same lambda, or not
        ((1, 3), (2, 0.5), HOLDS), ((1, 2), (2, 1), FAILS), ((1, 3), (3, 1.05), FAILS),
    ],
)  # fmt: skip
def test_the_equations_are_compared_at_the_best_lambda_of_each(equations, first, other, expected):
    found = claim("finds smaller noise", equations(*(dict(zip(OBJECTIVES, f, strict=True)) for f in (first, other))))
    best = [min(pair) for pair in zip(first, other, strict=True)]
    assert found.verdict == expected
    assert f"is {47.5 * best[0]:.1f} grey levels with eq. 1 and {47.5 * best[1]:.1f} with eq. 2" in found.evidence
    swing = [max(pair) / min(pair) for pair in zip(first, other, strict=True)]
    assert all(
        f"grows by a factor of {growth:.2f} with eq. {k}." in found.evidence for k, growth in enumerate(swing, start=1)
    )


def test_the_lambda_that_is_shown_is_chosen_on_other_images(equations):
    """At each lambda eq. 2 finds less noise for one half of the images. If lambda were chosen on that same half, eq. 2
    would seem to need half the noise of eq. 1."""
    lucky = np.where(np.arange(16) % 2, 0.5, 1.5)
    found = claim("finds smaller noise", equations({"eq1": 1, "eq2": lucky}, {"eq1": 1, "eq2": 2 - lucky}))
    assert "0.001 and 0.01 for eq. 2" in found.evidence and "eq. 2 to eq. 1 1.500 (1.500 to 1.500)" in found.evidence
    assert found.verdict == UNDECIDED


def test_eq_2_is_not_better_because_eq_1_is_bad_at_its_first_lambda(equations):
    found = claim("finds smaller noise", equations({"eq1": 2, "eq2": 1}, {"eq1": 1, "eq2": 1}))
    assert (
        found.verdict == FAILS and "Median ratios at the same lambda: 0.500 (0.500 to 0.500) at 0.001" in found.evidence
    )


def test_noise_that_only_one_equation_finds_counts_for_it(equations):
    found = claim("finds smaller noise", equations(*[{"eq1": np.full(16, np.inf), "eq2": 1}] * 2))
    assert found.verdict == HOLDS and "Eq. 1 found no noise for 16 of them, eq. 2 for 0." in found.evidence
    assert "the median L2 is 510.0 grey levels with eq. 1" in found.evidence  # each of four pixels from 0 to 255
    assert "At some lambda, eq. 1 finds no noise for half of the images or more." in found.evidence


def test_images_that_neither_equation_flips_do_not_count(equations):
    nearly_none = np.where(np.arange(16) < 15, np.inf, 1)
    found = claim("finds smaller noise", equations(*[dict.fromkeys(OBJECTIVES, nearly_none)] * 2))
    assert (found.verdict, found.needed) == (UNDECIDED, None) and "on 1 images" in found.evidence
    assert "could be compared: 1; at least 6 are needed" in found.evidence


def test_margins_are_compared_where_each_equation_finds_least(reproduced):
    """Eq. 2 leaves a tenth of eq. 1's margin at the first lambda; the least noise is elsewhere, with equal margins."""
    l2 = np.array([2.0, 1, 3, 3])[:, None] * np.arange(1.0, 11)
    margin = np.array([0.9, 0.02, 0.01, 0.01])[:, None] * np.ones(10)
    pair = Equations({"eq1": l2, "eq2": l2}, {"eq1": margin, "eq2": margin * [[0.1], [1], [1], [1]]}, 99.0)
    [ratio] = pair.best_margins
    assert (ratio.value, ratio.count, ratio.first) == (1, 10, 0.02)
    odd = np.where(np.arange(10) % 2, l2[::-1], l2)  # the halves of the images do not agree about lambda
    odd = Equations({"eq1": l2, "eq2": odd}, pair.margin, 99.0)
    assert [round(r.value, 3) for r in odd.best_margins] == [0.5, 1]


def test_drops_whose_intervals_overlap_decide_nothing(reproduced):
    some = {"mnist": [2, 2, 2, 0, 4, 4, 4, 4], "cifar10": [4, 2, 2, 2, 4, 4, 4, 4]}
    mnist, cifar = (reproduced(d, {"sweeps/single": ([[4, k] for k in right], [0] * 8)}) for d, right in some.items())
    found = claim("the drop from clean to noisy", mnist, cifar)
    assert found.verdict == UNDECIDED and found.needed > 16
    assert (
        "Accuracy lost under noise: MNIST 15.62 points (" in found.evidence
        and "CIFAR-10 9.38 points (" in found.evidence
    )
    every = reproduced("gtsrb", {"sweeps/single": ([[0, 0]] * 32, [0] * 32)})
    assert claim("the drop from clean to noisy", mnist, cifar, every).verdict == FAILS
    assert claim("the drop from clean to noisy", cifar, every).verdict == UNTESTED


def test_the_largest_drop_is_above_that_of_every_other(reproduced):
    drops = {"mnist": 0, "cifar10": 3, "gtsrb": 4}
    mnist, *others = (reproduced(d, {"sweeps/single": ([[4, k]] * 64, [0] * 64)}) for d, k in drops.items())
    assert claim("the drop from clean to noisy", mnist, *others).verdict == HOLDS
    told = claims({r.data: r for r in (mnist, *others)})
    assert verdicts(told) == {v: sum(c.verdict == v for c in told) for v in VERDICTS}
    assert sum(verdicts(told).values()) == len(told) == 10 + 10 + 11 + 1


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ({1: 100, 4: 99.75, 8: 90, 40: 80}, HOLDS),
        ({1: 100, 4: 98.75, 8: 90, 40: 80}, UNDECIDED),  # perhaps a whole point is lost before 8
        ({1: 100, 4: 90, 8: 80, 40: 70}, FAILS),  # much is lost before 8
        ({1: 100, 4: 99.75, 8: 99.75, 40: 80}, UNDECIDED),  # perhaps no more is lost at 8 than before
        ({1: 90, 4: 100, 8: 100, 40: 80}, FAILS),
    ],
)
def test_traffic_signs_hold_until_eight(reproduced, accuracies, expected):
    right = np.full((800, 4), 4)
    for column, accuracy in enumerate(accuracies.values()):
        right[: round((100 - accuracy) * 8), column] = 0
    r = reproduced("gtsrb", {"sweeps/single": (right, [0] * 800)}, sigmas=tuple(accuracies))
    found = claim("holds until sigma = 8", r)
    assert found.verdict == expected
    for sigma, accuracy in accuracies.items():
        assert re.search(rf"sigma {sigma}: {100 - accuracy:.2f} points \([-\d.]+ to [\d.]+\)", found.evidence)


def test_what_has_no_runs_yet_says_why(reproduced, tmp_path):
    r = reproduced("mnist", {"sweeps/single": ([[4, 4]] * 2, [0, 0])})
    found = claim("an ensemble of 5 is more accurate", r)
    assert found.verdict == UNTESTED and "There is no network 'ensemble' at this scale" in found.evidence
    assert claim("finds smaller noise", r).evidence.startswith("There are no results yet")
    assert claim("does not widen the margin between classes in the input", r).verdict == UNTESTED
    for data, kind in (("cifar10", "single"), ("gtsrb", "augmented")):
        alone = reproduced(data, {f"searches/{kind}": np.arange(1.0, 9)})
        assert claim("does not widen the margin between classes in the input", alone).verdict == UNTESTED
    for kind in ("single", "ensemble", "augmented"):
        (tmp_path / "mnist" / "sweeps").rename(tmp_path / f"sweeps-{kind}")
        alone = reproduced("mnist", {f"sweeps/{kind}": ([[4, 4]] * 2, [0, 0])})
        for said in ("an ensemble of 5 is", "an ensemble under noise is", "training on 15 noisy copies makes"):
            assert claim(said, alone).verdict == UNTESTED
