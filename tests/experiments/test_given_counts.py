"""Comparisons of two networks, and robustness against a baseline, from runs whose every prediction is given."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from counted_runs import TWO, copies
from typer.testing import CliRunner

from made_runs import made_search, made_sweep
from tfstab import SweepConfig, compare, open_run
from tfstab.cli.app import app
from tfstab.errors import InputError
from tfstab.experiments.in_short import in_short_of
from tfstab.experiments.robustness import Robustness
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.metrics import wilson_interval
from tfstab.metrics.error_ratios import error_ratio
from tfstab.metrics.kept import Kept, estimate_kept, share_of
from tfstab.metrics.paired import mean_difference

TAKEN = ("taken_first", "taken_second", "says_little")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Each network is wrong on a clean image that the other one gets right, and one on one more."""
    folder = tmp_path_factory.mktemp("pair")
    first = made_sweep(folder / "a", TWO, copies([[4, 4], [4, 2], [3, 1], [0, 0], [4, 0]]), clean=[0, 0, 0, 1, 1])
    second = made_sweep(
        folder / "b", TWO, copies([[4, 3], [2, 2], [0, 0], [4, 4], [1, 0]]), clean=[0, 0, 2, 0, 1], name="other"
    )
    return SweepComparison(first, second)


def test_networks_that_are_wrong_on_different_clean_images(pair):
    assert [which.tolist() for which in pair.clean_correct] == [[1, 1, 1, 0, 0], [1, 1, 0, 1, 0]]
    assert pair.right_in_both.tolist() == [True, True, False, False, False]
    assert (pair.mcnemar.only_first, pair.mcnemar.only_second, pair.mcnemar.p_value) == (1, 1, 1)
    assert (pair.clean.first, pair.clean.second, pair.clean.value) == pytest.approx((0.6, 0.6, 0))
    both = pair.accuracy(clean_correct=True)
    assert (both.first, both.second) == ((8 + 6) / 16, (7 + 4) / 16)
    strong = pair.accuracy(40, clean_correct=True)
    assert (strong.first, strong.second, strong.value) == (6 / 8, 5 / 8, -1 / 8)
    assert pair.accuracy(1).value == pytest.approx((11 - 15) / 20)
    assert pair.recall(0).value == pair.accuracy().value and np.isnan(pair.recall(1).value)


@pytest.mark.parametrize(
    ("only_first", "only_second", "said"),
    [
        (16, 30, "p = 0.0541; tfstab decides by the interval of the difference, +0.03 to +4.63 points"),
        (0, 6, "p = 0.0312; tfstab decides by the interval of the difference, -0.02 to +2.02 points"),
        (10, 30, "p = 0.00222)."),
        (16, 16, "p = 1)."),
    ],
)
def test_where_the_test_and_the_interval_of_clean_accuracy_disagree_one_decides(
    only_first, only_second, said, tmp_path
):
    """Of 600 images, one network alone is right on these, and both on the others."""
    image = np.arange(600)
    wrong = {"a": image < only_second, "b": image >= 600 - only_first}
    right = np.zeros((600, 2, 1), int)
    runs = [made_sweep(tmp_path / name, TWO, right, clean=x.astype(int), name=name) for name, x in wrong.items()]
    pair = SweepComparison(*runs)
    assert said in pair.summary().splitlines()[0]
    assert ("decides" in said) == ((pair.mcnemar.p_value < 0.05) != (pair.clean.sign != 0))


