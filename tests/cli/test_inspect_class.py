"""`tfstab inspect RUN --class NAME`: the weakest images of one class."""

import json
import re
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from made_runs import made_explanation, made_search, made_sweep
from tfstab import SweepConfig
from tfstab.cli.app import app
from tfstab.datasets.dataset import AS_PREDICTED

LABELS = np.arange(8) % 2  # of class 1 are 1, 3, 5 and 7
CLEAN = [0, 1, 0, 1, 0, 1, 0, 2]  # 7 is wrong


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An assessment with two sweeps, of which fog harms class 1 more, and a search."""
    folder = tmp_path_factory.mktemp("class") / "made"
    score = [0.5, 0.9, 0.5, 0.6, 0.5, 0.8, 0.5, 0.7]
    for family, lost in (("fog", [0, 1, 0, 1, 1, 0, 0, 1]), ("jpeg", [1, 0, 1, 0, 1, 1, 1, 1])):
        taken = np.where(np.array(lost) > 0, 2, LABELS)
        config = SweepConfig(degradation=family, severities=(20,), copies=1)
        made_sweep(folder / family, config, taken[:, None, None], LABELS, CLEAN, clean_score=score)
    made_search(folder / "search", [9, 5, 8, 3, 7, 4, 1, 0], LABELS, CLEAN)
    return folder


@pytest.fixture
def inspect(made, monkeypatch):
    monkeypatch.chdir(made.parent)
    return lambda *arguments: CliRunner().invoke(app, ["inspect", *map(str, arguments)])


def listed(told):
    """The images of the class in all tables that are printed, in their order."""
    assert told.exit_code == 0, told.output
    tables = re.split(
        r"(?m)^(?=Recall of class|Images (?:of|taken)|Other classes|Clean images|Wrong when clean)", told.stdout
    )
    lists = [table for table in tables if table.startswith(("Images of class", "Wrong when clean", "Minimum noise"))]
    lines = [line.split() for table in lists for line in table.splitlines()]
    return [int(words[0]) for words in lines if words and words[0].isdigit()]


def recalls(told):
    """The rows of the table of the recall of a class, which comes before that of its images."""
    table = re.split("Images of class|Other classes", told.stdout.partition("Recall of class")[2])[0]
    return [line.split() for line in table.splitlines() if line.split()[:1] in (["clean"], ["20"], ["60"])]


def test_of_a_sweep_the_weakest_images_of_a_class_that_are_right_when_clean(inspect):
    told = inspect("made/fog", "--class", "1")
    assert listed(told) == [3, 1, 5], "3 and 1 tie, and 3 has the lower score"
    said = " ".join(told.stdout.split())
    assert "Images of class 1 under fog, the weakest first" in said
    assert "Of the 3 images that are right when clean; 1 other is wrong. The weakest 2 images tie; the lowest" in said
    assert listed(inspect("made/jpeg", "--class", "01")) == [5, 3, 1]
    found = json.loads(inspect("made/fog", "--class", "1", "--json").stdout)
    assert (found["run"], found["class"]) == ("made/fog", "1")
    assert [one["image"] for one in found["images"]] == [7, 3, 1, 5]
    whole = json.loads(inspect("made/fog", "--json").stdout)["images"]
    assert found["images"] == [one for one in whole if one["class"] == 1]


def test_beside_the_recall_stands_how_many_images_of_other_classes_are_taken_for_the_class(inspect, made):
    taken = np.stack([np.where(np.isin(np.arange(8), lost), 0, LABELS) for lost in ([1, 3, 7], [1, 3, 5, 7])], axis=1)
    config = SweepConfig(degradation="fog", severities=(60, 20), copies=1)
    made_sweep(made.parent / "false" / "fog", config, taken[:, ::-1, None], LABELS, CLEAN)
    told = inspect("false/fog", "--class", "0")
    assert [row[3] for row in recalls(told)] == ["0", "75", "100"], "of the four of class 1"
    assert "Others taken for it (false positives): of the 4 images of other classes, in %." in told.stdout


def test_the_recall_of_a_class_at_each_severity_comes_first(inspect, made):
    """Of images 1, 3, 5 and 7, the last is wrong when clean; the first two are lost at density 20 %, 5 at 60 %."""
    taken = np.stack([np.where(np.isin(np.arange(8), lost), 2, LABELS) for lost in ([1, 3, 7], [1, 3, 5, 7])], axis=1)
    config = SweepConfig(degradation="fog", severities=(60, 20), copies=1)
    made_sweep(made.parent / "two" / "fog", config, taken[:, ::-1, None], LABELS, CLEAN)
    for where in ("two/fog", "two"):
        told = inspect(where, "--class", "1")
        assert "Recall of class 1 under fog, in %" in told.stdout
        assert [row[:2] for row in recalls(told)] == [["clean", "75"], ["20", "25"], ["60", "0"]]
        assert "Each recall is of all 4 images of this class, whether they are right when clean or not." in told.stdout
    assert [row[:2] for row in recalls(inspect("two/fog", "--class", "0"))] == [
        ["clean", "100"], ["20", "100"], ["60", "100"]
    ]  # fmt: skip
    whole = inspect("two/fog").stdout
    assert "severity50: the density at which half of the clean recall is lost; – if less is lost, or if the" in whole
    assert "The recall of one class at each severity: tfstab inspect RUN --class NAME." in whole


def test_an_assessment_says_where_accuracy_is_lost(inspect):
    told = inspect("made")
    lost = told.stdout.partition("Severity at which accuracy is lost")[2]
    assert "10 % is lost at" in lost and re.search(r"\n fog +before density 20 %", lost)


def test_of_a_search_the_images_of_a_class_that_need_the_least_noise(inspect):
    told = inspect("made/search", "--class", "1")
    assert listed(told)[:3] == [3, 5, 1] and told.stdout.startswith("Minimum noise of class 1, the least first")
    found = json.loads(inspect("made/search", "--class", "1", "--json").stdout)
    assert [one["image"] for one in found["images"]][:3] == [3, 5, 1]


def test_of_an_assessment_those_that_are_wrong_when_clean_and_the_weakest_where_the_class_loses_most(inspect):
    told = inspect("made", "--class", "1")
    assert listed(told) == [7, 3, 1, 5] and "Images of class 1 under fog" in told.stdout
    assert "\nThey are taken for 2 (1).\n" in told.stdout, "of the images that are wrong when clean"
    assert "the last tables are of fog, under which the smallest share of this class is right" in told.stderr
    assert "\nNo clean image of class 0 is wrong.\n" in inspect("made", "--class", "0").stdout
    found = json.loads(inspect("made", "--class", "1", "--json").stdout)
    assert [one["image"] for one in found["wrong_when_clean"]] == [7]
    assert found["most_harmful"]["run"] == "made/fog"
    assert [one["image"] for one in found["most_harmful"]["images"]] == [7, 3, 1, 5]


@pytest.fixture(scope="module")
def attracted(made):
    """Of 4 images each, dense fog takes all of class 1 for 0, jpeg one of class 0 for 1 at quality 20.

    Of the clean images, one of class 1 is taken for 2.
    """
    folder, number = made.parent / "attracted", np.arange(8)
    fog = [np.where(np.isin(number, lost), 0, LABELS) for lost in ([3, 7], [1, 3, 5, 7])]
    jpeg = [np.where(number == 0, 1, LABELS), LABELS]
    for family, severities, taken in (("fog", (20, 60), fog), ("jpeg", (20, 60), jpeg)):
        config = SweepConfig(degradation=family, severities=severities, copies=1)
        made_sweep(folder / family, config, np.stack(taken, axis=1)[:, :, None], LABELS, CLEAN)
    return folder


def overview(told):
    """The cells of the table of all degradations, without intervals."""
    assert told.exit_code == 0, told.output
    lines = told.stdout.partition("under each degradation, in %")[2].partition("Averaged over")[0].splitlines()
    rows = [re.split(r" {2,}", re.sub(r"\([^)]*\)", "", line).strip()) for line in lines]
    return [row for row in rows if len(row) == 4][1:]


def test_of_an_assessment_the_false_positives_under_each_degradation_come_first(inspect, attracted):
    """The share taken is averaged over the severities, and said at the severity at which most are taken."""
    told = inspect(attracted.name, "--class", "0")
    assert overview(told) == [
        ["clean", "100", "0", "–"],
        ["JPEG compression", "88", "0", "–"],
        ["fog", "100", "75", "density 60 %: 100 %"],
    ]
    assert overview(inspect(attracted.name, "--class", "1")) == [
        ["clean", "75", "0", "–"],
        ["fog", "25", "0", "–"],
        ["JPEG compression", "100", "12", "quality 20: 25 %"],
    ]
    said = " ".join(told.stdout.split())
    assert said.startswith("Class 0 under each degradation, in %")
    assert "the lowest recall first. Recall: of the images of this class, whether they are right when clean or" in said
    assert "To see one degradation by severity: tfstab inspect attracted/fog --class 0 " in said
    assert "tfstab inspect attracted/jpeg --class 1\n" in inspect(attracted.name, "--class", "1").stdout


def test_json_has_recall_and_false_positives_of_a_class(inspect, attracted):
    found = json.loads(inspect(attracted.name, "--class", "0", "--json").stdout)
    clean = found["clean"]
    assert (clean["images"], clean["others"], clean["recall"]["value"], clean["taken"]["value"]) == (4, 4, 1, 0)
    rows = found["degradations"]
    assert [(row["degradation"], row["recall"]["value"], row["taken"]["value"]) for row in rows] == [
        ("jpeg", 0.875, 0), ("fog", 1, 0.75)
    ]  # fmt: skip
    low, high = rows[1]["taken"]["interval_95"]
    assert 0.2 < low < 0.75 < high <= 1 and rows[0]["most_taken"] is None
    assert (rows[1]["most_taken"]["severity"], rows[1]["most_taken"]["taken"]["value"]) == (60, 1)
    assert [row["severity"] for row in found["most_harmful"]["by_severity"]] == [60, 20], "from mild to strong"
    one = json.loads(inspect("attracted/fog", "--class", "0", "--json").stdout)
    by_severity = [(row["severity"], row["recall"]["value"], row["taken"]["value"]) for row in one["by_severity"]]
    assert by_severity == [(20, 1, 0.5), (60, 1, 1)] and one["clean"]["taken"]["value"] == 0
    assert [image["image"] for image in one["images"]] == [0, 2, 4, 6]


@pytest.fixture(scope="module")
def three(made):
    """Three images each of three classes. Fog at 20 % takes one of class 2 for 0, at 60 % all of it and one of 1."""
    labels = np.arange(9) % 3
    clean = np.where(np.arange(9) == 1, 0, labels)
    taken = [np.where(np.isin(np.arange(9), lost), 0, clean) for lost in ([2], [2, 5, 8, 4])]
    config = SweepConfig(degradation="fog", severities=(60, 20), copies=1)
    made_sweep(made.parent / "three" / "fog", config, np.stack(taken[::-1], axis=1)[:, :, None], labels, clean)
    return made.parent / "three"


def table_of(told, title):
    """The rows of the table that begins with a title, as numbers without intervals."""
    assert told.exit_code == 0 and title in told.stdout, told.output
    lines = told.stdout.partition(title)[2].partition("\n\n")[0].splitlines()
    rows = (re.split(r" {2,}", re.sub(r" \(\d[^)]*\)", "", line).strip()) for line in lines)
    return [row for row in rows if len(row) > 2]


def test_which_other_classes_are_taken_for_a_class_and_which_of_their_images(inspect, three):
    assert table_of(inspect("three/fog", "--class", "0"), "Other classes taken for 0 under fog, in %") == [
        ["density (%)", "2", "1"], ["clean", "0", "33"], ["20", "33", "33"], ["60", "100", "67"],
    ]  # fmt: skip
    told = inspect("three", "--class", "0")
    assert table_of(told, "Other classes taken for 0, in %") == [
        ["degradation", "2", "1"], ["clean", "0", "33"], ["fog", "67", "50"],
    ]  # fmt: skip
    clean = table_of(told, "Clean images taken for 0")
    assert [row[:2] for row in clean[1:]] == [["1", "1"]] and "They are of 1 (1)." in told.stdout
    images = table_of(inspect("three/fog", "--class", "0"), "Images taken for 0 under fog, the most often first")
    assert images[0] == ["image", "true", "predicted clean", "first taken at", "taken %"]
    assert images[1:] == [
        ["1", "1", "0", "20", "100.00"], ["2", "2", "2", "20", "100.00"], ["4", "1", "1", "60", "50.00"],
        ["5", "2", "2", "60", "50.00"], ["8", "2", "2", "60", "50.00"],
    ]  # fmt: skip
    for nobody in ("1", "2"):
        told = inspect("three/fog", "--class", nobody)
        assert told.exit_code == 0 and not re.search("Other classes|mages taken for", told.stdout)


def test_json_has_the_other_classes_taken_for_a_class_and_their_images(inspect, three):
    one = json.loads(inspect("three/fog", "--class", "0", "--json").stdout)
    shares = [{name: each["value"] for name, each in row["taken_of"].items()} for row in one["by_severity"]]
    assert (
        shares == [{"1": 1 / 3, "2": 1 / 3}, {"1": 2 / 3, "2": 1}] and one["clean"]["taken_of"]["1"]["value"] == 1 / 3
    )
    assert [(image["image"], image["first taken at"]) for image in one["taken_images"]] == [
        (1, 20), (2, 20), (4, 60), (5, 60), (8, 60)
    ]  # fmt: skip
    whole = json.loads(inspect("three", "--class", "0", "--json").stdout)
    assert whole["degradations"][0]["taken_of"]["2"]["value"] == pytest.approx(2 / 3)
    assert [image["image"] for image in whole["taken_when_clean"]] == [1] and whole["clean"]["taken_of"]["2"][
        "value"
    ] == 0


def test_images_of_a_single_class_are_not_compared_with_others(inspect, made):
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    made_sweep(made.parent / "single" / "fog", config, np.array([0, 0, 1])[:, None, None])
    told = inspect("single", "--class", "0")
    assert told.exit_code == 0 and "taken for it" not in told.stdout and re.search(r"\n fog +67 \(", told.stdout)
    found = json.loads(inspect("single", "--class", "0", "--json").stdout)
    assert found["clean"]["others"] == 0 and found["degradations"][0]["taken"] is None


def test_the_note_on_images_that_are_left_out_says_that_json_has_the_wrong_ones_too(inspect, made):
    taken, labels = np.zeros((30, 1, 1), int), np.zeros(30, int)
    clean = np.where(np.arange(30) < 5, 1, 0)
    config = SweepConfig(degradation="fog", severities=(20,), copies=1)
    made_sweep(made.parent / "many" / "fog", config, taken, labels, clean)
    told = inspect("many/fog", "--class", "0")
    note = "tfstab inspect RUN --class NAME --json has all, and also the images that are wrong when clean."
    assert f"The first 20 of 25 images; {note}" in " ".join(told.stdout.split())
    assert len(json.loads(inspect("many/fog", "--class", "0", "--json").stdout)["images"]) == 30


def test_a_folder_that_does_not_exist(inspect):
    said = "made/snow is not a run folder: it does not exist."
    assert str(inspect("made/snow", "--class", "1").exception) == str(inspect("made/snow").exception) == said
    assert "--class needs the folder of a run" in str(inspect("mnist-lenet", "--class", "1").exception)


def test_a_class_without_images_and_runs_without_classes(inspect, made):
    for where in ("made/fog", "made/search"):
        assert str(inspect(where, "--class", "2").exception) == f"{where} has measured no image of class 2."
    assert str(inspect("made", "--class", "2").exception) == "made has no image of class 2."
    assert "the run has 0, 1 and 2" in str(inspect("made", "--class", "cat").exception)
    shutil.copytree(made / "fog", made.parent / "unknown")
    record = made.parent / "unknown" / "run.json"
    info = json.loads(record.read_text())
    info["data"]["remarks"] = [AS_PREDICTED]
    record.write_text(json.dumps(info))
    said = str(inspect("unknown", "--class", "1").exception)
    assert said == "the classes of the images of unknown are not known: leave out --class."
    made_explanation(made.parent / "why", np.array([1.0, 2.0]))
    said = "why is an explanation; --class lists images of a sweep or a search."
    assert str(inspect("why", "--class", "1").exception) == said
