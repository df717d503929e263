"""Margins, gain and flatness of networks whose every figure is given, and the claims that they decide."""

import json

import numpy as np
import pytest

from made_runs import made_explanation, made_search
from tfstab.errors import InputError
from tfstab.experiments.claim import FAILS, HOLDS, UNDECIDED, UNTESTED
from tfstab.experiments.claims import claims
from tfstab.experiments.margins import margins_of, paired_ratio
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import images_explained
from tfstab.experiments.scales import SCALES
from tfstab.report.margin_tables import margin_records, margin_section
from tfstab.report.reproduction_report import reproduction_report

FEATURE = "does not widen the margin between classes in feature space"
INPUT = "does not widen the margin between classes in the input"
MARGIN = np.linspace(0.1, 0.8, 8)


@pytest.fixture
def reproduced(tmp_path):
    """Make the reproduction of a data set that consists of explanations and searches whose figures are given."""

    def make(explained, searched=None, **others):
        for kind, figures in explained.items():
            made_explanation(tmp_path / "explanations" / f"{kind}-layers", **figures, name=kind)
        for kind, l2 in (searched or {}).items():
            made_search(tmp_path / "searches" / kind, l2, name=kind)
        kinds = dict.fromkeys([*explained, *(searched or ())], True) | others
        info = {
            "data": "mnist", "scale": "small", "class_names": list("012"), "images": {"name": "made", "note": ""},
            "networks": {kind: {"name": kind, "trained": None, "fingerprint": ""} for kind in kinds},
            "explained": [kind for kind, has_gradients in kinds.items() if has_gradients],
        }  # fmt: skip
        (tmp_path / "reproduction.json").write_text(json.dumps(info))
        return Reproduction(tmp_path)

    return make


def claim(said, reproduction):
    (found,) = (c for c in claims({"mnist": reproduction}) if said in c.said)
    return found


def test_figures_count_for_images_that_are_right_and_the_gain_for_all(tmp_path):
    clean = [0, 0, 0, 0, 0, 0, 1, 1]
    signed = np.where(clean, -MARGIN, MARGIN)
    [one] = margins_of(
        made_explanation(tmp_path, signed, 2 * signed, np.arange(1.0, 9), l2=10 * np.arange(1.0, 9), clean=clean)
    )
    medians = {measure: one.median(measure).value for measure in one.values}
    assert one.part == ""
    assert medians.pop("flatness") == pytest.approx(medians["noise"] * (0.1 * np.linspace(-1, 1, 20).std(ddof=1)) / 10)
    assert medians == pytest.approx({"feature_margin": 0.35, "input_margin": 0.7, "gain": 4.5, "noise": 35})


def test_an_ensemble_has_figures_of_the_whole_and_of_each_member(tmp_path):
    whole, *members = margins_of(made_explanation(tmp_path, [MARGIN, 2 * MARGIN], gain=[[3.0], [4.0]], l2=[7.0] * 8))
    assert [one.part for one in (whole, *members)] == ["whole", "member 1", "member 2"]
    assert list(whole.values) == ["noise", "flatness"] and whole.median("noise").value == 7
    assert [m.median("feature_margin").value for m in members] == pytest.approx([0.45, 0.9])
    assert [m.median("gain").value for m in members] == [3, 4]
    assert np.isnan(whole.median("gain").value) and "noise" not in members[0].values
    ratio = paired_ratio(whole, members[0], "gain")
    assert ratio.count == 0 and np.isnan(ratio.value)


def test_a_ratio_is_of_the_same_images_that_both_get_right(tmp_path):
    right, other = np.array([-1, 1, 1, 1, 1, 1, 1, 1]), np.array([1, 1, -1, 1, 1, 1])
    first = made_explanation(tmp_path / "a", right * MARGIN, l2=10 * MARGIN, clean=right < 0)
    second = made_explanation(tmp_path / "b", other * 3 * MARGIN[:6], l2=20 * MARGIN, clean=other < 0, name="other")
    [a], [b] = margins_of(first), margins_of(second)
    ratio = paired_ratio(a, b, "feature_margin")
    assert ratio.count == 4 and ratio.value == pytest.approx(3)
    assert ratio.first == pytest.approx(np.median(MARGIN[[1, 3, 4, 5]]))
    noise = paired_ratio(a, b, "noise")
    assert noise.count == 4 and noise.value == pytest.approx(2)
    assert paired_ratio(a, b, "gain").count == 6
    info = json.loads((tmp_path / "b" / "run.json").read_text())
    (tmp_path / "b" / "run.json").write_text(json.dumps(info | {"settings": info["settings"] | {"sigma": 5.0}}))
    with pytest.raises(InputError, match="different settings"):
        paired_ratio(a, margins_of(type(second)(tmp_path / "b"))[0], "gain")


