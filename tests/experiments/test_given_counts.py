"""Comparisons, robustness and the paper's claims from runs whose every prediction is given."""

import html
import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from made_runs import made_search, made_sweep
from tfstab import SweepConfig, compare, open_run
from tfstab.cli.app import app
from tfstab.errors import InputError
from tfstab.experiments.claim import FAILS, HOLDS, UNDECIDED, UNSEEN, UNTESTED, VERDICTS, verdicts
from tfstab.experiments.claims import claims
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.in_short import in_short_of
from tfstab.experiments.objective_claims import Equations
from tfstab.experiments.reproduction import Reproduction
from tfstab.experiments.reproduction_steps import LAMBDAS, OBJECTIVES, objective_name
from tfstab.experiments.robustness import Robustness
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.experiments.worse import class_figures, respects, worse, worse_sentence
from tfstab.metrics import wilson_interval
from tfstab.metrics.error_ratios import error_ratio
from tfstab.metrics.kept import Kept, estimate_kept, share_of
from tfstab.metrics.paired import mean_difference
from tfstab.orders.comparing import compared_pairs, opened

GATE = Path(__file__).parents[2] / "resources/guide/how-to/continuous-integration.md"
TWO = SweepConfig(sigmas=(1, 40), copies=4)
TAKEN = ("taken_first", "taken_second", "says_little")


def copies(right):
    """The classes of four copies of images of class 0, of which so many are right at each severity, (N, S)."""
    return np.where(np.arange(4) < np.asarray(right)[:, :, None], 0, 1)


# --- two networks ---


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

    both, none = [recall(1, True)] * 2, recall(0, True)
    clean = SimpleNamespace(accuracy=SimpleNamespace(sign=0), changed_classes=both, recalls=[none] * 6)
    under = [recall(-1, True)] * 3 + [recall(-1, False), none]
    doubt = (
        "the network with the higher recall also takes more images of other classes for the class{}, so the higher "
        "recall alone does not mean that it is better."
    )
    least = " (under degradation, at least 10 of 100 more)"
    undecided = "In short: it is not decided which of old and new is more accurate"
    assert in_short_of(clean, [], None, under, 0).sentence("old", "new") == (
        f"{undecided}. Of 6 recalls on clean images, 2 are higher with new. Of 5 recalls under degradation, 4 are "
        f"lower with new. In 5 of these 6 cases, {doubt.format(least)} Everything else is undecided."
    )
    one = SimpleNamespace(**vars(clean) | {"changed_classes": both[:1]})
    where = "either on clean images or under any of the 2 degradations"
    alike = mean_difference(np.arange(9) < 5, np.arange(9) > 3)
    assert in_short_of(one, [alike] * 2, None, [], 0).sentence("old", "new") == (
        f"{undecided}, {where}. Of 6 recalls on clean images, 1 is higher with new. In this case, {doubt.format('')} "
        "Everything "
        "else is undecided."
    )
    some, more = mean_difference(np.arange(9) < 1, np.arange(9) < 9), mean_difference(*np.eye(2, 99)[[0, 0]])
    assert (
        in_short_of(one, [some, more], some, [], 0)
        .sentence("old", "new")
        .startswith("In short: new is better than old on average over 2 degradations and under 1 of 2 degradations. ")
    )
    assert "average" not in in_short_of(one, [some, some], some, [], 0).sentence("old", "new"), "all of them say more"
    mixed = [recall(1, False), recall(-1, False), none]
    assert " Of 3 recalls under degradation, 1 is higher with new and 1 is lower. Every" in in_short_of(
        SimpleNamespace(**vars(clean) | {"changed_classes": []}), [], None, mixed, 0
    ).sentence("old", "new")


