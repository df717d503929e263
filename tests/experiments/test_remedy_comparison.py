"""A remedy's figures are those of the runs, paired by image, and its sentences claim no more than the intervals."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import tfstab
from made_runs import made_search, made_sweep
from tfstab import SearchConfig, SweepConfig
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.datasets.groups import drawn_remark
from tfstab.errors import InputError
from tfstab.experiments.also_taken import LITTLE, MARKED
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.recall_changes import (
    NOTABLE,
    Compared,
    RecallChange,
    largest_likely,
    recall_changes,
    recall_sentences,
)
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.experiments.remedy_rare import rare_recall_sentences
from tfstab.experiments.remedy_text import families_sentence, lead, loss_sentences, points
from tfstab.experiments.too_few_degraded import too_few_sentences
from tfstab.metrics.kept import share_of
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.report.comparison_json import comparison_json
from tfstab.report.comparison_report import headline, tables
from tfstab.report.harden_page import big_numbers
from tfstab.report.harden_tables import classes_table
from tfstab.report.recall_change_tables import before_after_recalls

NOISE = SweepConfig(sigmas=(40, 10), copies=4)
BLUR = SweepConfig(degradation="gaussian_blur", severities=(1, 2))
COUNT = 200


def copies(config, share):
    """Predictions of which this share of each image's copies is right, (N, S): class 0 is right, class 1 is wrong."""
    right = np.round(np.asarray(share) * config.copies)[..., None]
    return (np.arange(config.copies) >= right).astype(int)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Noise helps half of the images more after than before; blur only changes one of 200; a tenth is wrong clean."""
    folder = tmp_path_factory.mktemp("remedy")
    wrong = (np.arange(COUNT) % 10 == 0).astype(int)
    half = (np.arange(COUNT) % 2)[:, None]
    shares = {"one": 0.25 + 0.25 * half, "two": 0.5 + 0.5 * half}
    made = {}
    for name, share in shares.items():
        given = copies(NOISE, np.repeat(share, 2, axis=1))
        noise = made_sweep(folder / name / "noise", NOISE, given, None, wrong, name=name)
        right = np.ones((COUNT, 2))
        right[:50] = 0
        right[0] = name == "two"
        blur = made_sweep(folder / name / "blur", BLUR, copies(BLUR, right), None, wrong, name=name)
        l2 = np.full(COUNT, 10.0 if name == "one" else 15.0)
        l2[1] = np.inf
        made[name] = [
            noise,
            blur,
            made_search(folder / name / "search", l2, None, wrong, name=name, config=SearchConfig("boundary")),
        ]
    return made


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


def test_a_hardening_and_a_comparison_of_its_folders_say_the_same(tmp_path):
    """Noise has 60 images, and fog 40 of them: each accuracy is of its own images, and the mean of those of both."""
    rng, labels = np.random.default_rng(0), np.arange(60) % 3
    sides = [
        [
            made_sweep(tmp_path / name / family, SweepConfig(degradation=family, severities=(10, 20), copies=1),
                       np.where(rng.random((60, 2, 1)) < right, labels[:, None, None], 3)[:count], labels[:count],
                       classes=4, name=name)
            for family, count in (("gaussian_noise", 60), ("fog", 40))
        ]
        for name, right in (("one", 0.5), ("two", 0.8))
    ]  # fmt: skip
    hardened, compared = RemedyComparison(*sides), tfstab.compare(tmp_path / "one", tmp_path / "two")
    for pair, count in zip(compared.pairs, (40, 60), strict=True):
        family = hardened.change(pair.first.degradation.name)
        assert (family.paired, family.images) == (pair.accuracy(), count) and len(pair.images) == count
    accuracy = hardened.change("accuracy")
    assert accuracy.images == compared.overall.count == 40
    assert accuracy.paired.value == pytest.approx(compared.overall.value)
    told, expected = ({(c.which, c.paired, c.sign) for c in each.recalls} for each in (hardened, compared))
    assert told == expected and len(told) == 6
    said, noise = hardened.summary(), hardened.change("gaussian_noise")
    assert said.startswith("'two' compared with 'one' on 40 images (up to 60 under a single degradation)\n")
    assert f"Accuracy under Gaussian noise on 60 images: {100 * noise.paired.first:.1f} % before" in said
    assert noise.images == 60 and any(number.what.endswith("noise on 60 images") for number in big_numbers(hardened))
    (entry,) = comparison_json([compared])
    assert entry["mean"]["images"] == 40 and "on the 40 images that all have" in compared.summary()
    assert {row["images"] for row in entry["Accuracy by degradation"]} == {60, 40}


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


# --- folders ---


@pytest.mark.parametrize(
    ("steps", "network", "said"),
    [
        (
            (290, 1136),
            "a",
            "Where control/hardened is better, its longer training may be the reason. To make them "
            "equal, harden the original of harden/hardened again with `--steps 1136`, more `--minutes` and another",
        ),
        (
            (1136, 290),
            "a",
            "Where harden/hardened is better, its longer training may be the reason. To make them "
            "equal, harden the original of control/hardened again with `--steps 1136`, more `--minutes` and another",
        ),
        ((290, 300), "a", ""),
        ((290, 1136), "b", ""),
        ((290, "many"), "a", ""),
    ],
)
def test_two_hardenings_of_a_network_are_told_apart_by_their_steps(tmp_path, steps, network, said):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    folders = [tmp_path / name / "hardened" for name in ("harden", "control")]
    for folder, count, original in zip(folders, steps, ("a", network), strict=True):
        made_sweep(folder / "fog", config, np.zeros((9, 1, 1), int), name="net-hardened")
        record = {"identity": {"network": original}, "steps": count}
        (folder.parent / "hardening.json").write_text(json.dumps(record))
    (entry,) = comparison_json([tfstab.compare(*folders)])
    told = [note for note in entry["notes"] if "training steps" in note]
    assert len(told) == bool(said) and said in "".join(told)
    if said:
        counts = "{} training steps and control/hardened in {}. Where".format(*(f"{count:,}" for count in steps))
        assert told[0].startswith(f"harden/hardened was hardened in {counts}")


@pytest.mark.parametrize(
    ("steps", "shares", "said"),
    [
        ((642, 642), (0.2, 0.7), "The weights of harden/hardened are 20 % fine-tuned and 80 % original, those of "
         "control/hardened 70 % fine-tuned and 30 % original, so a difference may also come from these shares. The "
         "reports of both hardenings list the accuracy with other shares, on validation images; compare equal shares "
         "there."),
        ((642, 642), (0.8, 1.0), "The weights of harden/hardened are 80 % fine-tuned"),
        ((642, 642), (0.9, 1.0), ""),
        ((642, 642), (0.2, 7.0), ""),
        ((642, 642), (0.2, "70 %"), ""),
        ((642, 642), (0.2, None), ""),
    ],
)  # fmt: skip
def test_two_hardenings_of_a_network_are_told_apart_by_their_shares_of_fine_tuned_weights(
    tmp_path, steps, shares, said
):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    folders = [tmp_path / name / "hardened" for name in ("harden", "control")]
    for folder, count, share in zip(folders, steps, shares, strict=True):
        run = made_sweep(folder / "fog", config, np.zeros((9, 1, 1), int), name="net-hardened")
        (folder.parent / "hardening.json").write_text(json.dumps({"identity": {"network": "a"}, "steps": count}))
        card = {"fingerprint": run.info["model"]["fingerprint"], "share_of_new_weights": share}
        if share is not None:
            (folder.parent / "net-hardened.json").write_text(json.dumps(card))
    (entry,) = comparison_json([tfstab.compare(*folders)])
    told = [note for note in entry["notes"] if "fine-tuned" in note]
    assert len(told) == bool(said) and "".join(told).startswith(said)
    card |= {"fingerprint": "another", "share_of_new_weights": 0.7}
    (tmp_path / "control" / "net-hardened.json").write_text(json.dumps(card))
    (entry,) = comparison_json([tfstab.compare(*folders)])
    assert not [note for note in entry["notes"] if "fine-tuned" in note], "the card is of another network"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "With 100 % fine-tuned weights in both, the accuracy on degraded validation images is 70.8 % for "
             "harden/hardened and 61.2 % for control/hardened; with 80 %, it is 50.8 % and 41.2 %."),
        ({"by_share": [{"share": 0, "clean": 0.8, "degraded": 0.3}, {"share": 0.8, "clean": 0.8, "degraded": 0.412}]},
         "With 80 % fine-tuned weights in both, the accuracy on degraded validation images is 50.8 % for "
         "harden/hardened and 41.2 % for control/hardened."),
        ({"measure": "mean recall"}, "With 100 % fine-tuned weights in both, the mean recall on degraded validation "),
        ({"images": 90}, "The reports of both hardenings list the accuracy with other shares"),
        ({"by_share": []}, "The reports of both hardenings list the accuracy with other shares"),
        ({"by_share": [{"share": "0.8"}]}, "The reports of both hardenings list the accuracy with other shares"),
    ],
)  # fmt: skip
def test_two_hardened_networks_are_compared_with_equal_shares_of_fine_tuned_weights(tmp_path, change, said):
    """`change`: in the validation figures of one card, or of both for the measure."""
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    folders = [tmp_path / name / "hardened" for name in ("harden", "control")]
    for folder, share, degraded in zip(folders, (1.0, 0.8), (0.508, 0.412), strict=True):
        run = made_sweep(folder / "fog", config, np.zeros((9, 1, 1), int), name="net-hardened")
        (folder.parent / "hardening.json").write_text(json.dumps({"identity": {"network": "a"}, "steps": 642}))
        figures = {0.0: 0.3, 0.8: degraded, 1.0: degraded + 0.2}
        rows = [{"share": one, "clean": 0.8, "degraded": value} for one, value in figures.items()]
        validation = {"by_share": rows, "images": 80, "measure": "accuracy"}
        validation |= change if share == 0.8 or "measure" in change else {}
        card = {
            "fingerprint": run.info["model"]["fingerprint"], "share_of_new_weights": share,
            "settings": {"against": {"fog": [0, 80]}, "keep_clean": 1.0},
            "data": {"validation": {"fingerprint": "5"}}, "validation": validation,
        }  # fmt: skip
        (folder.parent / "net-hardened.json").write_text(json.dumps(card))
    (entry,) = comparison_json([tfstab.compare(*folders)])
    (told,) = [note for note in entry["notes"] if "fine-tuned" in note]
    shares = "100 % fine-tuned, those of control/hardened 80 % fine-tuned and 20 % original"
    assert told.startswith(f"The weights of harden/hardened are {shares}, so") and said in told


def test_what_two_folders_do_not_share_is_told(tmp_path):
    families = {"one": {"fog": (20, 40), "jpeg": (90, 10), "gaussian_blur": (1, 2), "rotation": (5, 10)},
                "two": {"fog": (20, 40), "jpeg": (80, 20), "gamma": (2, 4)}}  # fmt: skip
    for name, given in families.items():
        for family, severities in given.items():
            config = SweepConfig(degradation=family, severities=severities, copies=1)
            made_sweep(tmp_path / name / family, config, np.arange(6)[:, None, None] % 2, name=name)
        norm = SearchConfig(norm="l2" if name == "one" else "linf")
        made_search(tmp_path / name / "search", np.full(6, 10.0), name=name, config=norm)
    found = FolderComparison(*(Folder.open(tmp_path / name) for name in families))
    assert [pair.first.degradation.name for pair in found.pairs] == ["fog"] and found.searches is None
    (jpeg, only, other), noise = found.left_out, found.no_noise
    assert noise in found.summary().splitlines()
    assert jpeg.startswith("JPEG compression: ") and "no quality in common" in jpeg
    assert only == "Only one (one) has Gaussian blur, rotation." and other.startswith("Only two (two) has gamma")
    assert noise.startswith("Minimum noise: ") and "minimises L2" in noise and noise.endswith("of the same norm.")
    with pytest.raises(InputError, match=rf"{tmp_path}/one and {tmp_path}/three have no degradation that can"):
        FolderComparison(Folder.open(tmp_path / "one"), Folder(tmp_path / "three", {}, None))


def test_what_became_worse_is_said_right_after_what_became_better(tmp_path):
    """Class 1 loses clean images and class 2 some under fog. Under JPEG, the original takes everything for class 0."""
    labels, number = np.repeat([0, 1, 2], 200), np.tile(np.arange(200), 3)
    runs = []
    for name, clean, fog, jpeg in (
        ("old", (200, 190, 100), (20, 20, 160), None), ("new", (200, 140, 190), (190, 190, 80), (100, 190, 190)),
    ):  # fmt: skip
        predicted = {
            what: np.zeros(600, int)
            if right is None
            else np.where(number < np.array(right)[labels], labels, labels == 0)
            for what, right in (("clean", clean), ("fog", fog), ("jpeg", jpeg))
        }
        runs.append([
            made_sweep(tmp_path / name / family, SweepConfig(degradation=family, severities=(50,)),
                       predicted[family][:, None, None], labels, predicted["clean"], classes=3, name=name)
            for family in ("fog", "jpeg")
        ])  # fmt: skip
    compared, same = RemedyComparison(*runs), RemedyComparison(runs[0], runs[0])
    told = lead(compared)
    assert told.endswith(
        "). Worse than before: recall on clean images of class 1 (190 of 200 right before, 140 after); the recall "
        "of class 2 under fog (from 80.0 % to 40.0 %); one more recall under degradation, but far fewer images of "
        "other classes are now taken for this class."
    )
    assert compared.summary().splitlines()[1] == told and "orse than before" not in same.summary()


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (30, "The recall of class 1 falls from 43 to 30 of 48 clean images (13 lost, 0 won). "),
        (41, "Of 48 clean images of class 1, 43 are right before and 41 after (2 lost, 0 won); whether it changes is "
             "not decided. "),
    ],
)  # fmt: skip
def test_the_recall_of_a_rare_class_comes_before_an_accuracy_that_rises(tmp_path, after, said):
    """Of 1,200 images 48 are of class 1. Noise made all of them class 1, and after the remedy makes them class 0."""
    labels = (np.arange(1200) % 25 == 0).astype(int)
    runs = []
    for name, found, answer in (("old", 43, 1), ("new", after, 0)):
        clean = np.where(np.cumsum(labels) <= found, labels, 0)
        noisy = np.full((1200, 2, 1), answer)
        config = SweepConfig(sigmas=(10, 40), copies=1)
        runs.append([made_sweep(tmp_path / name, config, noisy, labels, clean, classes=2, name=name)])
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    assert lead(compared).startswith(
        f"{said}Accuracy says little here: always answering the same class would be right on 96 % of the images. "
        "Accuracy under Gaussian noise rises from 4.0 % to 96.0 % ("
    )
    assert big_numbers(compared)[0].value == f"89.6 → {100 * after / 48:.1f} %"


@pytest.mark.parametrize(
    ("rises", "falls", "said"),
    [
        ({"fog": 40, "jpeg": 80}, 160, "JPEG compression (+40.0 points) and fog (+20.0 points)"),
        ({"fog": 40, "jpeg": 80, "gamma": 60, "contrast": 50}, 199,
         "JPEG compression (+40.0 points), gamma (+30.0 points) and 2 others"),
        ({"fog": 40, "jpeg": 80}, 20, None),
        ({"fog": 2}, 199, None),
    ],
)  # fmt: skip
def test_what_certainly_rises_is_said_before_what_became_worse_unless_the_average_rises(tmp_path, rises, falls, said):
    """Of 200 images, so many more are right under some degradations (`rises`), and fewer under brightness (`falls`)."""
    labels, number, runs = np.arange(200) % 3, np.arange(200), []
    after = {name: 60 + more for name, more in rises.items()} | {"brightness": 199 - falls}
    severities = {"gamma": 2, "contrast": 0.5, "brightness": 60}
    for name, right in (("old", dict.fromkeys(rises, 60) | {"brightness": 199}), ("new", after)):
        runs.append([
            made_sweep(tmp_path / name / family,
                       SweepConfig(degradation=family, severities=(severities.get(family, 50),), copies=1),
                       np.where(number < count, labels, (labels + 1) % 3)[:, None, None], labels, labels, classes=3,
                       name=name)
            for family, count in right.items()
        ])  # fmt: skip
    told = lead(RemedyComparison(*runs))
    assert (f". Accuracy certainly rises under {said}. Worse than before: " in told) == (said is not None)
    assert said or "certainly rises" not in told


@pytest.mark.parametrize(("common", "rare"), [(188, False), (225, False), (226, True)])
def test_no_class_is_rare_because_another_one_has_just_more_than_half_of_the_images(tmp_path, common, rare):
    """Of 375 images of two classes, one has 188 at least."""
    labels = (np.arange(375) >= common).astype(int)
    clean = np.where(np.arange(375) % 5 == 0, 1 - labels, labels)
    runs = [
        [
            made_sweep(tmp_path / name, SweepConfig(sigmas=(10,), copies=1), predicted[:, None, None], labels, clean,
                       classes=2, name=name)
        ]
        for name, predicted in (("old", 1 - clean), ("new", clean))
    ]  # fmt: skip
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    assert lead(compared).startswith("Of " if rare else "Accuracy under Gaussian noise rises")
    assert ("Accuracy says little here" in lead(compared)) == rare
    assert big_numbers(compared)[0].what.startswith("clean recall of class 1") == rare


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (30, "Of the 2 rarer classes, class 2 loses the most recall, which falls from 43 to 30 of 48 clean images ("),
        (41, "Of the 2 rarer classes, class 2 has the least favourable change of recall: of 48 clean images, 43 are "
             "right before and 41 after (2 lost, 0 won); whether it changes is not decided. "),
        (48, "Of the 2 rarer classes, class 1 gains the least recall, which rises from 20 to 40 of 48 clean images ("),
    ],
)  # fmt: skip
def test_the_worst_of_several_rare_classes_is_said_to_be_chosen(tmp_path, after, said):
    labels, number = np.repeat([0, 1, 2], [1104, 48, 48]), np.r_[np.zeros(1104, int), np.arange(48), np.arange(48)]
    runs = []
    for name, right in (("old", (1, 20, 43 if after < 48 else 20)), ("new", (1, 40, after))):
        clean = np.where(number < np.array(right)[labels], labels, 0)
        config = SweepConfig(sigmas=(10,), copies=1)
        runs.append([made_sweep(tmp_path / name, config, clean[:, None, None], labels, clean, classes=3, name=name)])
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    assert lead(compared).startswith(said)
    assert "(of the 2 rarer classes, that with the worst change)" in big_numbers(compared)[0].what


def test_each_rare_class_with_too_few_degraded_images_is_named_and_groups_are_counted_where_one_of_each_is_drawn(
    tmp_path,
):
    """Of 800 images, 24 degraded images of class 1 decide nothing; of classes 2 and 3, 6 and 1 are degraded."""
    labels = np.repeat([1, 2, 3, 0], [24, 6, 1, 769])
    runs = []
    for name, right in (("old", 10), ("new", 12)):
        noisy = np.where((np.arange(800) < right) | (labels == 0), labels, 0)[:, None, None]
        config = SweepConfig(sigmas=(10,), copies=1)
        runs.append([made_sweep(tmp_path / name, config, noisy, labels, labels, classes=4, name=name)])
        runs[-1][0].info["data"]["remarks"] = drawn_remark(800, 8000)
    weakest, few = rare_recall_sentences(RemedyComparison(*runs, ["gaussian_noise"]))
    assert "half of this width takes images of four times as many groups of this class" in weakest
    assert weakest.endswith("It takes test images of more groups of this class.")
    assert few == (
        "Only 1 image of class 3 and 6 of class 2 were degraded. Recalls of fewer than 10 images are not compared, so "
        "it is not known how the two networks' recalls of these classes differ under degradation. It takes test images "
        "of more groups of these classes."
    )


def test_a_class_that_may_lose_when_clean_is_named_where_only_gains_are_decided(tmp_path):
    """Of 100 images each, class 0 goes from 40 to 80, class 1 loses 20 of 70 and wins 8 others, class 2 stays."""
    labels, number = np.repeat([0, 1, 2], 100), np.tile(np.arange(100), 3)
    runs = []
    for name, first, last in (("old", (0, 0, 0), (40, 70, 90)), ("new", (0, 20, 0), (80, 78, 90))):
        right = (number >= np.array(first)[labels]) & (number < np.array(last)[labels])
        clean = np.where(right, labels, labels == 0)
        config = SweepConfig(sigmas=(10,), copies=1)
        runs.append([made_sweep(tmp_path / name, config, clean[:, None, None], labels, clean, classes=3, name=name)])
    said = RemedyComparison(*runs, ["gaussian_noise"]).summary()
    assert "'new' is right more often than 'old' in class 0 (80 against 40 of 100 images)" in said
    assert (
        "Not decided: whether 'old' is right more often than 'new' on clean images of class 1 (70 against 58 of 100 "
        "images). The 95 % interval of its difference alone, 1.2 to 22.8 points, excludes 0, but 3 classes are "
        "compared at once." in said
    )


def test_classes_of_too_few_degraded_images_are_named_where_no_class_is_rare(tmp_path):
    """Of 40 images each, 7 of class 2 and none of class 3 are degraded: their recalls are not compared."""
    labels = np.repeat([0, 1, 2, 3], 40)
    seen = np.r_[:80, 80:87]
    runs = [
        [made_sweep(tmp_path / name, SweepConfig(sigmas=(10,), copies=1), labels[seen][:, None, None], labels[seen],
                    labels[seen], classes=4, name=name)]
        for name in ("old", "new")
    ]  # fmt: skip
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    said = rare_recall_sentences(compared)
    assert said == [
        "Only 7 images of class 2 were degraded. Recalls of fewer than 10 images are not compared, so it is not known "
        "how the two networks' recalls of this class differ under degradation. It takes more test images of this class."
    ]
    assert "(one of each class)" in recall_sentences(compared.recalls, "old", "new")[0]
    none = too_few_sentences([compared.compared[0].by_class], labels, str, "More of %s.")
    assert none[0].startswith("Only 0 images of class 3 and 7 of class 2 were degraded.")
    assert none[0].endswith(" More of these classes.")


@pytest.mark.parametrize(
    ("degraded", "helped", "said"),
    [
        ((5, 6), 0, "Only 6 images of class 1 were degraded. Recalls of fewer than 10 images are not compared, "
                    "so it is not known how the two networks' recalls of this class differ under degradation. Run the "
                    "same command again, which degrades more images."),
        ((20, 20), 2, "The 20 degraded images of class 1 do not decide under any degradation whether its recall "
                      "changes: the 95 % intervals of the changes are up to 47 points wide, and half of this width "
                      "takes four times as many images of this class. It takes more test images of this class."),
        ((20, 12), 2, "The 12 to 20 degraded images of class 1 do not decide under any degradation whether its recall "
                      "changes: the 95 % intervals of the changes are up to 77 points wide, and half of this width "
                      "takes four times as many images of this class. Run the same command again, "
                      "which degrades more images."),
        ((20, 20), 20, ""),
    ],
)  # fmt: skip
def test_too_few_degraded_images_of_a_rare_class_are_said_to_decide_nothing(tmp_path, degraded, helped, said):
    """Of 300 clean images, 20 are of class 1: of them none is right before when degraded, and some are after.

    So many of class 1 are degraded by noise, and by fog.
    """
    labels, number = np.repeat([1, 0], [20, 280]), np.r_[np.arange(20), np.zeros(280, int)]
    runs = []
    for name, right in (("old", 0), ("new", helped)):
        noisy = np.where(number < right, labels, 0)[:, None, None]
        runs.append([])
        for family, count in zip(("gaussian_noise", "fog"), degraded, strict=True):
            config = SweepConfig(degradation=family, severities=(10,), copies=1)
            rows, folder = np.r_[np.arange(count), np.arange(20, 300)], tmp_path / name / family
            given = noisy[rows], labels[rows], labels[rows], rows
            runs[-1].append(made_sweep(folder, config, *given, classes=2, name=name))
    compared = RemedyComparison(*runs, ["gaussian_noise"])
    lines = [line for line in compared.summary().splitlines() if "of class 1" in line and "degraded" in line]
    assert "".join(lines) == said


# --- recall of classes under degradations ---

LEAVES = {
    "old": {"fog": (25, 0, 25, 0), "jpeg": (40, 38, 40, 9)},
    "new": {"fog": (40, 12, 40, 0), "jpeg": (40, 39, 15, 9)},
}


def leaves(folder, remarks="", families_of=None):
    """Sweeps of two networks with so many right images of each class, of 40; of the last class there are nine."""
    labels, number = np.repeat(np.arange(4), [40, 40, 40, 9]), np.r_[np.tile(np.arange(40), 3), np.arange(9)]
    runs = []
    for name, families in (families_of or LEAVES).items():
        runs.append([])
        for family, right in families.items():
            config = SweepConfig(degradation=family, severities=(20,), copies=1)
            taken = np.where(number < np.array(right)[labels], labels, (labels + 1) % 4)[:, None, None]
            run = made_sweep(folder / name / family, config, taken, labels, labels, classes=4, name=name)
            run.info["data"]["remarks"] = remarks
            runs[-1].append(run)
    return runs


def test_recalls_of_too_few_images_are_said_to_be_left_out():
    whole = Compared("fog", np.repeat([0, 1], 12), *np.ones((2, 24)))
    part = Compared("JPEG compression", np.repeat([0, 1], [12, 9]), *np.ones((2, 21)))
    (said,) = recall_sentences(recall_changes([whole, part], str), "old", "new")
    some = "(2 classes, 2 degradations; those of fewer than 10 images are left out)"
    assert said.startswith(f"Of the 3 recalls under degradation {some}, the lowest ")


def test_it_is_said_under_which_degradations_recalls_could_not_be_compared_as_they_may_be_lower_there(tmp_path):
    """There are 40 images of each class under fog, and 5 under the others; accuracy is lowest under gamma."""
    labels, right = np.repeat(np.arange(3), 40), {"jpeg": 5, "gamma": 1, "rotation": 4, "fog": 30, "gaussian_blur": 2}
    sides, number = [], np.tile(np.arange(40), 3)
    for name in ("old", "new"):
        sides.append([])
        for family, count in right.items():
            config = SweepConfig(degradation=family, severities=(20,), copies=1)
            rows = np.flatnonzero(number < (40 if family == "fog" else 5))
            taken = np.where(number < count, labels, (labels + 1) % 3)[rows, None, None]
            made = made_sweep(tmp_path / name / family, config, taken, labels[rows], indices=rows, name=name)
            sides[-1].append(made)
    known = (
        "Recalls could be compared under only 1 of the 5 degradations (fog). Under gamma, Gaussian blur and 2 others, "
        "too few images of each class were degraded; recalls may be lower there. "
    )
    remedy = RemedyComparison(*sides).summary()
    assert (
        f"\n{known}Run the same command again, if possible with more minutes: it does not train again, but degrades "
        "more images. Of the 3 recalls under fog (one of each class), the lowest "
    ) in remedy
    assert "could be compared" not in RemedyComparison(*leaves(tmp_path / "all")).summary()
    folders = FolderComparison(*(Folder.open(tmp_path / name) for name in ("old", "new")))
    assert f"\n{known}To compare more recalls, assess both models again with more minutes. Of" in folders.summary()
    few = "This mean rests on only 15 images, because few images were degraded for both networks under "
    assert (
        f"\n{few}gamma (15), Gaussian blur (15) and 2 others, compared with up to 120 under the rest. To compare "
        in (folders.summary())
    )
    assert few not in FolderComparison(*(Folder.open(tmp_path / "all" / name) for name in LEAVES)).summary()


def test_it_is_said_how_many_recalls_are_as_low_as_the_lowest(tmp_path):
    networks = {"old": {"fog": (25, 20, 25, 0)}, "new": {"fog": (40, 0, 0, 0), "jpeg": (0, 0, 0, 0)}}
    for jpeg, said in (((0, 0, 10, 0), "3 more are as low"), ((1, 1, 1, 0), "one more is as low")):
        networks["old"]["jpeg"], networks["new"]["jpeg"] = (20, 20, 20, 0), jpeg
        compared = RemedyComparison(*leaves(tmp_path / said, families_of=networks))
        assert f", for class 1 under fog ({said}); 'old' has " in compared.summary()


def test_it_is_said_what_became_of_the_lowest_recall_of_the_original(tmp_path):
    networks = {"old": {"fog": (12, 40, 20, 0), "jpeg": (40, 40, 16, 0)}}
    networks["new"] = {"fog": (36, 30, 8, 0), "jpeg": (40, 40, 40, 0)}
    compared = RemedyComparison(*leaves(tmp_path, families_of=networks))
    assert (
        "the lowest of 'new' is 20 % (5–43), for class 2 under fog; 'old' has 50 % (27–73) on the same 40 images. The "
        "lowest of 'old' is 30 % (12–54), for class 0 under fog; 'new' has 90 % (69–99) on the same 40 images. These "
        "intervals hold for all 6 recalls at once."
    ) in compared.summary()
    same = {"fog": (12, 40, 20, 0), "jpeg": (40, 40, 16, 0)}
    compared = RemedyComparison(*leaves(tmp_path / "same", families_of={"old": same, "new": same}))
    assert "The lowest of 'old'" not in compared.summary(), "it is the lowest of 'new', too"


def test_a_class_that_is_still_lost_under_a_degradation_is_named(tmp_path):
    compared = RemedyComparison(*leaves(tmp_path))
    told = [
        "Of the 6 recalls under degradation (3 classes, 2 degradations), the lowest of 'new' is 30 % (12–54), for "
        "class 1 under fog; 'old' has 0 % (0–15) on the same 40 images. These intervals hold for all 6 recalls at "
        "once.",
        "For 3 of them, 'new' has a higher recall than 'old', decided for all at once: class 0 under fog (100.0 % "
        "against 62.5 %), class 2 under fog (100.0 % against 62.5 %) and class 1 under fog (30.0 % against 0.0 %).",
        "For one of them, 'new' has a lower recall than 'old', decided for all at once: class 2 under JPEG compression "
        "(37.5 % against 100.0 %).",
    ]
    assert "\n".join(told) in compared.summary()
    together = [share_of(np.arange(40) < right, 1 - 0.05 / 12) for right in (0, 12)]
    lowest = compared.recalls[0]
    assert lowest.estimates == tuple(together), "six recalls of two networks"
    table = before_after_recalls(compared.recalls)
    assert [row[:5] + row[-1:] for row in table.rows[:3]] == [
        ("2", "JPEG compression", 40, 100, 37.5, "falls"),
        ("1", "fog", 40, 0, 30, "rises"),
        ("1", "JPEG compression", 40, 95, 97.5, "not decided"),
    ]
    assert "of the 6 recalls" not in table.notes[0] and len(table.rows) == 6
    record = json.loads(json.dumps(compared.to_json(), allow_nan=False))["recalls"]
    assert [(one["class"], one["degradation"], one["decided"]) for one in record[:2]] == [
        ("1", "fog", 1),
        ("2", "JPEG compression", -1),
    ]
    pair = FolderComparison(*(Folder.open(tmp_path / name) for name in LEAVES))
    assert "\n".join(told) in pair.summary()
    (*_, few), (*_, every) = tables(pair, recalls=4), tables(pair, recalls=6)
    assert few.notes[0].startswith(
        "4 of the 6 recalls: those that are certainly lower for the second network, then its lowest; "
    )
    (*_, many) = tables(FolderComparison(pair.second, pair.first), recalls=4)
    assert many.notes[0].startswith(
        "4 of the 6 recalls: of the 3 that are certainly lower for the second network, the 2 with the largest "
        "differences, then its lowest; `--json` has all. "
    )
    assert [row[:2] for row in many.rows[:2]] == [("0", "fog"), ("2", "fog")], "from 100 to 62.5 %"
    assert [row[4] for row in many.rows[2:]] == [0, 95], "its lowest: class 1, which falls from 30 % under fog"
    assert every.rows[:4] == few.rows and [row[-1] for row in few.rows][:2] == ["first", "second"]
    assert len(comparison_json([pair])[0][few.title]) == 6
    back = RemedyComparison(*leaves(tmp_path / "back")[::-1])
    assert "For 3 of them, 'old' has a lower recall than 'new', decided for all at once: class 0" in back.summary()
    open_yet = recall_sentences([replace(lowest, sign=0), *compared.recalls[1:]], "old", "new")
    assert " on the same 40 images, and it is not decided whether these two differ. These intervals" in open_yet[0]
    same = leaves(tmp_path / "same")[0]
    assert "For none of them is it decided whether" in "".join(
        recall_sentences(RemedyComparison(same, same).recalls, "a", "b")
    )


@pytest.mark.parametrize(("less", "chance"), [(20, False), (11, True)])
def test_a_likely_loss_in_nearly_all_of_a_few_images_is_not_called_chance(less, chance):
    """Each image that is right less often loses half of its copies; 95 recalls are compared at once."""
    before = np.ones(28)
    after = np.where(np.arange(28) < less, 0.5, before)
    fall = RecallChange("fog", 1, "bird", mean_difference(before, after), (before, after), 0.999, 0)
    clean = SimpleNamespace(recalls={1: SimpleNamespace(count=28)})
    (said,) = loss_sentences(SimpleNamespace(recalls=[fall] * 95, on_clean=clean))
    assert f"of 28 images, none are right more often than before, and {less} less often. " in said
    assert ("This may be chance, because 95 recalls are compared at once; more images" in said) == chance
    assert (
        "Chance is unlikely to explain this, so the loss is probably real. It is not called certain, because rare "
        "images that change strongly in the other direction may be missing among only 28 images; more images of this "
        "class can decide it." in said
    ) != chance
    sure = "Chance is unlikely to explain this, so the fall is probably real. It is not called certain, because a wider"
    *_, named = recall_sentences([fall] * 95, "old", "new")
    *_, again = recall_sentences([fall] * 95, "old", "new", fall)
    assert (f"less often. {sure}" in named) != chance and "Chance is" not in again
    assert (" It is not decided, because a wider interval" in named) == chance
    clean.recalls[1].count = 29
    (said,) = loss_sentences(SimpleNamespace(recalls=[fall] * 95, on_clean=clean))
    assert said.endswith(
        "more images of this class can decide it: run the same command again, which degrades more images."
    )


@pytest.mark.parametrize(
    ("jpeg", "differ"),
    [
        (40, "No recall is certainly lower; for the other 5, it is not decided whether the networks differ."),
        (12, "whether the two networks differ."),
    ],
)
def test_the_largest_fall_is_named_as_not_decided_if_none_is_decided(tmp_path, jpeg, differ):
    """Six of 40 images: the interval of this fall alone excludes 0, that for all six recalls at once does not."""
    old = {"fog": (40, 30, 40, 0), "jpeg": (40, 12, 40, 9)}
    new = {"fog": (40, 30, 34, 0), "jpeg": (40, jpeg, 40, 9)}
    compared = RemedyComparison(*leaves(tmp_path, families_of={"old": old, "new": new}))
    named = (
        "The largest fall from 'old' to 'new' whose own 95 % interval excludes 0 is that of class 2 under fog: from "
        "100.0 % to 85.0 %, of 40 images (-15.0 points, -29.7 to -0.3). On none of them, 'new' is right more often, "
        "and on 6 less often. It is not decided, because a wider interval contains 0 (-35.1 to +3.3): 6 "
        "comparisons are made at once, and among 40 images, rare ones that change the other way may be missing."
    )
    assert lead(compared).endswith(
        " None of the 6 recalls under the degradations is certainly lower. The largest likely loss is that of class 2 "
        "under fog (from 100.0 % to 85.0 %): of 40 images, none are right more often than before, and 6 less often. "
        "This may be chance, because 6 recalls are compared at once; more images of this class can decide it."
    )
    rest = (
        "\nThe recall of class 2 under fog changes by -15.0 points (its own 95 % interval: -29.7 to -0.3). "
        f"{named[named.index('It is not decided') :]}"
    )
    assert rest in compared.summary() and named not in compared.summary(), "the lead has its counts"
    assert "No recall is certainly lower" not in compared.summary(), "the lead says so"
    folders = [Folder.open(tmp_path / name) for name in ("old", "new")]
    assert f"{differ}\n{named}" in "\n".join(headline(FolderComparison(*folders)))
    rise = (
        "The largest rise from 'new' to 'old' whose own 95 % interval excludes 0 is that of class 2 under fog: from "
        "85.0 % to 100.0 %, of 40 images (+15.0 points, +0.3 to +29.7). On 6 of them, 'old' is right more often, and "
        "on none less often. It is not decided"
    )
    assert rise in " ".join(headline(FolderComparison(*folders[::-1])))
    small = {"fog": (40, 30, 38, 0), "jpeg": (40, jpeg, 40, 9)}
    said = RemedyComparison(*leaves(tmp_path / "small", families_of={"old": old, "new": small})).summary()
    assert differ in said and "The largest fall" not in said and "likely loss" not in said


@pytest.mark.parametrize(("right", "told"), [(28, True), (22, False), (15, False)])
def test_a_likely_loss_is_told_with_the_images_that_are_no_longer_taken_for_its_class(tmp_path, right, told):
    """The original takes 20 of 89 images of other classes for the class: the wrong ones of 40 images of class 1."""
    old, new = ({"fog": (40, *own, 0), "jpeg": (40, 12, 40, 9)} for own in ((20, 40), (right, 34)))
    compared = RemedyComparison(*leaves(tmp_path, families_of={"old": old, "new": new}))
    said = (
        "more images of this class can decide it. At the same time, fewer degraded images of other classes are taken "
        "for this class: 13 % instead of 22 %."
    )
    assert (said in lead(compared)) == told == ("At the same time" in lead(compared))
    assert "The largest likely loss is that of class 2" in lead(compared)
    for fewer in (0.03, math.nan):
        compared.__dict__["recalls"] = [replace(change, taken=(0.4, fewer)) for change in compared.recalls]
        assert ("likely loss" in lead(compared)) == math.isnan(fewer), "its recall was high out of habit"


@pytest.mark.parametrize(("right", "fewer"), [(38, True), (32, False)])
def test_recalls_that_fall_without_an_excuse_are_named_and_listed_before_the_others(tmp_path, right, fewer):
    """Under fog, class 1 loses most, but the original takes nearly half of all other images for it.

    Under JPEG, the original takes 10 of 89 other images for class 2, and the remedy fewer: 2 or, undecided, 8.
    """
    old = {"fog": (0, 40, 40, 9), "jpeg": (40, 30, 40, 9)}
    new = {"fog": (40, 10, 15, 9), "jpeg": (40, right, 14, 9)}
    compared = RemedyComparison(*leaves(tmp_path, families_of={"old": old, "new": new}))
    less = ", while fewer degraded images of other classes are taken for this class: 2.2 % instead of 11.2 %"
    assert (
        "; 2 of the 6 recalls under the degradations, such as that of class 2 under JPEG compression (from 100.0 % to "
        f"35.0 %{less if fewer else ''}); one more recall under degradation, but far fewer images of other classes are "
        "now taken for this class." in lead(compared)
    )
    unexcused, excused = [("2", "JPEG compression"), ("2", "fog")], ("1", "fog")
    table = before_after_recalls(compared.recalls)
    assert [row[:2] for row in table.rows[:3]] == [*unexcused, excused]
    assert [row[-1] for row in table.rows[:3]] == ["falls", "falls", f"falls {LITTLE}"]
    record = {(one["class"], one["degradation"]): one for one in compared.to_json()["recalls"]}
    assert [record[which]["says_little"] for which in (*unexcused, excused)] == [False, False, True]
    taken = [round(89 * record[unexcused[0]][key]) for key in ("taken_before", "taken_after")]
    assert taken == [10, 40 - right]
    pair = FolderComparison(*(Folder.open(tmp_path / name) for name in ("old", "new")))
    (*_, few) = tables(pair, recalls=4)
    assert [(*row[:2], row[-1]) for row in few.rows[:2]] == [(*which, "first") for which in unexcused]
    assert few.notes[0].startswith(
        "4 of the 6 recalls: of the 3 that are certainly lower for the second network, 2 (first those without *), then "
        "its lowest; `--json` has all. "
    )
    assert few.rows[2][-1] == "first *" and few.notes[1:] == [f"{MARKED}."]
    every = comparison_json([pair])[0][few.title]
    assert [(one["class"], one["better"], one["says_little"]) for one in every[:3]] == [
        ("2", "first", False),
        ("2", "first", False),
        ("1", "first", True),
    ]
    assert [round(89 * every[0][key]) for key in ("taken_first", "taken_second")] == taken and len(every) == 6


def test_an_end_just_below_zero_keeps_its_sign():
    """A change from -0.04 to +2.86 points is not decided; "-0.0 to +2.9" would not show why."""
    change = Difference(0.87, 0.884, 0.014, -0.0004, 0.0286, 1200, 0.06)
    assert points(change) == "+1.4 points, 95 % interval -0.04 to +2.9"


@pytest.mark.parametrize(("only_first", "notable"), [(170, False), (190, True)])
def test_a_fall_that_is_not_decided_is_named_but_a_small_one_not_in_the_first_lines(only_first, notable):
    """Of 1,000 images, a fall of 4 points and one of 5 points, whose own intervals exclude 0."""
    labels, number = np.repeat([0, 1], 1000), np.tile(np.arange(1000), 2)
    other = 130 if only_first == 170 else 140
    first = np.where(labels == 0, number >= other, 1).astype(float)
    second = np.where(labels == 0, number < 1000 - only_first, 1).astype(float)
    same = [Compared(family, labels, first, first) for family in "abcd"]
    changes = recall_changes([Compared("fog", labels, first, second), *same], str)
    said = recall_sentences(changes, "old", "new")[-1]
    assert "The largest fall from old to new whose own 95 % interval excludes 0 is that of class 0 under fog" in said
    assert (largest_likely(changes, -1, NOTABLE) is not None) == notable


@pytest.mark.parametrize(
    ("only_first", "place"), [(190, "The largest fall"), (500, "For one of them, new has a lower recall than old, ")]
)
def test_a_recall_falls_without_harm_if_other_images_were_taken_for_the_class(only_first, place):
    """The old network takes 62 % of the others for class 0 under fog, the new one 29 %, and then 53 %.

    So the fall says little at first, and is told only if it is decided.
    """
    labels, number = np.repeat([0, 1], 1000), np.tile(np.arange(1000), 2)
    first = np.where(labels == 0, number >= 140, 1).astype(float)
    second = np.where(labels == 0, number < 1000 - only_first, 1).astype(float)
    same = [Compared(family, labels, first, first) for family in "abcd"]
    for taken, told in ((0.29, True), (0.53, False)):
        fog = Compared("fog", labels, first, second, (np.array([0.62, 0]), np.array([taken, 0])))
        changes = recall_changes([fog, *same], str)
        said = recall_sentences(changes, "old", "new")[-1]
        merit = (
            " In this case, old also takes far more images of other classes for the class, so its higher recall says "
            "little: 62 % of them for class 0 under fog (new: 29 %)."
        )
        decided = only_first == 500
        assert (place in said) == (decided or not told) and (merit in said) == (decided and told)
        table = before_after_recalls(changes)
        marked = [row[:2] for row in table.rows if row[-1].endswith(" *")]
        assert marked == [("0", "fog")] * told and (f"{MARKED}." in table.notes) == told


def test_images_without_classes_have_no_recalls(tmp_path):
    compared = RemedyComparison(*leaves(tmp_path, AS_PREDICTED))
    assert compared.recalls == [] and "recalls" not in compared.summary() and before_after_recalls([]) is None
