"""The stored results of the paper's experiments: the pages hold them, and reproductions are compared with them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tfstab.errors import RunError
from tfstab.experiments.agreement import Relation, agreements, claim_agreements, class_agreements, difference
from tfstab.experiments.claim import FAILS, HOLDS, UNDECIDED, UNTESTED
from tfstab.experiments.collected import merged
from tfstab.experiments.deciding import Finding
from tfstab.experiments.results import SHARES, Figure
from tfstab.experiments.stored import Results, read_results, stored_results, to_json
from tfstab.metrics import mean_interval
from tfstab.models.bundled import bundled_card

ROOT = Path(__file__).parents[2]


def test_stored_results_are_of_the_bundled_networks_and_small():
    stored = stored_results()
    assert (ROOT / "resources" / "paper" / "results.json").stat().st_size < 200_000
    for one in stored.data.values():
        for network in one.networks.values():
            if network["name"] == one.networks["single"]["name"]:
                assert network["fingerprint"] == bundled_card(network["name"])["fingerprint"]
        for figure in one.figures:
            assert figure.low <= figure.value <= figure.high or not np.isfinite([figure.low, figure.high]).all()
            assert figure.measure not in SHARES or 0 <= figure.value <= 1
        assert all(c.recall.shape == c.precision.shape == (3, len(one.class_names)) for c in one.classes)


def test_results_survive_writing_and_reading(tmp_path):
    stored, path = stored_results(), tmp_path / "results.json"
    path.write_text(json.dumps(to_json(stored)))
    again = read_results(path)
    assert to_json(again) == to_json(stored) and again.claims == stored.claims
    assert [f.key for f in again.data["mnist"].figures] == [f.key for f in stored.data["mnist"].figures]


def test_new_results_of_one_data_set_keep_those_of_the_others():
    stored = stored_results()
    mnist = replace(stored.data["mnist"], scale="small", commit="1234")
    weak = [replace(q, finding=Finding("New.", 0.03, 1.0, 20_000.0)) for q in stored.questions[1:3]]
    new = Results({"mnist": mnist}, (*weak, replace(stored.questions[-1], finding=None)))
    both = merged(new, stored)
    assert list(both.data) == list(stored.data) and both.data["mnist"] is mnist
    assert both.data["gtsrb"] is stored.data["gtsrb"] and both.questions[-1] is stored.questions[-1]
    assert [q.claim.data for q in both.questions[:3]] == ["mnist", "mnist", "cifar10"]
    # Corrected among all claims: 0.03 counts twice, and the others' verdicts are given again.
    assert {c.verdict for c in both.claims[:2]} == {UNDECIDED} and both.claims[3].verdict == stored.claims[11].verdict
    assert merged(stored, new).questions == stored.questions


def without_noise_of_the_ensemble(stored):
    """The stored results without the noise sweep of GTSRB's ensemble, and with one claim not tested yet."""
    one = stored.data["gtsrb"]
    left = tuple(f for f in one.figures if (f.network, f.test) != ("ensemble", "noisy"))
    runs = {name: run for name, run in one.made["runs"].items() if name != "sweeps/ensemble"}
    first = next(place for place, question in enumerate(stored.questions) if question.claim.data == "gtsrb")
    untested = replace(
        stored.questions[first], finding=None, claim=replace(stored.questions[first].claim, verdict=UNTESTED)
    )
    questions = (*stored.questions[:first], untested, *stored.questions[first + 1 :])
    return Results({**stored.data, "gtsrb": replace(one, figures=left, made={**one.made, "runs": runs})}, questions)