def test_clean_images_are_compared_whether_degraded_or_not_and_by_class(tmp_path, monkeypatch):
    """Both networks have scored 100 clean images; one has degraded only some of them. Class 1 has 40."""
    monkeypatch.setattr("made_runs.MOST_ROWS", 40)
    labels = np.repeat([0, 1], [60, 40])
    first, second = np.where(np.arange(100) < 61, labels, 2), np.where(np.arange(100) < 80, labels, 2)
    old, new = tmp_path / "runs/old", tmp_path / "runs/new"
    for folder, clean in ((old, first), (new, second)):
        degraded = np.where(labels == 0, 0, clean)[:, None, None]
        run = made_sweep(
            folder / "gaussian_noise", SweepConfig(sigmas=(1, 40), copies=1), degraded, labels, clean, name=folder.name
        )
    *_, last = run.parts.values()
    last.unlink()
    pair = FolderComparison(Folder.open(old), Folder.open(new))
    assert len(pair.largest.images) < 100 == pair.largest.clean.count
    assert (
        pair.second.sweeps["gaussian_noise"]
        .summary()
        .splitlines()[0]
        .endswith(", 100 images; so far 1 copy for 80 of 100 images")
    )
    (change,) = pair.largest.on_clean.changed_classes
    assert (change.name, change.sign, change.recall.first, change.recall.second) == ("1", 1, 1 / 40, 20 / 40)
    short, *said = pair.summary().splitlines()[:3]
    assert short == (
        "In short: 'new' is better than 'old' on clean images and under 1 degradation. Of 2 recalls on clean images, 1 "
        "is higher with 'new'. Of 2 recalls under degradation, 1 is higher with 'new'. Everything else is undecided."
    )
    assert said == [
        "Clean accuracy 61.00 % ('old') and 80.00 % ('new') on 100 images, a difference (second less first) of +19.00 "
        "points (+10.40 to +27.60). Of these images, none is right with 'old' only, and 19 with 'new' only (McNemar's "
        "exact test: p = 3.81e-06).",
        "On clean images, 'new' is right more often than 'old' in class 1 (20 against 1 of 40 images). This is "
        "decided for all 2 classes at once, with 95 % confidence.",
    ]
    back = FolderComparison(Folder.open(new), Folder.open(old))
    assert back.summary().startswith("In short: 'old' is worse than 'new' on clean images and under 1 degradation. Of")
    itself = FolderComparison(Folder.open(old), Folder.open(old))
    assert itself.summary().startswith("Both are the same network") and "In short" not in itself.summary()
    assert pair.worse() == () and back.worse() == ("clean images", "class 1", "Gaussian noise")
    assert not worse(pair) and worse(back).keys() == {"clean images", "class 1", "Gaussian noise"}
    counted = "(clean images, 2 classes and Gaussian noise; 95 % confidence for all together)"
    fewer = (
        "Under Gaussian noise, 80 of the 100 images were measured for both networks; only these are compared. With "
        "more minutes, more are measured."
    )
    told = f"is worse than old {counted}. {fewer}"
    assert pair.judgement() == f"None of the 4 comparisons shows that new {told}"
    assert worse_sentence(back).startswith(
        f"old is worse than new in 3 of the 4 comparisons {counted}: class 1 (2.5 % against 50.0 %), "
    )
    monkeypatch.chdir(tmp_path)
    line, of_class, tolerant = re.findall(r"^tfstab (compare runs/old runs/new .*)$", GATE.read_text("utf-8"), re.M)
    assert of_class.replace("--class defect ", "") == line == tolerant.replace(" --tolerance 2", "")
    passed = CliRunner().invoke(app, line.split())
    assert passed.exit_code == 0 and passed.output.endswith(f"{told}\n")
    turned = ["compare", "runs/new", "runs/old"]
    failed = CliRunner().invoke(app, [*turned, "--fail-if-worse", "--json"])
    assert failed.exit_code == 1 and json.loads(failed.output)[0]["worse"] == [
        "clean images",
        "class 1",
        "Gaussian noise",
    ]
    assert CliRunner().invoke(app, turned).exit_code == 0


def test_a_comparison_prints_in_python_what_the_command_prints_and_has_a_table_of_recalls(tmp_path):
    """Under noise, class 1 is lost; only the first network has fog."""
    labels = np.repeat([0, 1], 60)
    for name, lost in (("old", labels), ("new", 0 * labels)):
        made_sweep(tmp_path / name / "gaussian_noise", TWO, lost[:, None, None], labels, labels, name=name)
    fog = SweepConfig(degradation="fog", severities=(20,), copies=1)
    made_sweep(tmp_path / "old" / "fog", fog, labels[:, None, None], labels, labels, name="old")
    both = compare(tmp_path / "old", tmp_path / "new")
    title, left_out, *summary = str(both).splitlines()
    assert title == "old (old), first, and new (new), second" and "\n".join(summary) == both.summary()
    assert [left_out] == both.left_out == ["Only old (old) has fog."]
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