@pytest.mark.parametrize(
    ("factors", "expected"),
    [(1, HOLDS), (0.5, HOLDS), (1.09, HOLDS), (1.11, FAILS), ([0.5, 2] * 4, UNDECIDED), ([1, 1.2] * 4, UNDECIDED)],
)
def test_margins_in_feature_space_and_in_the_input_are_decided_apart(reproduced, factors, expected):
    changed = {"feature_margin": factors * MARGIN, "input_margin": 2 * MARGIN, "gain": 0.5, "l2": 20 * MARGIN}
    single = {"feature_margin": MARGIN, "l2": 10 * MARGIN}
    r = reproduced({"single": single, "augmented": changed})
    feature, noise = claim(FEATURE, r), claim(INPUT, r)
    assert (feature.verdict, noise.verdict) == (expected, FAILS)
    assert (
        "relative gain before the last layer: median 0.5 instead of 1 on 8 images, median ratio 0.50 (0.50 to 0.50)"
        in feature.evidence
    )
    assert "minimum noise, L2 in grey levels: median 9 instead of 4.5 on 8 images that both get right" in noise.evidence
    assert "relative margin in the input: median 0.9 instead of 0.45" in noise.evidence


def test_walks_with_gradients_decide_and_searches_where_there_are_none(reproduced):
    searched = {"single": 10 * MARGIN, "augmented": 30 * MARGIN}
    assert claim(INPUT, reproduced({}, searched)).verdict == FAILS
    figures = {"feature_margin": MARGIN}
    both = claim(INPUT, reproduced({"single": figures, "augmented": figures}))
    assert both.verdict == HOLDS and "median ratio 3.000" in both.evidence


def test_too_few_images_and_networks_without_gradients_decide_nothing(reproduced):
    few = {"feature_margin": MARGIN[:5]}
    r = reproduced({"single": few, "augmented": few})
    assert claim(FEATURE, r).verdict == UNDECIDED and "only 5 images could be compared" in claim(FEATURE, r).evidence
    without = claim(FEATURE, reproduced({}, single=True, augmented=False))
    assert without.verdict == UNDECIDED  # their runs are in the folder still


def test_claims_without_explanations_are_untested(reproduced):
    r = reproduced({"single": {"feature_margin": MARGIN}}, augmented=False)
    assert claim(FEATURE, r).verdict == UNTESTED and "'augmented' has no gradients" in claim(FEATURE, r).evidence
    r = reproduced({}, augmented=True)
    assert claim(FEATURE, r).evidence.startswith("There are no results yet")


def test_the_report_shows_figures_and_ratios_with_intervals(reproduced):
    single = {"feature_margin": MARGIN, "gain": 2.0}
    ensemble = {"feature_margin": [MARGIN, MARGIN], "l2": [3.0] * 8}
    r = reproduced({"single": single, "ensemble": ensemble}, augmented=True)
    figures, ratios = margin_section({"mnist": r}).parts
    assert [row[1] for row in figures.rows] == [
        "single", "ensemble, whole", "ensemble, member 1", "ensemble, member 2"
    ]  # fmt: skip
    row = dict(zip(figures.columns, figures.rows[0], strict=True))
    assert row["gain"] == "2 (2–2)" and row["feature margin"] == "0.45 (0.1–0.8)"
    [row] = ratios.records()
    assert row["networks"] == "ensemble over single" and row["minimum noise"] == "3 (3–3)"
    assert row["gain"] == "–"
    records = margin_records({"mnist": r})
    assert records[0]["gain"] == {"value": 2, "from": 2, "to": 2, "images": 8} and records[1]["gain"] is None
    page = reproduction_report({"mnist": r})
    assert "Margins, gain and flatness" in [section.title for section in page.sections]
    warnings = [line for section in page.sections for line in section.warnings]
    for which in ("layers", "noise"):
        assert f"the explanation of the network 'augmented' ({which}) is still to be made." in warnings
    assert page.lead[0].endswith("margin and gain of 8 images.")


def test_an_ensemble_and_its_member_get_fewer_images():
    class Logits:
        def __init__(self, members):
            self.members = [None] * members

    def network(members=0, differentiable=True):
        return type(
            "Network", (), {"logits": Logits(members), "differentiable": differentiable, "combine": None}
        )(), None

    chosen = {"single": network(), "ensemble": network(5), "member": network(), "function": network(0, False)}
    size = SCALES["small"]["cifar10"]
    assert [images_explained(kind, chosen, size) for kind in chosen] == [
        {"layers": 1000, "noise": 60}, {"layers": 200, "noise": 24}, {"layers": 0, "noise": 24},
        {"layers": 0, "noise": 0},
    ]  # fmt: skip