def test_an_unfinished_reproduction_adds_only_what_the_stored_results_lack():
    stored = without_noise_of_the_ensemble(stored_results())
    one = stored.data["gtsrb"]
    first = replace(one.figures[0], value=0.5)
    added = replace(first, network="ensemble", test="noisy")
    made = {
        "environments": [{"device": "GPU"}],
        "runs": {f"sweeps/{kind}": {"hours": 9} for kind in ("single", "ensemble")},
    }
    lacking = {"unclipped/single": "still lacking", "sweeps/single": "lacking here"}
    part = replace(one, figures=(first, added), classes=(), made=made, unfinished=lacking, commit="later")
    asked = [q for q in stored.questions if q.claim.data == "gtsrb"]
    seen = [Finding(f"Now {number}.", 0.001, 1.0, 9.0) for number in range(len(asked))]
    new = Results({"gtsrb": part}, tuple(replace(q, finding=f, unclipped=f) for q, f in zip(asked, seen, strict=True)))
    known = replace(one, unfinished={"unclipped/single": "lacking", "sweeps/ensemble": "lacking"})
    before = Results({**stored.data, "gtsrb": known}, stored.questions)
    both = merged(new, before)
    joined = both.data["gtsrb"]
    assert {f.key: f for f in joined.figures} == {f.key: f for f in (added, *one.figures)}
    assert {c.network for c in joined.classes} == {c.network for c in one.classes} and joined.commit == one.commit
    assert joined.made["runs"]["sweeps/single"] == one.made["runs"]["sweeps/single"]
    assert joined.made["runs"]["sweeps/ensemble"] == {"hours": 9} and {"device": "GPU"} in joined.made["environments"]
    assert joined.unfinished == {"unclipped/single": "lacking"}
    for question, old, finding in zip([q for q in both.questions if q.claim.data == "gtsrb"], asked, seen, strict=True):
        untested = old.finding is None and old.claim.verdict == UNTESTED
        assert question.finding is (finding if untested else old.finding)
        assert question.unclipped is (old.unclipped or finding)
    assert [q for q in both.questions if q.claim.data != "gtsrb"] == [
        q for q in stored.questions if q.claim.data != "gtsrb"
    ]
    other = {**one.networks, "single": {**one.networks["single"], "fingerprint": "0"}}
    for changed in (replace(part, networks=other), replace(part, unfinished={}), replace(part, scale="small")):
        assert merged(replace(new, data={"gtsrb": changed}), before).data["gtsrb"] is changed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content.pop("questions"), "'questions' is not in it"),
        (lambda content: content.update(format=99), "written by a newer tfstab"),
        (lambda content: content["data"]["mnist"].update(figures=[[1, 2]]), "damaged"),
        (lambda content: content["data"]["mnist"]["classes"][0].__setitem__(2, [[0.5]]), r"expected \(3, 10\)"),
        (lambda content: content.update(data=[]), "damaged"),
        (lambda content: content["data"]["mnist"].update(commit="x" * (3 << 20)), "more than 2 MB"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, change, said):
    content, path = to_json(stored_results()), tmp_path / "results.json"
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(RunError, match=said):
        read_results(path)


def test_the_same_results_agree_and_others_differ():
    stored = stored_results().data["mnist"]
    same = agreements(stored, stored)
    assert len(same) == len(stored.figures) and not any(a.differs for a in same)
    assert {a.relation for a in same} == {Relation.SAME}
    assert all(c.different == 0 and c.cells >= 20 for c in class_agreements(stored, stored))
    worse = [replace(f, value=f.value / 2, low=f.low / 2, high=f.high / 2) for f in stored.figures]
    found = agreements(replace(stored, figures=tuple(worse)), stored)
    assert all(a.differs for a in found if a.here.measure in SHARES)
    ratio = next(a for a in found if a.here.measure == "gain")
    assert ratio.change == pytest.approx(0.5) and ratio.low < 0.5 < ratio.high


def test_other_networks_and_images_count_as_independent():
    stored = stored_results().data["mnist"]
    other = {kind: network | {"fingerprint": "0" * 64} for kind, network in stored.networks.items()}
    found = agreements(replace(stored, networks=other), stored)
    assert {a.relation for a in found} == {Relation.NETWORKS}
    made = json.loads(json.dumps(stored.made))
    made["runs"]["explanations/single-noise"]["settings"]["another"] = 1
    made["runs"]["sweeps/single"]["settings"]["copies"] += 1
    found = agreements(replace(stored, made=made), stored)
    related = {(a.here.network, a.here.test): a.relation for a in found}
    assert related["single", "noise"] == related["augmented / single", "noise"] == Relation.SETTINGS
    assert {related["single", "noisy"], related["augmented", "noise"], related["single", "layers"]} == {Relation.SAME}
    found = agreements(replace(stored, images={**stored.images, "fingerprint": "0"}), stored)
    assert {a.relation for a in found} == {Relation.IMAGES}
    a = next(a for a in found if a.here.key == ("single", "noisy", None, "accuracy"))
    assert a.high > (a.here.high - a.here.value) > 0


def test_a_sample_of_the_stored_images_agrees_as_often_as_it_says():
    """Accuracies of samples of images and copies against those of all: the interval holds 0 in 95 % of cases."""
    rng, inside, trials = np.random.default_rng(0), 0, 400
    chance = rng.permuted(np.tile(rng.beta(0.5, 0.1, 4000), (trials, 1)), axis=1)
    few = rng.binomial(4, chance)
    whole = (few + rng.binomial(16, chance)) / 20
    for some, every in zip(few[:, :500] / 4, whole, strict=True):
        values = [np.array([v.mean(), *mean_interval(v)])[:, None] for v in (some, every)]
        _, low, high = difference(*values, Relation.SAME, True)[:, 0]
        inside += low <= 0 <= high
    assert 0.92 < inside / trials <= 0.98


def test_too_few_images_decide_nothing():
    stored = stored_results().data["mnist"]
    few = Figure("single", "noise", None, "noise", 250.0, 0.0, float("inf"), 5)
    (found,) = agreements(replace(stored, figures=(few,)), stored)
    assert found.differs is None


def test_only_opposite_verdicts_contradict_each_other():
    claims = [replace(claim, verdict=HOLDS) for claim in stored_results().claims]
    for verdict, contradicts in ((FAILS, True), (UNDECIDED, False), (HOLDS, False)):
        here = [replace(claim, verdict=verdict) for claim in claims]
        found = claim_agreements(here, claims)
        assert len(found) == len(claims) and all(c.contradicts == contradicts for c in found)