def test_the_gate_says_which_recalls_under_degradation_it_leaves_out(tmp_path):
    """Under noise, class 0 loses as many images as class 1 gains, so no accuracy changes."""
    labels = np.repeat([0, 1], 60)
    half = np.arange(120) % 60 < 30
    wrong = {"old": half & (labels == 1), "new": half & (labels == 0)}
    for name, where in wrong.items():
        degraded = np.where(where, 2, labels)[:, None, None]
        made_sweep(tmp_path / name / "gaussian_noise", TWO, degraded, labels, labels, name=name)
    command = ["compare", *(str(tmp_path / name) for name in wrong), "--fail-if-worse"]
    passed = CliRunner().invoke(app, command)
    assert passed.exit_code == 0 and "a lower recall than 'old', decided for all at once: class 0" in passed.output
    assert passed.output.splitlines()[-1].endswith(
        " for all together). The recalls of single classes under degradation do not count: 1 is certainly lower. "
        "To make it count, name the classes that matter with --class NAME (in Python of_classes=)."
    )
    failed = CliRunner().invoke(app, [*command, "--class", "0"])
    assert failed.exit_code == 1 and "do not count" not in failed.output


def test_a_class_that_gets_worse_fails_the_gate_though_another_gets_better(tmp_path):
    """Class 'a lorry' loses 12 of 50 images and class 2 gains 7, decided among the 2 classes but not among all 4."""
    labels = np.repeat([0, 2], 50)
    wrong = [np.arange(50) < count for count in (10, 22, 12, 5)]  # of each class, before and after
    runs = []
    for name, one, other in (("old", wrong[0], wrong[2]), ("new", wrong[1], wrong[3])):
        clean = np.where(np.concatenate([one, other]), 1, labels)
        run = made_sweep(tmp_path / name, TWO, labels[:, None, None], labels, clean, name=name)
        info = json.loads((run.path / "run.json").read_text("utf-8"))
        info["data"]["class_names"] = ["a lorry", "1", "2"]
        (run.path / "run.json").write_text(json.dumps(info), "utf-8")
        runs.append(run.path)
    gate = CliRunner().invoke(app, ["compare", *map(str, runs), "--fail-if-worse"])
    assert gate.exit_code == 1
    assert "is right more often than 'old' in class 2 (45 against 38 of 50 images)" in gate.output
    (entry,) = json.loads(CliRunner().invoke(app, ["compare", *map(str, runs), "--json"]).output)
    assert entry["worse"] == ["class 'a lorry'"]
    assert entry["worse_of"] == ["clean images", "class 'a lorry'", "class 2", "Gaussian noise"]
    back = CliRunner().invoke(app, ["compare", *map(str, reversed(runs)), "--fail-if-worse"])
    assert back.exit_code == 0 and back.output.endswith(
        "Decided for the 2 classes by themselves, but not for all 4 comparisons together, so it does not count: class "
        "2 (76.0 % against 90.0 %).\n"
    )
    named = CliRunner().invoke(app, ["compare", *map(str, reversed(runs)), "--fail-if-worse", "--class", "2"])
    assert named.exit_code == 1 and named.output.endswith(
        "old is worse than new in 1 of the 3 comparisons (recall of class 2, precision of class 2 and recall of class "
        "2 under Gaussian noise; 95 % confidence for all together): recall of class 2 (76.0 % against 90.0 %).\n"
    )
    both = ["compare", *map(str, runs), "--fail-if-worse", "--json", "--class"]
    (entry,) = json.loads(CliRunner().invoke(app, [*both, "a lorry"]).output)
    assert entry["worse"] == ["recall of class 'a lorry'"] and len(entry["worse_of"]) == 3
    both = compare(*runs)
    assert both.worse("a lorry") == both.worse(["a lorry"]) == ("recall of class 'a lorry'",)
    assert both.judgement("a lorry").startswith("new is worse than old in 1 of the 3 comparisons (recall of class 'a l")
    with pytest.raises(InputError, match="the runs have no clean image of class lorry in common: "):
        worse(compared_pairs([opened(run) for run in runs])[0], ["lorry"])


def test_a_class_is_also_named_by_the_number_of_its_folder(tmp_path):
    """The folder 00001 is class 1 of the model, whatever the model calls it, as for requirements and targets."""
    true = np.arange(60) % 3
    number = np.where(true == 1, np.arange(60), 99)
    old, new = (
        made_sweep(tmp_path / name, TWO, true[:, None, None], true, clean, classes=3, name=name)
        for name, clean in (("old", true), ("new", np.where(number < 54, 2, true)))
    )
    pair = SweepComparison(old, new)
    pair.on_clean.class_names = ("yield", "stop", "crane")
    by_name, by_number = (class_figures(pair, names) for names in (["stop"], ["00001", "stop"]))
    assert by_number == by_name and by_name[0].title == "recall of class stop" and by_name[0].sign == -1
    assert worse_sentence(pair, ["1"]) == worse_sentence(pair, ["stop"])
    for unknown in ("3", "Stop"):
        with pytest.raises(InputError, match=f"no clean image of class {unknown} in common: "):
            worse(pair, [unknown])
    pair = SweepComparison(old, new)
    pair.on_clean.class_names = ("crane", "crane", "1")
    assert class_figures(pair, ["1"])[0].paired.second == 1, "a name comes before a number"
    with pytest.raises(InputError, match=r"did you mean 'crane \(0\)' or 'crane \(1\)'"):
        worse(pair, ["crane"])


