"""Images that belong together: groups in arrays and tables, and one image of each, which commands measure."""

import json
import re
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy_runs import NAMES, classifier, dataset, sweep
from PIL import Image
from typer.testing import CliRunner

from tfstab import Dataset, SweepConfig, evaluate, load_dataset, open_run, run_sweep
from tfstab.classifier.matching import match_classes
from tfstab.classifier.taken import describe_images
from tfstab.cli.app import app
from tfstab.datasets.groups import UNNAMED_SIGNS, drawn_in
from tfstab.datasets.remarks import UNDIVIDED, remarked
from tfstab.errors import DataError, InputError, RunError
from tfstab.gui.jobs.preview import preview_of
from tfstab.orders import ImageOptions, subject_of
from tfstab.orders import model as models
from tfstab.report.input_notes import file_notes, group_notes
from tfstab.report.run_report import write_report

MANY = dataset(60)
VIDEO = [f"video {k // 5}" for k in range(60)]


def frames(rows=slice(None), groups=VIDEO, named=True):
    names = [f"{k:02}.png" for k in range(60)][rows] if named else None
    chosen = np.arange(60)[rows]
    return Dataset.from_arrays(
        "frames", "test", MANY.images[chosen], MANY.labels[chosen], NAMES, np.array(groups)[chosen], names=names
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of 60 frames of 12 videos, in class order of the table's lines; the commands run beside it."""
    (tmp_path / "frames").mkdir()
    lines = ["file,label,group"]
    for k, image in enumerate(MANY.images):
        Image.fromarray(image[..., 0]).save(tmp_path / "frames" / f"{k:02}.png")
        lines.append(f"{k:02}.png,{NAMES[MANY.labels[k]]},{VIDEO[k]}")
    (tmp_path / "frames" / "labels.csv").write_text("\n".join(lines) + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "load_classifier", lambda name, **options: classifier())
    return tmp_path / "frames"


def command(name, *arguments):
    return CliRunner().invoke(app, [name, "--model", "mnist-lenet", "--data", "frames", *map(str, arguments)])


# --- drawing ---


def test_the_name_of_a_folder_is_not_taken_for_remarks(tmp_path):
    words = "a, one image of each group, drawn at random: 2 of 9, 16-bit files of which the upper 8 bits are kept: 7, b"
    for label, image in zip(NAMES, MANY.images, strict=False):
        (tmp_path / words / label).mkdir(parents=True)
        Image.fromarray(image[..., 0]).save(tmp_path / words / label / "0.png")
    data = match_classes(classifier(), load_dataset(tmp_path / words))
    assert words in data.note and data.remarks == UNDIVIDED and "16 bits" not in describe_images(data)
    run = run_sweep(classifier(), data, SweepConfig(degradation="fog", severities=(20,)), tmp_path / "run")
    assert group_notes([run]) == file_notes([run]) == []


@pytest.mark.parametrize("groups", [VIDEO, np.arange(60) // 5, np.array(VIDEO, object)])
def test_one_image_of_each_group_is_drawn(groups):
    single = frames(groups=groups).one_of_each_group()
    assert sorted(single.indices // 5) == list(range(12)) and (np.diff(single.indices) > 0).all()
    assert single.note == "one image of each group, drawn at random: 12 of 60" and drawn_in(single.remarks) == (12, 60)
    assert single.one_of_each_group() is single, "each is the only one of its group now"
    np.testing.assert_array_equal(single.images, MANY.images[single.indices])


def test_what_is_drawn_of_a_group_depends_on_its_own_files_alone():
    whole = frames().one_of_each_group()
    part = frames(slice(20, 60)).one_of_each_group()
    assert part.names.tolist() == [name for name in whole.names if name >= "20"]
    assert frames(slice(None, None, -1)).one_of_each_group().names.tolist() == whole.names[::-1].tolist()
    assert frames().one_of_each_group(seed=1).names.tolist() != whole.names.tolist()


def test_a_class_of_which_no_image_is_drawn_is_named():
    """Image 9 is the only one of class 0. About half of the seeds draw the image of class 1 in its group."""
    labels, said = np.where(np.arange(10) == 9, 0, 1), []
    mixed = Dataset.from_arrays("parts", "test", MANY.images[:10], labels, NAMES, np.append(np.arange(9), 8))
    for seed in range(12):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            drawn = mixed.one_of_each_group(seed)
        said.append(bool(caught))
        assert (9 in drawn.indices) != said[-1]
        assert all(str(one.message).startswith("parts: no image of class cat is measured: from") for one in caught)
    assert any(said) and not all(said)


def test_numbers_of_groups_that_start_again_in_each_class_are_warned_of(folder):
    """Ten tracks of two frames in each of three classes: numbered in each class, through all, or by places."""
    labels, tracks = np.repeat(np.arange(3), 20), np.tile(np.repeat(np.arange(10), 2), 3)
    places = np.array([f"place {track}" for track in tracks])
    for groups, said in ((tracks, True), (tracks + 10 * labels, False), (places, False)):
        data = Dataset.from_arrays("signs", "test", MANY.images, labels, NAMES, groups)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            data.one_of_each_group()
        assert [str(one.message) for one in caught if "start again" in str(one.message)] == said * [
            "signs: 10 of 10 groups with several images have images of several classes, such as 0 (cat, dog and 2). "
            "If the numbers of groups start again in each class, make them distinct, such as CLASS-NUMBER: groups with "
            "the same name count as one."
        ]
    lines = [
        f"{k:02}.png,{NAMES[label]},{track:05}" for k, (label, track) in enumerate(zip(labels, tracks, strict=True))
    ]
    (folder / "labels.csv").write_text("\n".join(["file,label,group", *lines]))
    assert "start again in each class, make them distinct" in " ".join(command("evaluate").stderr.split())


def test_suspiciously_few_groups_are_warned_of_with_what_to_do():
    labels = MANY.labels[np.arange(60) % 2]
    data = Dataset.from_arrays("cameras", "test", MANY.images[:60], labels, NAMES, np.arange(60) // 20)
    with pytest.warns(UserWarning, match="cameras: only 3 of 60 images are measured, one of each group. If .* 'group'"):
        drawn = data.one_of_each_group()
    run = SimpleNamespace(info={"data": {"name": "cameras", "note": drawn.note}})
    (note,) = group_notes([run])
    assert "are not independent. If the images of a group are independent, as when the groups are cameras" in note
    usual = SimpleNamespace(
        info={"data": {"name": "cameras", "note": "one image of each group, drawn at random: 4 of 60"}}
    )
    assert group_notes([usual])[0].endswith("and how to measure them in Python.")


def test_each_image_of_a_group_is_drawn_as_often():
    images = frames(named=False)
    drawn = np.concatenate([images.one_of_each_group(seed).indices % 5 for seed in range(400)])
    assert (abs(np.bincount(drawn, minlength=5) / len(drawn) - 0.2) < 0.03).all()  # 5 standard errors


def test_groups_that_are_none_are_refused():
    images, labels = MANY.images[:2], MANY.labels[:2]
    for groups, said in (
        ([1], r"2 images but groups of shape \(1,\); expected \(2,\)"),
        ([1.5, 2.5], "neither whole numbers nor texts"),
        (["a", ""], "neither whole numbers nor texts"),
        (["a", None], "neither whole numbers nor texts"),
        (["a", "b" * 301], "has 301 characters"),
    ):
        with pytest.raises(DataError, match=said):
            Dataset.from_arrays("two", "test", images, labels, NAMES, groups)
    with pytest.raises(InputError, match="levels has no groups: give the group of each image"):
        MANY.one_of_each_group()


# --- tables and commands ---


def test_a_table_names_groups(folder):
    assert load_dataset("frames").groups.tolist() == VIDEO
    table = folder / "labels.csv"
    table.write_text("file,label,group\n00.png,cat,a\n01.png,dog,\n02.png,dog,\n03.png,cat,a\n")
    images = load_dataset("frames")
    assert images.groups[0] == images.groups[3] and len(set(images.groups)) == 3, "an empty cell is a group of its own"
    table.write_text("file,group\n00.png,cat\n01.png,dog\n")
    labelled = load_dataset("frames")
    assert labelled.class_names == ("cat", "dog") and labelled.groups is None, "the only other column has the labels"


def test_images_of_groups_are_chosen_by_options(folder):
    load = {
        name: ImageOptions("frames", **given).load(classifier).indices.tolist()
        for name, given in (("all", {}), ("few", {"limit": 7}), ("span", {"images": "3:9"}))
    }
    assert len(load["all"]) == 12 and set(load["few"]) < set(load["all"]) and len(load["few"]) == 7
    assert load["span"] == list(range(3, 9)), "images that are named are measured whatever their groups"
    assert ImageOptions("frames").count() == 12
    together = "several images of the same group"
    assert together in ImageOptions("frames", images="3:9").load(classifier).note
    assert together not in ImageOptions("frames", images="4:6").load(classifier).note, "one of each of two groups"
    assert len(subject_of(classifier(), frames()).dataset) == 12
    assert evaluate(classifier(), frames()).metrics.total == evaluate(classifier(), "frames").metrics.total == 12
    text = preview_of("", "frames", {}).text
    assert text.startswith("12 images in ") and "(one of each of 12 groups of 60 images)" in text


def test_a_run_of_all_images_says_that_its_intervals_are_too_narrow(tmp_path):
    run = sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1), frames())
    assert len(run.clean.indices) == 60 and run.info["data"]["note"] == "several images of the same group"
    assert group_notes([run])[0].startswith(
        "Several images of frames are of the same group, so intervals are too narrow"
    )
    assert not group_notes([sweep(tmp_path / "none", run.config, MANY)])


def test_samples_and_predictions_name_the_group_of_each_image(tmp_path):
    config = SweepConfig(sigmas=(5,), copies=2)
    run = sweep(tmp_path / "run", config, frames(slice(0, 40)))
    rows = run.samples(columns=["group", "image"]).to_pydict()
    assert len(rows["image"]) == 80 and [VIDEO[k] for k in rows["image"]] == rows["group"]
    grown = run_sweep(classifier(), frames(), config, run.path)
    assert grown.samples().column_names[-2:] == ["file", "group"] and len(set(grown.clean.groups)) == 12
    assert grown.samples(image=17)["group"].to_pylist() == ["video 3"] * 2
    assert "group" not in sweep(tmp_path / "none", config, MANY).samples().column_names
    numbered = sweep(tmp_path / "numbered", config, frames(groups=np.arange(60) // 5))
    assert numbered.samples(image=59)["group"].to_pylist() == ["11"] * 2
    assert evaluate(classifier(), frames()).images_to_pandas()["group"].nunique() == 12
    assert "group" not in evaluate(classifier(), MANY).images_to_pandas()


def test_all_frames_can_be_evaluated_with_their_groups(folder):
    assert command("evaluate", "--images", "0:", "--out", "out").exit_code == 0
    images = pd.read_csv("out/images.csv")
    assert len(images) == 60 and images["group"].tolist() == VIDEO


def test_the_heading_of_an_evaluation_has_no_count_of_a_column_that_is_not_read(folder):
    table = folder / "labels.csv"
    table.write_text(table.read_text().replace(",group", ",track", 1))
    told = command("evaluate")
    assert "the column track (12 values)" in " ".join(told.stderr.split())
    assert "images in frames" in told.stdout and "values of a column" not in " ".join(told.stdout.split())


def test_an_image_of_whose_group_another_one_was_drawn_is_inspected_as_a_picture(folder):
    assert command("sweep", "--copies", 1, "--sigmas", 5, "--out", "run").exit_code == 0
    run = open_run("run")
    other = next(k for k in range(60) if k not in run.clean.indices)
    drawn = next(run.clean.name(int(k)) for k in run.clean.indices if VIDEO[k] == VIDEO[other])
    inspect = f"inspect run frames/{other:02}.png --class {NAMES[MANY.labels[other]]} --why"

    def refused(image):
        told = CliRunner().invoke(app, ["inspect", "run", "--image", image, "--why"])
        return str(told.exception)

    for image in (f"{other:02}.png", str(other)):
        assert refused(image).startswith(
            f"'{other:02}.png' is not among the 12 images of this run, because '{drawn}' was drawn of its group. "
            "To inspect it, give its file: "
        )
        assert refused(image).endswith(inspect)
    assert refused("99.png").endswith(f"choose another, such as '{run.clean.name(int(run.clean.indices[0]))}'.")
    (folder / "labels.csv").unlink()
    said = refused(f"{other:02}.png")
    assert "is not among the 12 images of this run: choose" in said, "its group is not known without the table"
    assert said.endswith("To inspect another one, give its file: tfstab inspect run FILE --class NAME --why")


def test_signs_whose_frames_are_not_named_limit_what_intervals_hold_for(tmp_path):
    signs = remarked(MANY, UNNAMED_SIGNS)
    said = "; apparently 30 frames each of 421 signs, so intervals hold for these signs only"
    assert describe_images(match_classes(classifier(), signs)).endswith(said)
    (note,) = group_notes([sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=1), signs)])
    assert note.endswith("So intervals hold for photographs of these signs; for other signs they are too narrow.")


def test_a_sweep_of_groups_says_so_wherever_it_is_shown(folder, tmp_path):
    settings = ("--copies", 1, "--sigmas", 5, "--out", "run")
    told = command("sweep", *settings, "--limit", 8)
    assert told.exit_code == 0, told.output
    line = "; drawn at random from 60 images of 12 groups, at most one image of each group, so that intervals hold"
    assert "folder:frames: 8 images" in told.stderr and line in told.stderr
    told = command("sweep", *settings)
    assert (
        told.exit_code == 0 and line.replace("at most ", "") in told.stderr and "at most one image" not in told.stderr
    )
    run = open_run("run")
    assert len(run.clean.indices) == 12 and sorted(run.clean.indices // 5) == list(range(12))
    said = "frames has 60 images of 12 groups. One image of each group was drawn at random, and only these images"
    assert said in " ".join(CliRunner().invoke(app, ["inspect", "run"]).stderr.split())
    write_report([run], tmp_path / "page.html")
    assert said in (tmp_path / "page.html").read_text()

    with (folder / "labels.csv").open("a") as table:
        for k in range(3):
            Image.fromarray(MANY.images[k, ..., 0]).save(folder / f"9{k}.png")
            table.write(f"9{k}.png,cat,new\n")
    assert command("sweep", *settings).exit_code == 0, "what was drawn before is drawn again"
    grown = json.loads((tmp_path / "run" / "run.json").read_text())["data"]
    assert grown["images"] == 13 and drawn_in(grown["remarks"]) == (13, 63)

    for given, other, said in (
        (["--images", "0:"], "run", "begun with one image of each group, and now other images are given"),
        ([], "whole", "begun with images that were not drawn from groups, and now one image of each group is given"),
    ):
        if other == "whole":
            told = command("sweep", *settings[:-1], other, "--images", "0:")
            assert told.exit_code == 0 and "; several are of the same group, so intervals are too narrow" in told.stderr
        told = command("sweep", *settings[:-1], other, *given)
        assert isinstance(told.exception, RunError) and re.search(said, str(told.exception))
