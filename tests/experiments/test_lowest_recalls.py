"""What is said of the lowest recalls under degradation, before and after a remedy, and of classes with few images."""

import json
from dataclasses import replace

import numpy as np
from remedy_runs import LEAVES, leaves

from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.experiments.folders_compared import Folder, FolderComparison
from tfstab.experiments.recall_changes import Compared, recall_changes, recall_sentences
from tfstab.experiments.remedy_comparison import RemedyComparison
from tfstab.metrics.kept import share_of
from tfstab.report.comparison_json import comparison_json
from tfstab.report.comparison_report import tables
from tfstab.report.recall_change_tables import before_after_recalls


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
        "4 of the 6 recalls: certain falls from the first network to the second; then the lowest recalls of the "
        "second. "
    )
    (*_, many) = tables(FolderComparison(pair.second, pair.first), recalls=4)
    assert many.notes[0].startswith(
        "4 of the 6 recalls: the 2 largest of 3 certain falls from the first network to the second; then the lowest "
        "recalls of the second. `--json` has all. "
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


def test_images_without_classes_have_no_recalls(tmp_path):
    compared = RemedyComparison(*leaves(tmp_path, AS_PREDICTED))
    assert compared.recalls == [] and "recalls" not in compared.summary() and before_after_recalls([]) is None