def test_in_short_says_where_more_images_of_other_classes_are_taken_for_a_class_too():
    def recall(sign, takes_more):
        return SimpleNamespace(sign=sign, takes_more=takes_more)

    def under(**families):
        return [
            SimpleNamespace(
                first=SimpleNamespace(degradation=SimpleNamespace(title=title)),
                severities=(1.0,),
                accuracy=lambda severity=None, found=found: found,
            )
            for title, found in families.items()
        ]

    both, none = [recall(1, True)] * 2, recall(0, True)
    clean = SimpleNamespace(
        accuracy=SimpleNamespace(sign=0, first=0.5, second=0.625), changed_classes=both, recalls=[none] * 6
    )
    degraded = [recall(-1, True)] * 3 + [recall(-1, False), none]
    doubt = (
        "the network with the higher recall also takes more images of other classes for the class{}, so the higher "
        "recall alone does not mean that it is better."
    )
    least = " (under degradation, at least 10 of 100 more)"
    undecided = "In short: it is not decided which of old and new is more accurate"
    assert in_short_of(clean, [], None, degraded, 0).sentence("old", "new") == (
        f"{undecided}. Of 6 recalls on clean images, 2 are higher with new. Of 5 recalls under degradation, 4 are "
        f"lower with new. For 5 of the 6 recalls that differ, {doubt.format(least)} Everything else is undecided."
    )
    one = SimpleNamespace(**vars(clean) | {"changed_classes": both[:1]})
    where = "either on clean images or averaged over the severities of any of the 2 degradations"
    alike = mean_difference(np.arange(9) < 5, np.arange(9) > 3)
    assert in_short_of(one, under(fog=alike, gamma=alike), None, [], 0).sentence("old", "new") == (
        f"{undecided}, {where}. Of 6 recalls on clean images, 1 is higher with new. In this case, {doubt.format('')} "
        "Everything "
        "else is undecided."
    )
    some, more = mean_difference(np.arange(9) < 1, np.arange(9) < 9), mean_difference(*np.eye(2, 99)[[0, 0]])
    assert (
        in_short_of(one, under(fog=some, gamma=more), some, [], 0)
        .sentence("old", "new")
        .startswith(
            "In short: neither is certainly more accurate on clean images (50.0 % with old, 62.5 % with new). new is "
            "better than old on average over 2 degradations and under fog (1 of 2 degradations). "
        )
    )
    assert "average" not in in_short_of(one, under(fog=some, gamma=some), some, [], 0).sentence("old", "new"), (
        "all of them say more"
    )
    open_mean = in_short_of(one, under(fog=some, gamma=more), alike, [], 0).sentence("old", "new")
    assert open_mean.startswith(
        "In short: neither is certainly more accurate on average over 2 degradations (55.6 % with old, 55.6 % with "
        "new) or on clean images (50.0 % with old, 62.5 % with new). new is better than old under fog (1 of "
        "2 degradations). "
    )
    many = under(**{f"degradation {k}": some for k in range(4)}, gamma=alike)
    assert "under 4 of 5 degradations" in in_short_of(one, many, some, [], 0).sentence("old", "new")
    mixed = [recall(1, False), recall(-1, False), none]
    assert " Of 3 recalls under degradation, 1 is higher with new and 1 is lower. Every" in in_short_of(
        SimpleNamespace(**vars(clean) | {"changed_classes": []}), [], None, mixed, 0
    ).sentence("old", "new")


def test_a_comparison_prints_in_python_what_the_command_prints_and_has_a_table_of_recalls(tmp_path):
    """Under noise, class 1 is lost; only the first network has fog."""
    labels = np.repeat([0, 1], 60)
    for name, lost in (("old", labels), ("new", 0 * labels)):
        made_sweep(tmp_path / name / "gaussian_noise", TWO, lost[:, None, None], labels, labels, name=name)
    fog = SweepConfig(degradation="fog", severities=(20,), copies=1)
    made_sweep(tmp_path / "old" / "fog", fog, labels[:, None, None], labels, labels, name="old")
    both = compare(tmp_path / "old", tmp_path / "new")
    title, left_out, *summary = str(both).splitlines()
    assert title == "old, first, and new, second" and "\n".join(summary) == both.summary()
    assert [left_out] == both.left_out == ["Only old has fog."]
    printed = CliRunner().invoke(
        app, ["compare", *(str(tmp_path / name) for name in ("old", "new")), "--fail-if-worse"]
    )
    lines = " ".join(printed.output.split())
    assert lines.startswith(f"{title} {left_out}") and lines.endswith(both.judgement())
    assert both.judgement().endswith(" Not compared: fog.") and "Gaussian noise (50.0 % against" in both.judgement()
    table = both.recall_table()
    assert table.columns.tolist() == ["class", "degradation", "images", *both.to_pandas().columns[1:], *TAKEN]
    assert table[[*TAKEN]].to_numpy().tolist() == [[0, 0, False], [0, 1, True]]
    assert table["class"].tolist() == ["1", "0"] and table["degradation"].unique().tolist() == ["gaussian_noise"]
    assert table["better"].tolist() == ["first", "not decided"] and table["difference"].tolist() == [-1, 0]


