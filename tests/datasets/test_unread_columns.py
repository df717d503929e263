"""Notes on columns of a table that are not read, above all on columns that may hold groups or splits."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from numpy_runs import NAMES, classifier, dataset
from PIL import Image
from typer.testing import CliRunner

from tfstab import load_dataset
from tfstab.classifier.matching import match_classes
from tfstab.classifier.taken import describe_images
from tfstab.cli.app import app
from tfstab.datasets.remarks import UNDIVIDED
from tfstab.errors import DataError, InputError
from tfstab.gui.jobs.preview import forget, preview_of
from tfstab.orders import model as models
from tfstab.report.input_notes import file_notes, group_notes

MANY = dataset(60)
LABELS = [NAMES[k] for k in MANY.labels]
BY_CLASS = np.argsort(MANY.labels, kind="stable")  # images of one class beside each other
PATIENT = np.empty(60, object)
PATIENT[BY_CLASS] = [f"P{k // 4}" for k in range(60)]  # 15 patients of 4 images, nearly all of one class


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of 60 images, 00.png to 59.png."""
    folder = tmp_path_factory.mktemp("scans")
    for k, image in enumerate(MANY.images):
        Image.fromarray(image[..., 0]).save(folder / f"{k:02}.png")
    return folder


@pytest.fixture
def table(pictures):
    """Write all.csv into the folder, with a column file, label and each of those given; return its path."""

    def write(**columns):
        names = ["file", *({"label": LABELS} | columns)]
        cells = zip([f"{k:02}.png" for k in range(60)], *({"label": LABELS} | columns).values(), strict=True)
        forget()  # what the preview has kept
        path = pictures / "all.csv"
        path.write_text("\n".join(",".join(map(str, row)) for row in [names, *cells]) + "\n")
        return path

    yield write
    (pictures / "all.csv").unlink(missing_ok=True)