def test_many_classes_do_not_hide_a_loss_of_clean_accuracy(tmp_path):
    """11 of 3,000 images are lost: p is about 0.001, which is not small among 302 comparisons that count alike."""
    true = np.arange(3000) % 300
    old, new = (
        made_sweep(tmp_path / name, TWO, true[:, None, None], true, clean, classes=300, name=name)
        for name, clean in (("old", true), ("new", np.where(np.arange(3000) < 11, true + 1, true)))
    )
    pair = SweepComparison(old, new)
    assert len(respects(pair)) == 302 and list(worse(pair)) == ["clean images"]


def test_images_on_which_a_network_does_worse_than_guessing_may_be_chosen(tmp_path):
    """The first is wrong on all 30 images of 3 classes; the other one, as bad in truth, gets some of them right."""
    labels = np.arange(30) % 3
    clean = {"old": (labels + 1) % 3, "new": np.where(np.arange(30) < 10, labels, (labels + 2) % 3)}
    runs = [
        made_sweep(tmp_path / name, TWO, labels[:, None, None], labels, predicted, name=name)
        for name, predicted in clean.items()
    ]
    told = CliRunner().invoke(app, ["compare", *(str(run.path) for run in runs), "--fail-if-worse"])
    assert told.exit_code == 0 and told.output.endswith(
        "Do not rely on this if the images were chosen because old fails on them.\n"
    )
    note = (
        "Of these 30 clean images, 'old' gets 0 right, fewer than by guessing among 3 classes (33.3 %). If the images "
        "were chosen because 'old' fails on them, the other network looks better on them than it is, even if it is "
        "worse"
    )
    assert note in told.output
    (entry,) = json.loads(CliRunner().invoke(app, ["compare", *(str(run.path) for run in runs), "--json"]).output)
    assert entry["notes"][0].startswith(note) and "new" not in entry["notes"][0]
    assert "guessing" not in SweepComparison(runs[1], runs[1]).summary()


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


# --- robustness against a baseline ---


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


# --- the paper's claims ---


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


def test_the_gate_accepts_losses_within_a_tolerance(tmp_path):
    """The new network is wrong on 3 of 1,000 clean images, and under noise on 100."""
    labels, number = np.arange(1000) % 2, np.arange(1000)
    clean, noisy = (np.where(number < lost, 1 - labels, labels) for lost in (3, 100))
    for name, one, other in (("old", labels, labels), ("new", noisy, clean)):
        made_sweep(tmp_path / name / "gaussian_noise", TWO, one[:, None, None], labels, other, name=name)
    both = compare(tmp_path / "old", tmp_path / "new")
    assert both.worse() == both.worse(tolerance=0.05) == ("Gaussian noise",) and both.worse(tolerance=0.09) == ()
    assert both.judgement(tolerance=0.05).startswith("new is worse than old by more than 5 points in 1 of the 4 ")
    told = (
        "Worse, but not certainly by more than 9 points, so it does not count: Gaussian noise (90.0 % against 100.0 %)."
    )
    assert both.judgement(tolerance=0.09).startswith(
        "None of the 4 comparisons shows that new is worse than old by more"
    )
    assert told in both.judgement(tolerance=0.09)
    command = ["compare", *(str(tmp_path / name) for name in ("old", "new"))]
    for points, code in (("5", 1), ("9", 0)):
        asked = [*command, "--fail-if-worse", "--tolerance", points, "--out", str(tmp_path / points)]
        assert CliRunner().invoke(app, asked).exit_code == code
        judged = both.judgement(tolerance=float(points) / 100)
        page = html.unescape((tmp_path / points / "report.html").read_text("utf-8"))
        assert judged.partition(". ")[0] in re.sub("<[^>]*>", "", page), "for those who get the page alone"
    for options, said in (
        (["--tolerance", "2"], "--tolerance is for --fail-if-worse: add it, or leave --tolerance out."),
        (["--fail-if-worse", "--tolerance", "-1"], "expected percentage points from 0 to less than 100, such as 2."),
    ):
        refused = CliRunner().invoke(app, [*command, *options])
        assert isinstance(refused.exception, InputError) and str(refused.exception).endswith(said)
    with pytest.raises(InputError, match=r"the tolerance is 2; expected a share from 0 to less than 1, such as 0.02."):
        both.worse(tolerance=2)


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