def test_degradations_with_fewer_images_than_planned_are_named_unless_all_have_fewer(tmp_path, monkeypatch):
    monkeypatch.setattr("made_runs.MOST_ROWS", 40)
    right = np.zeros((100, 1, 1), int)
    for name in ("old", "new"):
        for family in ("fog", "contrast"):
            config = SweepConfig(degradation=family, severities=(20,), copies=1)
            made_sweep(tmp_path / name / family, config, right, name=name)
    said = (
        "80 of the 100 images were measured for both networks; only these are compared. With more minutes, more are "
        "measured."
    )
    for family, where in (("fog", "fog"), ("contrast", "all 2 degradations")):
        *_, last = open_run(tmp_path / "new" / family).parts.values()
        last.unlink()
        assert compare(tmp_path / "old", tmp_path / "new").judgement().endswith(f" Under {where}, {said}")


def test_searches_count_images_that_both_get_right_and_find(tmp_path):
    inf = np.inf
    a = made_search(tmp_path / "a", [10, 20, inf, 40, 0, 8], clean=[0, 0, 0, 0, 1, 0])
    b = made_search(tmp_path / "b", [20, inf, inf, 20, 9, 0], clean=[0, 0, 0, 0, 0, 2], name="other")
    pair = SearchComparison(a, b)
    assert pair.compared.tolist() == [True, False, False, True, False, False]
    assert (pair.not_found.first, pair.not_found.second) == (1, 2)
    ratio = pair.ratio()
    assert (ratio.first, ratio.second, ratio.value) == pytest.approx((25, 20, (2 + 0.5) / 2))
    assert (ratio.low, ratio.high, ratio.p_value) == (0, np.inf, 1)  # two pairs cannot decide
    assert pair.ratio(0).value == ratio.value and np.isnan(pair.ratio(1).value)


def test_a_baseline_with_clean_errors(tmp_path):
    """Corruption errors and relative ones by their definition."""
    configs = [SweepConfig(degradation=name, severities=(20, 40)) for name in ("brightness", "rotation")]
    mine_right = [[[1, 1], [1, 0], [0, 0], [1, 0]], [[1, 1], [1, 1], [0, 0], [0, 1]]]
    theirs_right = [[[1, 0], [0, 0], [0, 0], [0, 0]], [[1, 0], [0, 0], [1, 1], [0, 0]]]
    runs, baselines = (
        [
            made_sweep(tmp_path / f"{name}{k}", config, 1 - np.array(right[k])[:, :, None], clean=clean, name=name)
            for k, config in enumerate(configs)
        ]
        for name, right, clean in (("mine", mine_right, [0, 0, 1, 0]), ("theirs", theirs_right, [0, 1, 0, 0]))
    )
    r = Robustness(runs, baselines)
    assert r.clean_accuracy.value == 0.75 and (r.model, r.baseline) == ("mine", "theirs")
    first, second = r.families
    assert (first.accuracy.value, second.accuracy.value) == (0.5, 0.625)
    assert (first.ce.value, second.ce.value) == pytest.approx((4 / 7, 3 / 5))
    assert first.relative_ce.value == pytest.approx((0.5 - 0.25) / (7 / 8 - 0.25))
    assert second.relative_ce.value == pytest.approx((0.375 - 0.25) / (5 / 8 - 0.25))
    assert r.mce.value == pytest.approx((4 / 7 + 3 / 5) / 2)
    assert r.relative_mce.value == pytest.approx((first.relative_ce.value + second.relative_ce.value) / 2)

    error, their_error = [1 - np.mean(np.array(right[0]), axis=1) for right in (mine_right, theirs_right)]
    assert first.ce == error_ratio(error, their_error) and first.ce.high == np.inf  # of four images
    # The accuracy kept has the same interval as in a verdict, and none with fewer than five images right when clean.
    kept = estimate_kept(Kept(np.arange(4), 1 - error, np.array([1, 1, 0, 1.0])))
    np.testing.assert_array_equal([*vars(first.kept).values()], [*vars(kept).values()])
    assert first.accuracy == share_of(1 - error)
    assert (r.clean_accuracy.low, r.clean_accuracy.high) == wilson_interval(3, 4)