def noted(path):
    """Load the images of a table; return them and what was said of its columns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        images = load_dataset(path)
    return images, " ".join(str(one.message) for one in caught)


def reported(images):
    """Return the notes in a report on these images."""
    return file_notes([SimpleNamespace(info={"data": {"name": images.name, "remarks": images.remarks}})])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("patient", PATIENT),
        ("PatientID", [value.removeprefix("P") for value in PATIENT]),
        ("original", PATIENT),
        ("number", [value.removeprefix("P") for value in PATIENT]),  # their images have one label
        ("gruop", PATIENT),
        ("groups", ["a", "b", "c"] * 20),
    ],
)
def test_a_column_that_may_name_groups_is_noted_with_what_to_do(table, name, values):
    images, said = noted(table(**{name: values, "site": ["north", "south"] * 30}))
    count = len(set(values))
    assert f"the column {name} ({count} values) of all.csv is not read, but may name groups of its 60 images" in said
    assert "rename the column to group. The column site of all.csv is not read." in said
    assert images.groups is None and len(images) == 60
    (note,) = reported(images)
    assert f"has a column with {count} values, which is not read but may name groups" in note
    assert f"may name groups: {count}" in preview_of("", str(images.name), {}).text


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("site", ["north", "south"] * 30),
        ("id", range(60)),
        ("width", [30 + 7 * k % 12 for k in range(60)]),  # numbers that go with no label
        ("class_id", MANY.labels),
        ("patient", range(60)),  # one image each
        ("comment", [""] * 60),
    ],
)
def test_other_columns_are_named_in_a_short_sentence(table, name, values):
    images, said = noted(table(**{name: values}))
    assert said == f"the column {name} of all.csv is not read." and images.remarks == UNDIVIDED and not reported(images)


def test_nothing_is_said_of_a_table_whose_columns_are_all_read(table):
    assert noted(table(group=PATIENT, split=["test"] * 60))[1] == ""
    assert "patient" in noted(table(group=PATIENT, patient=PATIENT))[1], "it is named, but groups are known"
    assert "may name groups" not in noted(table(group=PATIENT, patient=PATIENT))[1]


@pytest.mark.parametrize("name", ["splitt", "fold", "Set"])
def test_a_column_that_may_name_splits_is_noted(table, name):
    images, said = noted(table(**{name: ["train", "test", "val"] * 20}))
    assert said == (
        f"all.csv has no column split, so all of its 60 images are used. Its column {name} has the values test, train "
        "and val: if these are splits, rename the column to split."
    )
    assert "training images may be among those measured" in reported(images)[0]
    assert noted(table(split=["test"] * 60, **{name: ["train", "test"] * 30}))[1].endswith("is not read.")


def test_a_split_that_is_asked_for_by_name_must_be_there(table, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "load_classifier", lambda name, **options: classifier())

    def evaluated(data, *options):
        return CliRunner().invoke(app, ["evaluate", "--model", "mnist-lenet", "--data", str(data), *options])

    path = table(splitt=["train", "test"] * 30)
    for data in (path, pictures):
        for options in (("--split", "test"), ("--split", "val")):
            refused = evaluated(data, *options).exception
            assert isinstance(refused, DataError) and "all.csv has no column split, so it is not known" in str(refused)
            assert str(refused).endswith(
                f"the split '{options[1]}': rename the column splitt to split, or leave out --split to use all of its "
                "images."
            )
        assert evaluated(data).exit_code == 0, "without --split, all images are used"
    assert evaluated(table(split=["train", "test"] * 30), "--split", "train").exit_code == 0
    folder = tmp_path / "test"
    (folder / "images").mkdir(parents=True)
    Image.fromarray(MANY.images[0, ..., 0]).save(folder / "images" / "a.png")
    (folder / "labels.csv").write_text("file,label\nimages/a.png,cat\n")
    assert evaluated(tmp_path, "--split", "test").exit_code == 0, "a folder of this name is the split"


def test_images_without_a_group_are_counted_and_intervals_not_said_to_hold(table):
    images = load_dataset(table(group=[value if k % 3 else "" for k, value in enumerate(PATIENT)]))
    single = match_classes(classifier(), images.one_of_each_group())
    groups = len(set(PATIENT[np.arange(60) % 3 > 0]))
    line = describe_images(single)
    assert f"drawn at random from 60 images of {groups} groups and 20 images without a group" in line
    assert line.endswith("one image of each group; those without a group count as independent")
    (note,) = group_notes([SimpleNamespace(info={"data": {"name": "scans", "remarks": single.remarks}})])
    assert f"has 60 images of {groups} groups and 20 images without a group." in note
    assert "their classes have too much weight: name their groups, too." in note
    assert f"one of each of {groups} groups and 20 images without a group" in preview_of("", str(images.name), {}).text


def test_a_group_of_several_classes_is_named_where_the_others_have_one(table):
    patients = np.array([f"P{k // 2}" for k in range(60)], object)
    labels = [NAMES[k // 20] for k in range(60)]
    with pytest.warns(UserWarning, match=r"1 of 30 groups with several images has .* labels of P3 \(cat and dog\)"):
        load_dataset(table(group=patients, label=[*labels[:7], "dog", *labels[8:]])).one_of_each_group()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_dataset(table(group=patients, label=labels)).one_of_each_group()
        load_dataset(table(group=patients, label=NAMES[:2] * 30)).one_of_each_group()


def test_a_table_in_a_folder_of_too_many_classes_is_named(table, pictures, tmp_path):
    for k in range(5):
        (tmp_path / f"P{k}").mkdir()
        Image.fromarray(MANY.images[k, ..., 0]).save(tmp_path / f"P{k}" / "0.png")
    (tmp_path / "all.csv").write_text("file,label\nP0/0.png,cat\n")
    (tmp_path / "areas.csv").write_text("area,size\nnorth,5\n")
    with pytest.raises(InputError, match=r"if \S+/all\.csv has the labels of the images, give it in place of the fold"):
        match_classes(classifier(), load_dataset(tmp_path))
