"""Claims, margins and collected results at their bounds, from runs whose every prediction is given."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from made_runs import made_explanation, made_search, made_sweep
from tfstab import SweepConfig
from tfstab.errors import InputError
from tfstab.experiments import same_images
from tfstab.experiments.claim import HOLDS, UNDECIDED, compared_with, images_of
from tfstab.experiments.claims import claims, questions
from tfstab.experiments.collected import data_results, merged
from tfstab.experiments.margins import margins_of, paired_values
from tfstab.experiments.objective_claims import Equations
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import OBJECTIVES
from tfstab.experiments.results import figures_of
from tfstab.experiments.robustness import Robustness
from tfstab.experiments.stored import Results, stored_results
from tfstab.metrics import wilson_interval
from tfstab.runs import pixels

FOUR = np.arange(4)


@pytest.fixture
def reproduced(tmp_path):
    """Make a reproduction of sweeps of four copies: how many of each image are right at each sigma, and when clean."""

    def make(data, sweeps, sigmas):
        for kind, (right, clean) in sweeps.items():
            predicted = np.where(np.asarray(right)[:, :, None] > FOUR, 0, 1)
            made_sweep(
                tmp_path / data / "sweeps" / kind,
                SweepConfig(sigmas=sigmas, copies=4),
                predicted,
                clean=clean,
                name=kind,
            )
        images = {"fingerprint": "f"}
        info = {"data": data, "scale": "small", "class_names": list("012"), "images": images}
        (tmp_path / data / "reproduction.json").write_text(
            json.dumps(info | {"networks": {kind: {} for kind in sweeps}})
        )
        return Reproduction(tmp_path / data)

    return make


def question(said, r):
    (found,) = (asked for asked in questions({r.data: r}) if said in asked.claim.said)
    return found


def claim(said, *reproductions):
    (found,) = (c for c in claims({r.data: r for r in reproductions}) if said in c.said)
    return found


def falling(accuracies, images=400):
    """All copies of so many images are right at each sigma, in %."""
    return 4 * (np.arange(images)[:, None] < np.array(list(accuracies.values())) * images / 100)


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ({1: 100, 5: 90, 7: 90, 8: 85, 40: 80}, HOLDS),  # from 4 to 8, all is allowed
        ({1: 100, 4: 100}, UNDECIDED),
    ],
)
def test_traffic_signs_need_weak_and_strong_noise(reproduced, accuracies, expected):
    r = reproduced("gtsrb", {"single": (falling(accuracies), [0] * 400)}, tuple(accuracies))
    assert claim("holds until sigma = 8", r).verdict == expected
    if expected == HOLDS:
        assert question("holds until sigma = 8", r).finding.fails == 1


def test_what_is_lost_at_each_of_the_papers_sigmas_is_told(reproduced):
    accuracies = {1: 99, 2: 98, 4: 97, 5: 96, 8: 95, 10: 94, 14: 93, 20: 92, 30: 91, 40: 90}
    clean = [0] * 400 + [1] * 100
    right = np.concatenate([falling(accuracies), np.zeros((100, 10), int)])
    evidence = claim(
        "holds until sigma = 8", reproduced("gtsrb", {"single": (right, clean)}, tuple(accuracies))
    ).evidence
    of_all, of_right = evidence.split("of images that are right when clean:")
    shown = [sigma for sigma in accuracies if sigma not in (5, 30)]
    assert [sigma for sigma in accuracies if f"sigma {sigma}: " in of_all] == shown
    assert ", ".join(f"sigma {sigma}: {100 - accuracies[sigma]:.2f}%" for sigma in shown) in of_right


def test_the_images_that_are_needed_are_those_of_the_part_that_needs_most(reproduced):
    accuracies = {1: 100, 8: 99, 10: 95}
    needed = {}
    for several in ((1, 8), (1, 10), (1, 8, 10)):
        r = reproduced("gtsrb", {"single": (falling({k: accuracies[k] for k in several}), [0] * 400)}, several)
        needed[several] = question("holds until sigma = 8", r).finding.needed
        (r.folder / "sweeps").rename(r.folder / f"{several}")
    assert needed[1, 8, 10] == max(needed.values()) > min(needed.values())


def test_a_drop_that_is_larger_than_one_of_two_others_decides_nothing(reproduced):
    drops = {"mnist": 0, "cifar10": 0, "gtsrb": 4}
    every = [reproduced(data, {"single": ([[4, k]] * 64, [0] * 64)}, (1, 40)) for data, k in drops.items()]
    assert claim("the drop from clean to noisy", *every).verdict == UNDECIDED


def test_evidence_is_of_images_that_both_get_right_and_of_one_image_too(reproduced):
    right = {"single": ([[4, 0], [4, 4], [0, 0]], [0, 0, 1]), "augmented": ([[4, 2], [4, 4], [4, 4]], [0, 0, 0])}
    evidence = claim("training on 15 noisy copies makes", reproduced("mnist", right, (1, 40))).evidence
    assert "both get right when clean: 75.00% and 87.50%, difference +12.50 points" in evidence
    ensemble = reproduced("cifar10", {"single": ([[4, 4]], [0]), "ensemble": ([[4, 4]], [0])}, (1, 40))
    assert claim("an ensemble of 5", ensemble).evidence.endswith(" The paper: 64.36 % and 67.88 %.")
    assert claim("an ensemble under noise is less", ensemble).evidence.endswith(" The paper: 78.95 % and 67.88 %.")
    low, high = wilson_interval(0, 1)
    assert f"95 % interval {low:.2%} to {high:.2%}" in claim("a network makes mistakes at sigma = 1", ensemble).evidence
    printed = claim("the drop from clean to noisy", ensemble).evidence
    assert "MNIST 0.47 points" in printed and "CIFAR-10 14.59 points" in printed


@pytest.mark.parametrize(
    ("kind", "kinds", "other"),
    [("ensemble", "member", "member"), ("ensemble", "ensemble", "single"), ("augmented", "member", "single")],
)
def test_only_an_ensemble_is_compared_with_its_member(kind, kinds, other):
    r = SimpleNamespace(kinds=("single", kinds), info={})
    assert compared_with(r, kind) == other and images_of(r) == 0


def test_ratios_are_of_images_whose_values_are_positive_and_finite_in_both(tmp_path):
    margins = [margins_of(made_explanation(tmp_path / name, np.ones(8), name=name))[0] for name in "ab"]
    values = np.array([[0, 2, 3, np.inf, 5, 0.25, 7, -1], [1, 0, 6, 4, np.inf, 0.5, 0.125, 9]])
    for one, value in zip(margins, values, strict=True):
        known = one.values["gain"]
        one.values["gain"] = replace(known, value=value[known.run.images])
    first, second = paired_values(*margins, "gain")
    assert first.tolist() == [3, 0.25, 7] and second.tolist() == [6, 0.5, 0.125]
    assert [len(part) for part in paired_values(margins[0], replace(margins[1], values={}), "gain")] == [0, 0]


def test_margins_of_equations_are_of_images_that_both_flip():
    l2 = {e: np.ones((4, 10)) for e in OBJECTIVES}
    margins = {e: np.full((4, 10), 0.5) for e in OBJECTIVES}
    margins["eq1"][:, 0] = margins["eq2"][:, 1] = np.nan
    margins["eq1"][:, 2] = margins["eq2"][:, 3] = 0
    margins["eq2"][2, 4:] = np.nan
    pair = Equations(l2, margins, 9.0)
    [ratio] = pair.best_margins
    assert (ratio.count, ratio.value) == (6, 1)
    assert pair.margins_in_words(ratio).endswith(
        "same lambda: 0.5 and 0.5 at 0.001, 0.5 and 0.5 at 0.01, 0.5 and 0.5 at 1."
    )


def test_equations_are_compared_by_the_lambda_that_suits_most_images():
    few = np.ones((4, 12))
    few[0, 6:] = 9  # the median of each half is 9, as three of six images need so much
    few[1:] = 5
    pair = Equations(dict.fromkeys(OBJECTIVES, few), {}, 99.0)
    assert pair.best == dict.fromkeys(OBJECTIVES, (1, 1)) and pair.p_smaller == 1
    lost = np.full((4, 12), np.inf)
    lost[0, :7] = 2
    pair = Equations({"eq1": lost, "eq2": lost / 4}, {}, 99.0)
    assert pair.compared == 7 and pair.p_not_smaller == 1


@pytest.mark.parametrize(
    ("data", "scale", "said"),
    [
        ("gtsrb", "small", "At this scale, these images are not searched by the paper's procedure"),
        ("gtsrb", "medium", "There are no results yet"), ("gtsrb", "unknown", "There are no results yet"),
    ],
)  # fmt: skip
def test_equations_that_were_not_compared(reproduced, data, scale, said):
    r = reproduced(data, {"single": ([[4, 4]], [0])}, (1, 40))
    r.scale = scale
    assert claim("finds smaller noise", r).evidence.startswith(said)


@pytest.mark.parametrize(("images", "compared"), [(5, []), (6, ["augmented / single"])])
def test_figures_of_two_networks_need_six_images(tmp_path, images, compared):
    for kind in ("single", "augmented"):
        made_search(tmp_path / "searches" / kind, np.arange(1.0, 1 + images), name=kind)
    info = {"data": "mnist", "scale": "small", "networks": {"single": {}, "augmented": {}}, "class_names": list("012")}
    (tmp_path / "reproduction.json").write_text(json.dumps(info))
    found = figures_of(Reproduction(tmp_path))
    assert sorted(figure.network for figure in found) == sorted(["single", "augmented", *compared])
    assert [figure.value for figure in found if "/" in figure.network] == [1] * len(compared)


def test_every_image_of_two_runs_is_compared(tmp_path, monkeypatch):
    """However many are compared at a time."""
    monkeypatch.setattr(pixels, "slices", lambda count, size: [slice(k, k + 1) for k in range(count)])
    run = made_search(tmp_path / "run", [1.0, 2.0])
    same_images.check_same_images(run, run, np.arange(2))
    changed = replace(run.clean, images=run.clean.images + np.array([0, 1], np.uint8)[:, None, None, None])
    data = run.info["data"] | {"images_fingerprint": "another"}
    other = SimpleNamespace(path=run.path, info=run.info | {"data": data}, class_names=run.class_names, clean=changed)
    with pytest.raises(InputError, match="are of different images"):
        same_images.check_same_images(run, other, np.arange(2))


def test_the_three_degradations_that_hurt_most_are_named(tmp_path):
    runs = [
        made_sweep(tmp_path / family, SweepConfig(degradation=family, severities=(2,)), wrong)
        for family, right in {"fog": 3, "brightness": 1, "gamma": 4, "rotation": 2}.items()
        for wrong in [(np.arange(5) >= right)[:, None, None]]
    ]
    lines = Robustness(runs).summary().splitlines()
    assert [line.partition(":")[0] for line in lines[3:]] == ["brightness", "rotation", "fog"]


def test_the_hours_of_a_run_are_those_of_its_parts(reproduced):
    r = reproduced("mnist", {"single": ([[4, 4]], [0])}, (1, 40))
    log = [
        (5, "part"),
        (100, "begun"),
        (1300, "part"),
        (3000, "begun"),
        ("4000", "part"),
        (5400, "part"),
        (9999, "end"),
    ]
    lines = "".join(json.dumps({"time": time, "event": event}) + "\n" for time, event in log)
    (r.runs[0].path / "log.jsonl").write_text(lines)
    made = data_results(r).made
    assert made["runs"]["sweeps/single"]["hours"] == 1 and len(made["environments"]) == 1
    (r.runs[0].path / "log.jsonl").write_text(lines.replace("1300", "1420.004"))
    assert data_results(r).made["runs"]["sweeps/single"]["hours"] == 1.0333


def test_the_claim_about_all_data_sets_is_new_if_all_of_them_are():
    stored = stored_results()
    last = replace(stored.questions[-1], finding=None)
    data = {name: replace(one, unfinished={}) for name, one in stored.data.items()}
    new = Results(data, (*stored.questions[:-1], last))
    assert merged(new, stored).questions[-1] is last
    one = data["gtsrb"]
    part = replace(one, unfinished={"sweeps/single": "lacking"}, images=one.images | {"fingerprint": "0"})
    assert merged(Results({"gtsrb": part}, ()), stored).data["gtsrb"] is part, "other images replace the stored results"
