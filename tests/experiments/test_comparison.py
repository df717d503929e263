"""Comparisons are of the same images, pair by pair, and say what cannot be compared."""

import html
import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, brightness, classifier, dataset
from numpy_runs import sweep as swept
from typer.testing import CliRunner

from made_runs import made_search, made_sweep
from tfstab import Classifier, Dataset, SearchConfig, SweepConfig, open_run, run_search, run_sweep
from tfstab.cli.app import app
from tfstab.degradations import Degradation
from tfstab.errors import InputError
from tfstab.experiments.alike_searches import why_unlike
from tfstab.experiments.comparison import compare
from tfstab.experiments.comparison_text import ASSESSED, SAME_NETWORK, SAME_SEARCHED, SEARCHED, UNREFINED, undecided
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.search_comparison import SearchComparison
from tfstab.experiments.sweep_comparison import SweepComparison
from tfstab.experiments.worse import respects, worse, worse_sentence
from tfstab.metrics.paired import mean_difference, median_ratio
from tfstab.orders.comparing import compared_pairs
from tfstab.report.changed import unlike_notes
from tfstab.report.comparing import compare as compare_given
from tfstab.report.comparison_report import tables
from tfstab.runs.files import SIDES


def tfstab(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_sweeps_differ_by_what_their_accuracies_differ(sweeps):
    pair = compare(*sweeps)
    assert isinstance(pair, SweepComparison) and len(pair.images) == 40
    a, b = (run.measures for run in sweeps)
    d = pair.accuracy()
    assert (d.first, d.second) == pytest.approx((a.class_metrics().accuracy, b.class_metrics().accuracy))
    assert d.low <= d.value <= d.high and d.value == pytest.approx(d.second - d.first)
    for sigma in sweeps[0].severities:
        s = a.severity_index(sigma)
        assert pair.accuracy(sigma).value == pytest.approx(b.accuracy[s] - a.accuracy[s])
        both = a.clean_correct & b.clean_correct
        expected = (a.wrong_share - b.wrong_share)[both, s].mean()
        assert pair.accuracy(sigma, clean_correct=True).value == pytest.approx(expected)
    recall = [m.class_metrics().recall for m in (a, b)]
    for k in range(10):
        assert pair.recall(k).value == pytest.approx(recall[1][k] - recall[0][k])


def test_comparisons_are_pandas_tables_that_decide_as_the_report_does(sweeps, searches):
    pair = compare_given(*sweeps)
    frame, [by_severity, *_] = pair.to_pandas(), tables(pair)
    assert frame.index.tolist() == list(pair.severities)
    assert frame["better"].tolist() == by_severity.to_pandas()["better"].tolist()
    assert (100 * frame["low"]).tolist() == pytest.approx(by_severity.to_pandas()["from"].tolist())
    noise = compare_given(searches[0], searches[1].path)
    assert noise.to_pandas().loc["all", "ratio"] == noise.ratio().value and "<table" in noise._repr_html_()


def test_the_column_better_is_decided_for_all_rows_at_once(tmp_path):
    config = SweepConfig(sigmas=tuple(range(10, 30)), copies=1)
    right, few_wrong = np.zeros((100, 20, 1), int), np.zeros((100, 20, 1), int)
    few_wrong[:8, 0], few_wrong[:40, 1] = 1, 1
    pair = compare_given(made_sweep(tmp_path / "a", config, few_wrong), made_sweep(tmp_path / "b", config, right))
    frame = pair.to_pandas()
    assert (frame["low"] > 0).tolist() == [True, True, *[False] * 18]
    assert frame["better"].tolist() == ["not decided", "second", *["not decided"] * 18]


def test_networks_of_the_same_name_are_the_first_and_the_second_as_in_tables(tmp_path):
    config = SweepConfig(severities=(20,), copies=1, degradation="fog")
    labels, number = np.repeat([0, 1], 40), np.tile(np.arange(40), 2)
    runs = []
    for folder, right in (("harden-my-photos-signed-44fd2f9a", (40, 0)), ("harden-my-photos-signed-control", (12, 20))):
        taken = np.where(number < np.array(right)[labels], labels, 1 - labels)[:, None, None]
        place = tmp_path / folder / "hardened/fog"
        runs.append(made_sweep(place, config, taken, labels, labels, classes=2, name="my-hardened").path.parent)
    jpeg = replace(config, degradation="jpeg")
    made_sweep(runs[0] / "jpeg", jpeg, taken, labels, labels, classes=2, name="my-hardened")
    said = tfstab("compare", *runs).output
    assert "Only my-hardened (harden-my-photos-signed-44fd2f9a/hardened) has JPEG compression.\n" in said
    assert "(the first) and 100.00 % (the second) on 80 images, a difference (second less first) of +0.00" in said
    higher = (
        "- For one of them, the second has a higher recall than the first, decided for all at once: class 1 under fog ("
    )
    lower = (
        "- For one of them, the second has a lower recall than the first, decided for all at once: class 0 under fog ("
    )
    assert f"{higher}50.0 % against 0.0 %)." in said and f"\n{lower}30.0 % against 100.0 %)." in said
    assert said.count("harden-my-photos") == 3, "the title says which is first"


def test_each_of_two_classes_of_the_same_name_is_compared(sweeps):
    pair = SweepComparison(*sweeps)
    names = pair.on_clean.class_names
    pair.on_clean.class_names = ("crane", "crane", *names[2:])
    assert {"class 'crane (0)'", "class 'crane (1)'", f"class {names[2]}"} <= respects(pair).keys()
    assert {"crane (0)", "crane (1)", names[2]} <= {change.name for change in pair.on_clean.class_changes}


def test_the_share_of_others_taken_for_a_class_is_that_of_the_common_images(tmp_path):
    """The first run has as many images again, of which it takes none for the class; severities count alike."""
    labels = np.tile([0, 1], 40)
    config, most = SweepConfig(severities=(20, 30), copies=1, degradation="fog"), np.stack([labels, labels], axis=1)
    most[:40, 0] = 0  # at the milder severity, all of the first 20 images of class 1 are taken for class 0
    few = most[:40] * 0 + labels[:40, None]
    few[1::4, 1] = 0  # at the stronger severity, half of them
    first = made_sweep(tmp_path / "a", config, most[..., None], labels, labels, classes=2)
    second = made_sweep(tmp_path / "b", config, few[..., None], labels[:40], labels[:40], classes=2)
    assert [change.taken for change in SweepComparison(first, second).recalls if change.class_name == "0"] == [
        (0.5, 0.25)
    ]


def test_a_run_against_itself_does_not_differ(sweeps, searches):
    d = compare(sweeps[0], sweeps[0]).accuracy(120.0)
    assert d.value == 0 == d.sign and d.low == -d.high and d.p_value == 1
    ratio = compare(searches[0], searches[0]).ratio()
    assert (ratio.value, ratio.p_value, ratio.sign) == (1, 1, 0)


def test_searches_are_compared_where_both_are_right_and_have_found_noise(searches):
    pair = compare(*searches)
    assert isinstance(pair, SearchComparison)
    ratios = []
    for image in pair.images:
        a, b = (run.result(int(image)) for run in searches)
        if a.found and b.found and a.queries and b.queries:
            ratios.append(b.l2 / a.l2)
    assert pair.compared.sum() == len(ratios) > 0
    assert pair.ratio().value == pytest.approx(np.median(ratios))


def test_images_that_one_run_lacks_and_sigmas_that_one_lacks_are_left_out(sweeps, shaken, digits, tmp_path):
    few = run_sweep(shaken, digits.take(9), SweepConfig(sigmas=(120, 3), copies=2), tmp_path / "few")
    pair = compare(sweeps[0], few)
    assert pair.severities == (120,) and set(pair.images) == set(digits.take(9).indices)
    said = tfstab("compare", sweeps[0].path, few.path).output
    for words in ("31 images of the first run are not in the other run", "sigma 1, 60 of the first run are left out",
                  "sigma 3 of the second run are left out", "first run has 6 copies of an image"):  # fmt: skip
        assert words in said
    assert "left out" not in tfstab("compare", *(run.path for run in sweeps)).output
    other = run_sweep(shaken, digits.take(9), SweepConfig(sigmas=(3,), copies=2), tmp_path / "other")
    with pytest.raises(InputError, match="no sigma in common"):
        compare(sweeps[0], other)


def test_runs_that_have_nothing_in_common_are_refused(sweeps, searches, shaken, digits, tmp_path):
    with pytest.raises(InputError, match=r"sweep. and .*search. cannot be compared"):
        compare(sweeps[0], searches[0])
    with pytest.raises(InputError, match="expected two or more"):
        compared_pairs(sweeps[:1])
    rest = digits.without(digits.take(100)).take(2)
    other = run_search(shaken, rest, SearchConfig(max_queries=100), tmp_path / "rest")
    with pytest.raises(InputError, match="no finished image in common"):
        compare(searches[0], other)
    altered = digits.take(5)
    altered.images[:] = 255 - altered.images
    other = run_search(shaken, altered, SearchConfig(max_queries=100), tmp_path / "altered")
    with pytest.raises(InputError, match="different images"):
        compare(searches[0], other)


def test_the_command_prints_and_writes_and_gives_json(sweeps, searches, tmp_path):
    paths = [run.path for run in sweeps]
    said = tfstab("compare", *paths, "--out", tmp_path / "page")
    assert said.exit_code == 0 and "McNemar" in said.output and "Accuracy by sigma" in said.output
    assert "Recall by class" in (tmp_path / "page" / "report.html").read_text("utf-8")
    (entry,) = json.loads(tfstab("compare", *paths, "--json").output)
    assert [row["sigma"] for row in entry["Accuracy by sigma"]] == ["1", "60", "120"]
    assert entry["mcnemar"].keys() == {"only_first", "only_second", "p_value"}
    said = tfstab("compare", *(run.path for run in searches))
    assert said.exit_code == 0 and "The median of these images' own ratios" in said.output


def test_two_folders_of_runs_are_compared_under_what_both_have(sweeps, searches, tmp_path):
    for name, sweep, search in zip(("old", "new"), sweeps, searches, strict=True):
        shutil.copytree(sweep.path, tmp_path / name / "gaussian_noise")
        shutil.copytree(search.path, tmp_path / name / "search")
    shutil.copytree(searches[0].path, tmp_path / "searched" / "search")
    old, new = tmp_path / "old", tmp_path / "new"
    (told,) = json.loads(tfstab("compare", old, new, "--json").output)
    (row,), difference = told["Accuracy by degradation"], compare(*sweeps).accuracy()
    assert (row["degradation"], row["severities"], row["images"]) == ("Gaussian noise", 3, 40)
    assert row["difference"] == pytest.approx(told["mean"]["difference"]) == pytest.approx(difference.value)
    assert told["minimum_noise"]["difference"] == pytest.approx(compare(*searches).ratio().value)
    both = compare_given(str(old), new)
    frame = both.to_pandas()
    assert frame.index.tolist() == ["gaussian_noise"] and frame["better"].tolist() == [row["better"]]
    assert frame["difference"].iloc[0] == pytest.approx(row["difference"])
    assert repr(both) == f"FolderComparison('{old}', '{new}')"
    shown = both._repr_html_()
    assert "<table" in shown and str(both).splitlines()[0] in html.unescape(shown)
    only_old = FolderComparison(Folder.open(old), replace(Folder.open(new), search=None))
    assert worse_sentence(only_old).endswith(" 95 % confidence for all together). Not compared: minimum noise.")
    said = tfstab("compare", old, new, "--fail-if-worse").output
    assert said.endswith("for all together). Not compared: minimum noise (the searches are not refined).\n")
    assert UNREFINED + SEARCHED in told["notes"] and UNREFINED + SEARCHED in " ".join(said.split())
    said = tfstab("compare", old, new, "--out", tmp_path / "page").output
    assert "Accuracy over 1 degradation, on the 40 images that all have" in said and "images' own ratios" in said
    nothing = tfstab("compare", old, tmp_path / "searched").exception
    assert "have no degradation that can be compared" in str(nothing) and "Only " in str(nothing)
    assert "is a folder of runs" in str(tfstab("compare", sweeps[0].path, new).exception)


# Settings of the searches of two networks, and why they cannot be compared.
WALK, GENETIC, REFINED = SearchConfig("boundary"), SearchConfig(), SearchConfig(refine=True)
UNLIKE = [
    (WALK, GENETIC, "only one of the searches uses gradients (engine boundary and engine pygad)"),
    (GENETIC, REFINED, "only one of the searches is refined. If both models have gradients, run both searches with: "),
    (WALK, SearchConfig("boundary", refine=32), "only one of the searches is refined"),
    (WALK, SearchConfig("lbfgs"), "the searches use engine boundary and engine lbfgs, without refinement"),
    (
        GENETIC,
        SearchConfig("labels"),
        "run both with: tfstab search --model MODEL --data IMAGES --limit 50 --engine labels",
    ),
    (GENETIC, SearchConfig(max_queries=2000), "different settings (max queries 20000 and 2000)"),
    (
        WALK,
        SearchConfig("boundary", max_queries=200),
        "Run both searches with: tfstab search --model MODEL --data IMAGES",
    ),
]


@pytest.mark.parametrize(("one", "other", "why"), UNLIKE)
def test_noise_found_by_unlike_searches_of_two_networks_is_not_compared(tmp_path, one, other, why):
    l2 = np.arange(10, 30.0)
    first, second = (
        made_search(tmp_path / name / "search", factor * l2, config=config, name=name)
        for name, factor, config in (("old", 1, one), ("new", 0.1, other))
    )
    with pytest.raises(InputError, match=re.escape(why)):
        compare(first, second)
    for name in ("old", "new"):
        fog = SweepConfig(degradation="fog", severities=(20,), copies=1)
        made_sweep(tmp_path / name / "fog", fog, np.zeros((20, 1, 1), int), name=name)
    pair = FolderComparison(*(Folder.open(tmp_path / name) for name in ("old", "new")))
    assert (
        pair.searches is None and why in pair.no_noise and not pair.left_out and "minimum noise" not in respects(pair)
    )
    assert "Not compared: minimum noise." in worse_sentence(pair)
    told = RemedyComparison(*([sweep, search] for sweep, search in _runs(tmp_path)))
    assert why in told.unlike and "minimum_noise" not in {change.name for change in told.changes}
    own = made_search(tmp_path / "same", 2 * l2, config=other, name="old")
    assert compare(first, own).ratio().value == 2  # of one network: it compares the searches


def _runs(path):
    return [[open_run(path / name / kind) for kind in ("fog", "search")] for name in ("old", "new")]


@pytest.mark.parametrize(("config", "decides"), [(WALK, True), (REFINED, True), (GENETIC, False)])
def test_only_searches_that_end_near_the_minimum_decide_which_network_needs_more_noise(tmp_path, config, decides):
    l2 = np.arange(10, 30.0)
    pair = compare(*(made_search(tmp_path / n, k * l2, config=config, name=n) for n, k in (("old", 1), ("new", 0.1))))
    assert pair.decides is decides and pair.ratio().value == pytest.approx(0.1)
    assert ("minimum noise" in worse(pair)) is decides and (UNREFINED in pair.summary()) is not decides
    assert ("minimum noise (the searches are not refined)" in worse_sentence(pair)) is not decides


@pytest.mark.parametrize("assessments", [0, 1, 2])
def test_the_advice_after_unrefined_searches_fits_the_runs(tmp_path, assessments):
    """An assessment has no option for refined searches, and walks along the boundary if the model has gradients."""
    paths = [tmp_path / name / "search" for name in ("old", "new")]
    for path in paths:
        made_search(path, np.arange(10, 30.0), config=GENETIC, name=path.parent.name)
    for path in paths[:assessments]:
        (path.parent / "assessment.json").write_text("{}", "utf-8")
    said, advice = compare(*map(open_run, paths)).summary(), ASSESSED if assessments == 2 else SEARCHED
    assert said.endswith(UNREFINED + advice) and ("--refine" in said) is (assessments < 2)


def test_searches_of_assessments_that_had_other_times_tell_which_one_needs_more_minutes(tmp_path):
    paths = [tmp_path / name / "search" for name in ("old", "new")]
    for path, queries in zip(paths, (400, 200), strict=True):
        config = SearchConfig("boundary", max_queries=queries)
        made_search(path, np.arange(10, 30.0), config=config, name=path.parent.name)
    first, second = map(open_run, paths)
    assert "Run both searches with: tfstab search" in why_unlike(first, second)
    for path in paths:
        (path.parent / "assessment.json").write_text("{}", "utf-8")
    assert why_unlike(first, second) == (
        "the searches have different settings (max queries 400 and 200, by the time that each assessment had): the "
        "number is chosen when an assessment begins, so assess the one with 200 again into a new folder, with more "
        "minutes in one go."
    )


def test_searches_of_a_hardening_and_an_assessment_tell_how_both_can_be_compared(tmp_path):
    paths = [tmp_path / "assessed" / "search", *(tmp_path / "hard" / side / "search" for side in SIDES)]
    for path, name, queries in zip(paths, ("old", "net", "hard"), (400, 200, 200), strict=True):
        config = SearchConfig("boundary", max_queries=queries)
        made_search(path, np.arange(10, 30.0), config=config, name=name)
    (tmp_path / "assessed" / "assessment.json").write_text("{}", "utf-8")
    (tmp_path / "hard" / "hardening.json").write_text("{}", "utf-8")
    assessed, before, after = map(open_run, paths)
    said = (
        "the searches have different settings (max queries {}, as a hardening uses fewer): assess {}, too, with "
        "`tfstab assess` (in Python tfstab.assess), on the same images and with as many minutes, and compare both "
        "assessments."
    )
    assert why_unlike(assessed, after) == said.format("400 and 200", "hard")
    assert why_unlike(before, assessed) == said.format("200 and 400", "net")
    assert not why_unlike(before, after)


def test_two_measurements_of_one_network_are_called_so_and_their_searches_fail_no_gate(tmp_path):
    fog = SweepConfig(degradation="fog", severities=(20,), copies=1)
    for name, factor, of in (("old", 1.0002, "net"), ("again", 1.0, "net"), ("new", 1.0, "other")):
        made_search(tmp_path / name / "search", factor * np.arange(10, 30.0), config=WALK, name=of)
        made_sweep(tmp_path / name / "fog", fog, np.zeros((20, 1, 1), int), name=of)
    old, again, new = (Folder.open(tmp_path / name) for name in ("old", "again", "new"))
    same, other = FolderComparison(old, again), FolderComparison(old, new)
    assert same.summary().startswith(SAME_NETWORK) and "minimum noise" not in worse(same)
    assert worse_sentence(same).endswith("Not compared: minimum noise (both searches are of the same network).")
    pair = compare(*(open_run(tmp_path / name / "search") for name in ("old", "again")))
    assert SAME_SEARCHED in pair.summary() and not worse(pair)
    assert worse_sentence(pair).endswith("Not compared: minimum noise (both searches are of the same network).")
    assert SAME_NETWORK not in other.summary() and "minimum noise" in worse(other)
    assert "own ratios, the second over the first, is 0.9998 (0.9998 to 0.9998)." in same.summary()


def test_the_gate_names_the_images_and_classes_that_only_one_has(tmp_path):
    fog, labels = SweepConfig(degradation="fog", severities=(20,), copies=1), np.repeat([0, 1, 2], [20, 20, 2])
    right = labels[:, None, None]
    old = made_sweep(tmp_path / "old", fog, right, labels, labels, classes=3, name="old")
    new = made_sweep(tmp_path / "new", fog, right[:30], labels[:30], labels[:30], classes=3, name="new")
    said = "Compared on 30 of 42 clean images: both have measured only these. No clean image of class 2 is among them."
    assert worse_sentence(compare(old, new)).endswith(said) and worse_sentence(compare(new, old)).endswith(said)
    assert "Compared on 30" in worse_sentence(compare(old, new), ["1"]) and "class 2" not in worse_sentence(
        compare(old, new), ["1"]
    )
    assert "Compared on" not in worse_sentence(compare(old, old))


def _lowered(by, version="1"):
    """A degradation of the user's own that lowers grey levels, as changed code of the same name would."""
    words = {"parameter": "darkness", "unit": "grey levels", "severities": (1, 2), "neutral": 0, "low": 0, "high": 9}
    return Degradation("lower", "lower levels", "", lambda x, s, rng: x - by * s, version=version, **words)


def _of_code(folder, by, version="1", **settings):
    config = SweepConfig(degradation=_lowered(by, version), **settings)
    return swept(folder, config, model=classifier(fingerprint=folder.name))


def test_networks_under_different_code_of_a_degradation_are_not_compared(tmp_path):
    old = _of_code(tmp_path / "old" / "lower", 5)
    assert compare(old, _of_code(tmp_path / "alike", 5 + 1e-3)).accuracy().value == 0
    new = _of_code(tmp_path / "new" / "lower", 7)
    said = (
        f"lower levels made different images in {old.path} than in {new.path}, although both are of version '1', so "
        "their networks cannot be compared: measure both again with the same code of the degradation, and change its "
        "`version` whenever the code changes."
    )
    for command in (
        ("compare", old.path, new.path),
        ("compare", tmp_path / "old", tmp_path / "new"),
        ("robustness", old.path, "--baseline", new.path),
    ):
        refused = str(tfstab(*command).exception)
        assert said.partition(old.path.as_posix())[0] in refused and said.partition(" than in ")[2][-150:] in refused
    with pytest.raises(InputError, match=re.escape(said)):
        RemedyComparison([old], [new])
    assert unlike_notes([old, new]) == [f"lower levels: {said}"] == unlike_notes([old, new, old])
    shutil.copytree(swept(tmp_path / "noise").path, tmp_path / "old" / "noise")
    shutil.copytree(tmp_path / "noise", tmp_path / "new" / "noise")
    folders = FolderComparison(Folder.open(tmp_path / "old"), Folder.open(tmp_path / "new"))
    assert [pair.first.degradation.name for pair in folders.pairs] == ["gaussian_noise"]
    assert folders.left_out == [f"lower levels: {said}"]


def test_what_the_probe_cannot_tell_apart_is_compared_and_other_versions_and_packages_are_not(tmp_path):
    old = _of_code(tmp_path / "old", 5)
    with pytest.raises(InputError, match="of version '2', which may degrade differently"):
        compare(old, _of_code(tmp_path / "newer", 5, "2"))
    compare(old, _of_code(tmp_path / "seed", 7, seed=1))  # another seed may make other images with the same code
    compare(old, _of_code(tmp_path / "others", 7, severities=(3, 2)))
    with pytest.raises(InputError, match="made different images"):
        compare(old, _of_code(tmp_path / "more", 7, severities=(1, 2, 3)))
    other = _of_code(tmp_path / "other", 7)
    other.info["environment"]["versions"]["numpy"] = "1.0"
    with pytest.raises(InputError, match=r"\(with numpy \d[.\d]*\) than in .*other \(with numpy 1\.0\), so"):
        compare(old, other)
    del other.info["probe"]  # as in runs of old versions
    compare(old, other)


def test_labels_have_to_be_the_same_and_outputs_need_not(tmp_path):
    few, config = dataset(4), SweepConfig(sigmas=(5, 90), copies=2)
    labels, order = few.labels.copy(), [2, 0, 1]
    labels[1] = 2 - labels[1] // 2
    names = [NAMES[k] for k in order]
    turned = Classifier.from_function(
        lambda images: brightness(images)[:, order], (SIDE, SIDE, 1), 3, fingerprint="turned", class_names=names
    )
    wrong = Dataset.from_arrays("levels", "test", few.images, labels, NAMES)
    same = Dataset.from_arrays("levels", "test", few.images, np.argsort(order)[few.labels], names)
    first, other = swept(tmp_path / "first", config, few), swept(tmp_path / "other", config, wrong)
    said = f"image 1 is labelled {NAMES[few.labels[1]]} in {first.path} and {NAMES[labels[1]]} in {other.path}: compare"
    with pytest.raises(InputError, match=re.escape(said)):
        compare(first, other)
    predicted = [replace(data, remarks="classes as predicted") for data in (few, wrong)]
    runs = [swept(tmp_path / f"predicted{k}", config, data) for k, data in enumerate(predicted)]
    with pytest.raises(
        InputError, match=r"came without classes, so what each .* make both runs of images with classes"
    ):
        compare(*runs)
    pair = compare(first, swept(tmp_path / "turned", config, same, turned))
    assert pair.accuracy().value == 0 and len(pair.images) == 4


@pytest.mark.parametrize(
    ("better", "worse", "images", "said"),
    [(20, 12, 400, "if the true effect is this large, about 1,700 images in all would decide"),
     (20, 19, 400, "undecided: if the true effect is this small, it takes more than 100 times as many to decide"),
     (2, 2, 400, "undecided"), (1, 0, 1, "undecided"), (3, 2, 5, "undecided")],
)  # fmt: skip
def test_a_number_of_images_is_advised_only_where_it_can_be_told(better, worse, images, said):
    """Of so many images, some are right only with the second network, or only with the first."""
    rows = np.arange(images)
    first, second = (better <= rows) & (rows < better + worse), rows < better
    assert undecided(mean_difference(first, second)).endswith(said)


def test_one_image_does_not_say_how_many_would_decide():
    assert undecided(median_ratio(np.ones(1), np.array([1.3]))) == ", undecided"


def test_two_sweeps_of_like_accuracy_are_not_compared_without_a_recall_that_falls(tmp_path):
    """Of 800 images, 24 are of class 3: the second network loses 20 of them, and no other."""
    labels = np.repeat([0, 1, 2, 3], [560, 160, 56, 24])
    config = SweepConfig(degradation="fog", severities=(50,), copies=1)
    runs = [
        made_sweep(tmp_path / name, config, predicted[:, None, None], labels, labels, classes=4, name=name)
        for name, predicted in (("old", labels), ("new", np.where(np.arange(800) >= 780, 0, labels)))
    ]
    told = SweepComparison(*runs).summary()
    assert (
        "points less accurate" in told
        and "lower recall than 'old', decided for all at once: class 3 under fog (16.7 % against" in told
    )
    assert "recall" not in SweepComparison(runs[0], runs[0]).summary()
