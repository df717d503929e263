"""A remedy's figures are those of the runs, paired by image, and are told only as far as they are decided."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from remedy_runs import BLUR, COUNT, NOISE, copies

from made_runs import made_search, made_sweep
from tfstab import SweepConfig
from tfstab.errors import InputError
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_text import families_sentence
from tfstab.report.harden_tables import classes_table


def test_the_figures_are_those_of_the_runs(runs):
    compared = RemedyComparison(runs["one"], runs["two"], trained=["gaussian_noise"])
    assert (compared.before, compared.after, len(compared.images)) == ("one", "two", COUNT)
    assert {c.name for c in compared.changes} == {
        "clean", "accuracy", "kept", "accuracy_trained", "accuracy_other", "gaussian_noise", "minimum_noise",
    }  # fmt: skip
    clean, noise, blur = 0.9, (0.375, 0.75), (0.75, 0.755)
    expected = {
        "clean": (clean, clean),
        "accuracy": ((noise[0] + blur[0]) / 2, (noise[1] + blur[1]) / 2),
        "kept": ((noise[0] + blur[0]) / 2 / clean, (noise[1] + blur[1]) / 2 / clean),
        "accuracy_trained": noise,
        "accuracy_other": blur,
        "gaussian_noise": noise,
        "gaussian_blur": blur,
    }
    for name, (before, after) in expected.items():
        change = compared.change(name)
        p = change.paired
        assert (p.first, p.second, p.value) == pytest.approx((before, after, after - before)), name
        assert p.low <= p.value <= p.high and change.images == COUNT
        assert p.high - p.low > 0.01, "an interval has a width even if few images change"
    ratio = compared.change("minimum_noise")
    assert (ratio.paired.value, ratio.paired.low, ratio.images) == (1.5, 1.5, 180 - 1)


def test_one_image_of_two_hundred_decides_nothing(runs):
    compared = RemedyComparison(runs["one"], runs["two"], trained=["gaussian_noise"])
    assert [(f.name, f.trained, f.decided) for f in compared.families] == [
        ("gaussian_noise", True, 1), ("gaussian_blur", False, 0),
    ]  # fmt: skip
    both = SimpleNamespace(families=[replace(family, decided=0) for family in compared.families])
    assert "Many comparisons are made at once" in families_sentence(both)
    said = compared.summary()
    assert "Many comparisons" not in said
    assert "ccuracy kept" not in said and "Accuracy under other degradations (1): " in said
    assert "179 images, after divided by before: median 1.50 (95 % interval 1.50 to 1.50), so more noise is" in said
    assert "Accuracy rises under Gaussian noise; not decided: Gaussian blur." in said
    none = "Of 200 clean images, none is right with 'one' only, and none with 'two' only"
    assert f"{none} (McNemar's exact test: p = 1)." in said
    assert (
        "Averaged over 2 degradations, applied one at a time, accuracy rises from 56.2 % to 75.2 % (+19.0 points"
        in said
    )
    assert "Clean accuracy is 90.0 % before and 90.0 % after; whether it changes is not decided (+0.0 points" in said
    assert not compared.unchanged and "one stays unchanged" in RemedyComparison(runs["one"], runs["one"]).summary()
    back = RemedyComparison(runs["two"], runs["one"])
    assert "accuracy falls from 75.2 %" in back.summary() and back.families[0].decided == -1
    assert "Accuracy falls under Gaussian noise; not decided: Gaussian blur." in back.summary()
    assert "so less noise is enough than before" in back.summary()
    rising = SimpleNamespace(families=[replace(family, decided=1) for family in compared.families])
    assert families_sentence(rising) == "Accuracy rises under Gaussian noise and Gaussian blur."
    last_first = SimpleNamespace(families=rising.families[::-1])  # the largest rise stays the first
    assert families_sentence(last_first) == families_sentence(rising)


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (3, "so more noise is needed than before; the median itself is 45.0 grey"),
        (0.3, "so it is not decided whether more or less noise is needed\n"),
    ],
)
def test_the_medians_of_minimum_noise_are_told_only_if_a_change_is_decided(tmp_path, ratio, said):
    """Of few images, one median may rise while the ratio falls."""
    config, before = SweepConfig(degradation="fog", severities=(20,)), np.arange(10.0, 90, 10)
    after = before * np.where(np.arange(8) % 2, ratio, 3)
    sides = [
        [made_sweep(tmp_path / name, config, np.zeros((8, 1, 1), int), name=name),
         made_search(tmp_path / f"{name}-search", noise, name=name, unrefined=noise * 2)]
        for name, noise in (("one", before), ("two", after))
    ]  # fmt: skip
    told = RemedyComparison(*sides).summary() + "\n"
    assert said in told and ("median itself" in told) == (ratio == 3)


@pytest.mark.parametrize("strongest", [80.0, 10.0])
def test_a_median_that_moves_against_the_ratios_is_explained(tmp_path, strongest):
    """All twelve images need 1.1 times the noise but one of those in the middle, which may need much less."""
    config = SweepConfig(degradation="fog", severities=(20,))
    before = np.array([1, 2, 3, 4, 5, 50, 55, 100, 105, 110, 115, 120.0])
    after = np.where(before == 55, strongest, before * 1.1)
    sides = [
        [made_sweep(tmp_path / name, config, np.zeros((12, 1, 1), int), name=name),
         made_search(tmp_path / f"{name}-search", noise, name=name, unrefined=noise * 2)]
        for name, noise in (("one", before), ("two", after))
    ]  # fmt: skip
    told = RemedyComparison(*sides).summary()
    assert ("may contradict these medians" in told) == (strongest == 10)


@pytest.mark.parametrize(("improved", "decided"), [(6, 0), (7, 1)])
def test_of_two_degradations_each_needs_more_than_a_single_one(tmp_path, improved, decided):
    """Six of 40 images that become right would decide alone."""
    sides = [
        [
            made_sweep(tmp_path / f"{name}-{family}", SweepConfig(degradation=family, severities=(20,)),
                       (np.arange(40) >= right)[:, None, None], name=name)
            for family in ("fog", "brightness")
        ]
        for name, right in (("one", 0), ("two", improved))
    ]  # fmt: skip
    families = RemedyComparison(*sides).families
    assert [(family.paired.sign, family.decided) for family in families] == [(1, decided)] * 2


def test_what_was_hardened_against_is_told_apart_from_the_rest_only_where_there_are_both(runs):
    for trained in ((), ("gaussian_noise", "gaussian_blur")):
        names = [change.name for change in RemedyComparison(runs["one"], runs["two"], trained=trained).changes]
        assert names == ["clean", "accuracy", "kept", "gaussian_noise", "minimum_noise"]


def test_tables_and_json_hold_the_same(runs):
    compared = RemedyComparison(runs["one"], runs["two"], trained=["gaussian_noise"])
    frame, record = compared.to_pandas(), json.loads(json.dumps(compared.to_json(), allow_nan=False))
    assert frame.loc["kept", "change"] == record["figures"]["kept"]["change"]
    assert record["figures"]["minimum_noise"]["kind"] == "ratio" and record["families"]["gaussian_blur"]["decided"] == 0
    assert len(frame) == 8 and "<table" in compared._repr_html_()


def test_classes_that_change_are_told_on_clean_images(tmp_path):
    """Class 0 loses 20 of 50 clean images; class 1 gains 2, which decides nothing."""
    labels, config = np.repeat([0, 1], 50), SweepConfig(degradation="fog", severities=(20,), copies=1)
    before, after = (np.where(np.arange(100) % 50 < lost, 2, labels) for lost in (0, 0))
    before[50:52], after[:20] = 2, 2
    one, two = (
        made_sweep(tmp_path / name, config, labels[:, None, None], labels, clean, name=name)
        for name, clean in (("one", before), ("two", after))
    )
    compared = RemedyComparison([one], [two])
    assert (
        "On clean images, 'one' is right more often than 'two' in class 0 (50 against 30 of 50 images). This is "
        "decided for all 2 classes at once, with 95 % confidence." in compared.summary()
    )
    assert {name: c["decided"] for name, c in compared.to_json()["classes"].items()} == {"0": -1, "1": 0}
    table = classes_table(compared)
    assert table.text_rows()[0] == ["0", "50", "100.0", "60.0", "-40.0", table.rows[0][5], "falls"]
    assert [row[-1] for row in table.rows] == ["falls", "not decided"]
    same = RemedyComparison(
        [one], [made_sweep(tmp_path / "as", config, labels[:, None, None], labels, before, name="as")]
    )
    assert "In none of the 2 classes do the clean images decide" in same.summary()


def test_only_what_both_have_is_compared(runs, tmp_path):
    few = made_sweep(tmp_path / "few", NOISE, copies(NOISE, np.ones((30, 2))), indices=range(30), name="three")
    compared = RemedyComparison(runs["one"], [few])
    assert len(compared.images) == 30 and [pair[0].degradation.name for pair in compared.pairs] == ["gaussian_noise"]
    assert compared.change("accuracy").title == "accuracy under Gaussian noise" and compared.search is None
    with pytest.raises(InputError, match="no figure is called 'fog'"):
        compared.change("fog")


def test_runs_that_do_not_fit_are_refused(runs, tmp_path):
    with pytest.raises(InputError, match="different degradations"):
        RemedyComparison(runs["one"][:1], runs["two"][1:])
    other = made_sweep(tmp_path / "s", SweepConfig(sigmas=(5,), copies=1), np.zeros((9, 1, 1), int), name="two")
    with pytest.raises(InputError, match="different severities"):
        RemedyComparison(runs["one"], [other])
    with pytest.raises(InputError, match="several networks"):
        RemedyComparison([runs["one"][0], runs["two"][1]], runs["two"])
    with pytest.raises(InputError, match="no sweep was given"):
        RemedyComparison(runs["one"][2:], runs["two"])


def test_sweeps_of_other_images_have_nothing_in_common(tmp_path):
    made = [
        made_sweep(tmp_path / f"{name}-{config.degradation.name}", config, np.zeros((2, 2, config.copies), int),
                   indices=np.array(places), name=name)
        for name in ("one", "two")
        for config, places in ((NOISE, [0, 1]), (BLUR, [2, 3]))
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"^the sweeps have no finished image in common: make all with the same"):
        RemedyComparison(made[:2], made[2:])