def test_a_baseline_that_loses_nothing_has_no_relative_error(tmp_path):
    config = SweepConfig(degradation="brightness", severities=(20, 40))
    run = made_sweep(tmp_path / "a", config, np.ones((3, 2, 1), int), clean=[0, 0, 1])
    same = made_sweep(tmp_path / "b", config, np.array([0, 0, 1]).reshape(3, 1, 1), clean=[0, 0, 1], name="b")
    better = made_sweep(tmp_path / "c", config, np.zeros((3, 2, 1), int), clean=[0, 0, 1], name="c")
    (family,) = Robustness([run], [same]).families
    assert family.ce.value == 3 and np.isnan(family.relative_ce.value)
    r = Robustness([run], [better])
    assert np.isnan(r.families[0].relative_ce.value) and np.isnan(r.relative_mce.value) and np.isnan(r.mce.value)


def test_a_mean_is_over_the_families_that_have_a_value(tmp_path):
    """Of both, though the baseline errs on one image of six alone."""
    configs = [SweepConfig(degradation=name, severities=(20,)) for name in ("brightness", "rotation")]
    mine = np.array([1, 1, 0, 0, 0, 0]).reshape(6, 1, 1)
    theirs = [mine[::-1], np.eye(6)[0].reshape(6, 1, 1)]
    runs, baselines = (
        [made_sweep(tmp_path / f"{name}{k}", config, predicted[k], name=name) for k, config in enumerate(configs)]
        for name, predicted in (("mine", [mine, mine]), ("theirs", theirs))
    )
    r = Robustness(runs, baselines)
    assert [family.ce.value for family in r.families] == [1, 2] and r.mce.value == 1.5


def test_an_image_with_as_many_right_copies_has_no_difference(tmp_path):
    """The shares of right copies, averaged over three severities, differ in their last digit."""
    config, right = SweepConfig(sigmas=(10, 20, 40), copies=5), ([0, 1, 2], [0, 2, 1])
    for name, wrong in zip(("old", "new"), right, strict=True):
        predicted = (np.arange(5) < np.array(wrong)[:, None]).astype(int)[None]
        made_sweep(tmp_path / name, config, predicted, [0], [0], name=name, classes=2)
    both = compare(tmp_path / "old", tmp_path / "new")
    table = both.image_table()
    assert table["first"].item() != table["second"].item() and table["difference"].item() == 0


def test_images_on_which_the_second_network_is_worse_are_listed_and_those_alone(tmp_path):
    """Of 20 images, the second network loses 12, of image 3 only half of the copies, and gains one."""
    right, labels = np.zeros((20, 1, 2), int), np.zeros(20, int)
    second, first = right.copy(), right.copy()
    second[:12], second[3, 0, 0], first[15] = 1, 0, 1
    for name, predicted in (("old", first), ("new", second)):
        config = SweepConfig(sigmas=(20,), copies=2)
        made_sweep(tmp_path / name, config, predicted, labels, labels, name=name, classes=2)
    both = compare(tmp_path / "old", tmp_path / "new")
    table = both.image_table()
    assert table["image"][:12].tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 3]
    assert table["clean_first"].all() and table["file"].tolist() == [""] * 20
    assert table["difference"].iloc[[0, 11, 12, 19]].tolist() == [-1, -0.5, 0, 1]
    printed = CliRunner().invoke(app, ["compare", str(tmp_path / "old"), str(tmp_path / "new")]).output
    listed = printed.partition("Images on which the second network is worse")[2]
    assert listed.count("-100.00") == 10 and "image 3" not in listed
    said = "Of 20 images, the second network is right on fewer copies of 12, and on more copies of 1."
    assert said in " ".join(listed.split())
    back = CliRunner().invoke(app, ["compare", str(tmp_path / "new"), str(tmp_path / "old"), "--json"]).output
    assert json.loads(back)[0]["Images on which the second network is worse"] == [
        {"image": "image 15", "class": "0", "right when clean": "both", "first": 1.0, "second": 0.0, "difference": -1.0}
    ]
    same = CliRunner().invoke(app, ["compare", str(tmp_path / "new"), str(tmp_path / "new")]).output
    assert "network is worse" not in same
    said = " ".join(same.split())
    assert "Both are the same network, so any difference below comes from how each was measured" in said
    assert "at most" not in said and "would decide" not in said
    with pytest.raises(InputError, match=r"sigma 70 is not in both runs; both have 20\."):
        both.accuracy(severity=70)
    with pytest.raises(InputError, match=r"an object of type int was given; expected an assessment, a sweep or a sear"):
        compare(3, tmp_path / "new")
