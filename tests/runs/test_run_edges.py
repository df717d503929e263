"""Run folders at the edges: indices out of range, arrays that do not fit each other, what is logged and told."""

import json
import shlex
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy_runs import NAMES, brightness, classifier, dataset, search, sweep

from tfstab import Classifier, Dataset, SearchConfig, SweepConfig, limits, open_run, run_search, run_sweep
from tfstab.classifier.matching import match_classes
from tfstab.classifier.source import Source
from tfstab.errors import InputError, RunError
from tfstab.runs import CleanImages, RunWriter
from tfstab.runs import clean as clean_module
from tfstab.runs.arrays import read_arrays
from tfstab.runs.clean import fingerprint_of
from tfstab.runs.description import describe
from tfstab.runs.environment import environment
from tfstab.runs.files import PART_NAME, check_room, checksum, find_parts
from tfstab.runs.info import read_info, runs_in
from tfstab.runs.known_models import remember_model
from tfstab.runs.other_model import check_model_of


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("edges") / "sweep")


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    return search(tmp_path_factory.mktemp("edges") / "search", queries=100)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return search(tmp_path_factory.mktemp("edges") / "made", data=dataset(3), queries=100)


@pytest.fixture
def run(made, tmp_path):
    """A run of one's own."""
    return open_run(shutil.copytree(made.path, tmp_path / "run"))


# --- indices ---


@pytest.mark.parametrize("image", [-1, 9, 10**12])
def test_images_are_not_counted_from_the_end(swept, searched, image):
    for ask in (
        lambda: searched.result(image), lambda: swept.sample(image, 0, 0), lambda: swept.degraded_image(image, 0, 0),
        lambda: swept.clean.row(image),
    ):  # fmt: skip
        with pytest.raises(
            RunError, match=rf"image {image} is not in this run; it has 9 images, beginning with 0, 1, 2, 3, 4\.$"
        ):
            ask()


@pytest.mark.parametrize(("severity", "copy"), [(-1, 0), (3, 0), (0, -1), (0, 6)])
def test_severities_and_copies_are_not_counted_from_the_end(swept, severity, copy):
    for ask in (swept.sample, swept.degraded_image):
        with pytest.raises((RunError, InputError)):
            ask(0, severity, copy)


def test_images_of_a_part_of_the_split_keep_their_indices(tmp_path):
    some = dataset().select(np.array([7, 2, 4]))
    run = search(tmp_path / "run", data=some, queries=100)
    assert run.images.tolist() == [7, 2, 4] and [result.image for result in run] == [7, 2, 4]
    assert [run.clean.row(image) for image in (7, 2, 4)] == [0, 1, 2]
    with pytest.raises(RunError, match="it has 3 images: 7, 2, 4"):
        run.result(0)
    for result in run:
        np.testing.assert_array_equal(result.clean, dataset().images[result.image])


def changed(run, **arrays):
    """clean.npz with other arrays, None to leave one out."""
    path = run.path / "clean.npz"
    with np.load(path) as kept:
        values = {**kept, **arrays}
    np.savez(path, **{name: value for name, value in values.items() if value is not None})
    return CleanImages.load(path, run.info["data"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"indices": np.array([0, 1, -2])}, {"class_index": np.array([0, 1, -1])}, {"class_index": np.array([0, 1, 3])},
        {"indices": np.array([0, 1])}, {"scores": np.zeros((2, 3), np.float32)}, {"class_index": np.array([0, 1])},
        {"images": np.zeros((2, 4, 4, 1), np.uint8)}, {"images": np.zeros((3, 4, 4, 2), np.uint8)},
        {"images": np.zeros((3, 0, 4, 1), np.uint8)}, {"scores": None}, {"class_index": None}, {"indices": None},
        {"images": np.zeros((3, 4, 4), np.uint8)}, {"images": np.zeros((3, 4, 4, 1), np.int16)},
        {"class_index": np.zeros(3)}, {"scores": np.zeros((3, 3), np.int64)},
    ],
)  # fmt: skip
def test_clean_images_that_do_not_fit_each_other_are_refused(run, wrong):
    with pytest.raises(RunError, match="damaged"):
        changed(run, **wrong)


def test_clean_images_that_just_fit_are_taken(run):
    for images in (np.zeros((3, 4, 4, 3), np.uint8), np.zeros((3, 1, 1, 1), np.uint8)):
        assert changed(run, images=images).images.shape == images.shape
    assert changed(run, class_index=np.array([2, 0, 1])).class_index.tolist() == [2, 0, 1]


def test_which_are_right_when_clean(swept):
    clean = swept.clean
    np.testing.assert_array_equal(clean.predicted, brightness(clean.images).argmax(axis=1))
    assert clean.correct.tolist() == [True] * 8 + [False]
    np.testing.assert_allclose(clean.scores, brightness(clean.images.astype(np.float32)), rtol=1e-6)


# --- where many images are kept ---


@pytest.mark.parametrize(("limit", "kept"), [(144, {"clean.npz"}), (143, {"clean.npz", "clean.npy"})])
def test_more_images_than_a_copy_may_have_get_a_file_of_their_own(tmp_path, monkeypatch, limit, kept):
    monkeypatch.setattr(clean_module, "LARGEST_COPY", limit)
    run = search(tmp_path / "run", queries=100)
    assert {path.name for path in run.path.glob("clean.*")} == kept
    np.testing.assert_array_equal(open_run(run.path).clean.images, dataset().images)
    again = search(tmp_path / "run", queries=100)
    assert again.complete and (run.path / "log.jsonl").read_text().count("damaged") == 0
    if "clean.npy" in kept:
        np.save(run.path / "clean.npy", dataset().images.astype(np.int16))
        with pytest.raises(RunError, match="not uint8 of shape"):
            _ = open_run(run.path).clean
        (run.path / "clean.npy").unlink()
        with pytest.raises(RunError, match="levels is not an official data set"):
            _ = open_run(run.path).clean


def test_nearly_blank_images_are_written_so_that_they_can_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "SMALL_RUN", 10_000)
    blank = Dataset.from_arrays("levels", "test", np.zeros((9, 200, 200, 1), np.uint8), np.arange(9) % 3, NAMES)
    model = Classifier.from_function(brightness, (200, 200, 1), 3, fingerprint="brightness 1", class_names=NAMES)
    run = run_sweep(model, blank, SweepConfig(sigmas=(20,), copies=1), tmp_path / "run")
    np.testing.assert_array_equal(open_run(run.path).clean.images, blank.images)
    assert (run.path / "clean.npz").stat().st_size > blank.images.nbytes  # not compressed
    run_sweep(model, blank, SweepConfig(sigmas=(20,), copies=1), tmp_path / "run")
    assert (run.path / "log.jsonl").read_text().count("damaged") == 0


# --- reading ---


def test_a_run_says_how_far_it_is(swept, searched, run):
    assert repr(swept) == f"SweepRun('{swept.path}', 9 of 9 images, 4 of 4 parts)"
    assert searched.progress == (9, 9) and searched.complete and len(searched) == 9 and searched.class_names == NAMES
    victim = run.parts["image-000000001"]
    victim.unlink()
    cut = open_run(run.path)
    assert cut.progress == (2, 3) and not cut.complete and list(cut.parts) == ["image-000000000", "image-000000002"]
    with pytest.raises(RunError, match="image 1 has not been searched yet"):
        cut.result(1)
    assert [result.image for result in cut] == [0, 2] and cut.images.tolist() == [0, 2] and len(cut.to_pandas()) == 2


def test_a_part_of_another_image_is_damage(run):
    first, second = run.parts["image-000000000"], run.parts["image-000000001"]
    content = second.read_bytes()
    first.unlink()
    first.with_name(second.name.replace("image-000000001", "image-000000000")).write_bytes(content)
    opened = open_run(run.path)
    assert opened.damaged() == []
    with pytest.raises(RunError, match="it belongs to another image"):
        opened.result(0)
    part = opened.parts["image-000000002"]
    part.write_bytes(part.read_bytes()[:-1])
    assert opened.damaged() == [part]
    with pytest.raises(RunError, match="is damaged: resume the search to make it again"):
        opened.result(2)


def test_a_part_is_compared_with_its_checksum_once(run):
    opened = open_run(run.path)
    opened.result(0)
    path = opened.parts["image-000000000"]
    other = run.parts["image-000000001"].read_bytes()
    path.write_bytes(other)
    with pytest.raises(RunError, match="another image"):
        opened.result(0)
    with pytest.raises(RunError, match="resume the search"):
        open_run(run.path).result(0)


def test_runs_of_another_kind_and_folders_of_runs(swept, searched, tmp_path):
    from tfstab.search import SearchRun

    with pytest.raises(RunError, match="is a sweep run, and a search run is needed here"):
        SearchRun(swept.path)
    assert runs_in(searched.path.parent) == [searched.path]
    with pytest.raises(RunError, match=r"is a folder of runs \(1\): give a run, such as"):
        open_run(searched.path.parent)
    info = json.loads((searched.path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps(info | {"kind": "dance"}))
    with pytest.raises(RunError, match="is a run of unknown kind 'dance'; known: search, sweep"):
        open_run(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": "0"}, "seed is no int"), ({"parts": "image-1"}, "parts is no list of strings"),
        ({"parts": ["image-1", 2]}, "parts is no list of strings"), ({"parts": ["../image-1"]}, "is no part's name"),
        ({"settings": []}, "settings is no dict"), ({"model": {"name": "m"}}, "'fingerprint' is not in it"),
        ({"format": 3}, "newer tfstab"), ({"environment": {"versions": 3}}, "environment/versions is no dict"),
    ],
)  # fmt: skip
def test_run_json_of_another_form(run, change, said):
    path = run.path / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(RunError, match=said):
        read_info(run.path)


def test_control_characters_in_names_are_replaced(run):
    path = run.path / "run.json"
    info = json.loads(path.read_text())
    info["data"]["class_names"] = ["a\x1b[31m", "b\n", "c"]
    path.write_text(json.dumps(info))
    assert read_info(run.path)["data"]["class_names"] == ["a\ufffd[31m", "b\ufffd", "c"]


def test_arrays_of_another_kind_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", one=np.zeros(3), two=np.zeros((2, 2), np.int32), other=np.array("x"))
    kinds = {"one": (np.floating, 1), "two": (np.integer, 2), "three": (np.bool_, 0)}
    assert set(read_arrays(tmp_path / "a.npz", kinds, 1000)) == {"one", "two"}
    for wrong, said in (
        ({"one": (np.integer, 1)}, "one has 1 axes of float64; expected 1 of integer"),
        ({"two": (np.integer, 1)}, "two has 2 axes of int32; expected 1 of integer"),
    ):
        with pytest.raises(ValueError, match=said):
            read_arrays(tmp_path / "a.npz", wrong, 1000)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("image-000000001", True), ("class-00000-00099", True), ("image-", False), ("Image-1", False), ("image-1-", False),
     ("a-1/2", False), ("image-1.npz", False), ("-1", False)],
)  # fmt: skip
def test_names_of_parts(name, is_one):
    assert bool(PART_NAME.fullmatch(name)) == is_one


def test_files_beside_the_parts_are_no_parts(run):
    parts = run.path / "parts"
    before = find_parts(run.path)
    whole = "image-000000007-0123456789abcdef"
    for name in (f"{whole}.txt", "image-7.npz", f".{whole}.npz", "notes"):
        (parts / name).write_text("no part")
    (parts / "image-000000008-0123456789abcdef.npz").mkdir()
    assert find_parts(run.path) == before and find_parts(run.path / "nowhere") == {}
    assert all(path.stem == f"{name}-{checksum(path)}" for name, path in before.items())


def test_room_for_a_run(tmp_path, run):
    check_room(tmp_path / "new")
    check_room(run.path)
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="is a file: choose a folder by hand"):
        check_room(tmp_path / "file", "by hand")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / ".hidden").touch()
    check_room(tmp_path / "own")
    (tmp_path / "own" / "b.txt").touch()
    (tmp_path / "own" / "a.txt").touch()
    with pytest.raises(RunError, match=r"holds other files \(a.txt\): choose an empty or a new folder with --out"):
        check_room(tmp_path / "own")


# --- resuming ---


def test_what_differs_is_said_of_every_setting(run):
    few = dataset(3)
    for config, more, said in (
        (SearchConfig(max_queries=101), {}, "it was begun with max_queries = 100, not 101"),
        (SearchConfig(max_queries=100, seed=3), {}, "it was begun with seed 0, not 3"),
        (SearchConfig(max_queries=100), {"target": 2}, "it was begun without target"),
        (SearchConfig(max_queries=100), {"mask": np.ones((4, 4), bool)}, "it was begun without mask"),
    ):
        with pytest.raises(RunError, match=said):
            run_search(classifier(), few, config, run.path, **more)
    other = classifier(fingerprint="another")
    with pytest.raises(
        RunError, match=r"has results of another model \(brightness\): choose another folder, as with --out"
    ):
        run_search(other, few, SearchConfig(max_queries=100), run.path)
    with pytest.raises(RunError, match=r"begun with other data \(3 images of levels, test\)"):
        run_search(classifier(), dataset(4), SearchConfig(max_queries=100), run.path)
    with pytest.raises(RunError, match="begun with kind search, not sweep"):
        sweep(run.path, data=few)


def test_the_folder_of_another_model_says_which_and_what_to_do(run, tmp_path, monkeypatch):
    """Its file has changed, or is another file."""
    monkeypatch.chdir(tmp_path)
    run.path.with_name("run-2").mkdir()
    given = classifier(fingerprint="another")
    given.source = Source.of(Path("new/net.keras"), {})
    for was, said in (
        ("new/net.keras", "new/net.keras has changed since"),
        ("net.keras", "net.keras, not new/net.keras"),
    ):
        remember_model(run.info["model"]["fingerprint"], Source.of(Path(was), {}))
        with pytest.raises(RunError) as refused:
            check_model_of(run.path, given)
        other = run.path.with_name("run-3")
        assert str(refused.value) == (
            f"{run.path} has results of another model ({said}): choose another folder, as with --out {other} (in "
            f"Python out=), then compare both (in Python tfstab.compare): tfstab compare {run.path} {other}"
        )
    check_model_of(run.path, classifier())
    check_model_of(tmp_path / "none", given)
    spaced = run.path.rename(run.path.with_name("my run"))
    with pytest.raises(RunError) as refused:
        check_model_of(spaced, given)
    words = shlex.split(str(refused.value).removesuffix("."))
    assert words[words.index("--out") + 1] == f"{spaced}-2" and words[-2:] == [str(spaced), f"{spaced}-2"]


def test_another_environment_is_warned_of_and_named(run):
    path = run.path / "run.json"
    info = json.loads(path.read_text())
    info["environment"]["device"] = "GPU of another kind"
    info["environment"]["versions"] |= {"numpy": "1.0", "fog": "2.1"}
    path.write_text(json.dumps(info, indent=2))
    with pytest.warns(UserWarning) as warned:
        search(run.path, data=dataset(3), queries=100)
    assert (
        f"was begun with other versions (numpy 1.0, here {np.__version__}; fog 2.1, here not installed) and another "
        "device (GPU of another kind; here function): its parts agree within rounding" in str(warned[0].message)
    )
    assert set(environment("CPU")) == {"versions", "device", "instruction_set"} and environment("x")["device"] == "x"


def test_a_writer_tells_what_was_done_and_logs_damage(run):
    few = dataset(3)
    victim = run.parts["image-000000001"]
    victim.write_bytes(b"harm")
    info = describe("search", 0, run.info["settings"], classifier(), few, [f"image-{k:09d}" for k in range(3)])
    with RunWriter(run.path, info, run.clean) as writer:
        assert writer.done == {"image-000000000", "image-000000002"}
        written = writer.write("image-000000001", "npz", lambda path: path.write_bytes(b"whole"), queries=7)
        assert writer.done == set(info["parts"]) and written.name == f"image-000000001-{checksum(written)}.npz"
    log = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    damaged, opened, part = log[-3:]
    assert (damaged["event"], damaged["part"]) == ("damaged", "image-000000001")
    assert (opened["event"], opened["done"]) == ("opened", 2) and opened["environment"] == info["environment"]
    assert (part["event"], part["part"], part["queries"]) == ("part", "image-000000001", 7)
    assert not victim.exists() and 0 <= part["time"] - log[0]["time"] < 600


def test_what_run_json_holds(run):
    few, info = dataset(3), run.info
    assert info["format"] == 2 and info["kind"] == "search" and info["seed"] == 0
    assert info["model"] == {"name": "brightness", "fingerprint": classifier().fingerprint}
    assert info["data"] == {
        "name": "levels", "split": "test", "note": "", "remarks": "", "fingerprint": few.fingerprint, "images": 3,
        "images_fingerprint": fingerprint_of(few.images), "indices_fingerprint": fingerprint_of(np.arange(3)),
        "class_names": list(NAMES),
    }  # fmt: skip
    assert info["parts"] == ["image-000000000", "image-000000001", "image-000000002"]
    assert info["settings"]["max_queries"] == 100 and "seed" not in info["settings"]
    assert fingerprint_of(few.images[:, ::-1]) == fingerprint_of(np.ascontiguousarray(few.images[:, ::-1]))


# --- classes ---


def fitted(labels, names, model_names=NAMES):
    few = Dataset.from_arrays("mine", "test", np.zeros((len(labels), 4, 4, 1), np.uint8), labels, names)
    model = Classifier.from_function(brightness, (4, 4, 1), 3, fingerprint="x", class_names=model_names, name="model")
    made = match_classes(model, few)
    return made.labels.tolist(), made.class_names


def test_labels_are_matched_by_name_number_or_position():
    assert fitted([0, 1], ("cat", "dog")) == ([0, 1], NAMES)
    assert fitted([0, 1], ("2", "cat")) == ([2, 0], NAMES)
    assert fitted([0, 1], ("1", "02"), ("a", "b", "c")) == ([1, 2], ("a", "b", "c"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fitted([2, 0, 1], ("x", "y", "z"), ("0", "1", "2")) == ([2, 0, 1], ("x", "y", "z"))
    with pytest.raises(
        InputError, match=r"2 classes \(x, y\) and model has 3 outputs without names.*--classes x=0,y=1 "
    ):
        fitted([1, 0], ("x", "y"), ("0", "1", "2"))
    assert fitted([1, 0], ("x", "y"), {0: "x", 2: "y"}) == ([2, 0], ("x", "1", "y"))
    with pytest.raises(
        InputError,
        match=r"class 'eel' that model does not know; the model's classes are cat, dog, 2: if 'eel'.*; to "
        r"leave out the images of a class that the model does not know, .*\[labels != 1\] and labels\[labels != 1\]",
    ):
        fitted([0, 1], ("cat", "eel"))
    with pytest.raises(InputError, match=r"for each output\. The smallest class, 'w', has 1 image\. To leave out"):
        fitted([0, 1, 2, 3, 1, 2, 3], ("w", "x", "y", "z"), ("0", "1", "2"))
    for labels in ([0, 1, 2], [0, 1, 2, 3]):  # a sample does not tell which is the smallest, or none is
        with pytest.raises(InputError, match=r"for each output\. To leave out"):
            fitted(labels, ("w", "x", "y", "z"), ("0", "1", "2"))
    typed = Dataset.from_arrays("all.csv", "test", np.zeros((23, 4, 4, 1), np.uint8), [*[0, 1] * 11, 2],
                                ("airplane", "ship", "shp"), names=[f"{k}.png" for k in range(23)])  # fmt: skip
    model = Classifier.from_function(brightness, (4, 4, 1), 2, fingerprint="x", name="model")
    with pytest.raises(InputError) as told:
        match_classes(model, typed)
    assert str(told.value).endswith(
        "The smallest class, 'shp', has 1 image: did you mean 'ship'? If so, correct these labels. To leave "
        "out the images of a class that the model does not know, delete their rows from the table; or choose another "
        "model."
    )
    with pytest.raises(
        InputError,
        match=r"from 0 to 3, but the 3 outputs of the model model are numbered from 0 to 2, .*correct",
    ):
        fitted([0, 3], (), ("0", "1", "2"))
    assert fitted([2], ())[0] == [2]


def test_sweeps_of_one_sigma_open_and_resume(tmp_path):
    config = SweepConfig(sigmas=(30,), copies=1)
    run = sweep(tmp_path / "run", config)
    parts = {name: path.read_bytes() for name, path in run.parts.items()}
    next(iter(run.parts.values())).unlink()
    assert not open_run(run.path).complete
    again = sweep(tmp_path / "run", config, data=replace(dataset(), name="by another name"))
    assert {name: path.read_bytes() for name, path in again.parts.items()} == parts


def test_a_missing_folder_is_suggested_with_the_digest_of_its_settings(tmp_path):
    made = tmp_path / "assess-my-photos-72c7e230"
    (made / "fog").mkdir(parents=True)
    (made / "fog" / "run.json").write_text("{}")
    with pytest.raises(RunError, match=r"does not exist; did you mean .*/assess-my-photos-72c7e230\?"):
        open_run(tmp_path / "assess-my-photos")
    with pytest.raises(RunError, match=r"does not exist; did you mean .*/assess-my-photos-72c7e230\?"):
        open_run(tmp_path / "photo")  # the name of the images, mistyped
    made.parent.joinpath("runs").mkdir()
    made.rename(tmp_path / "runs" / made.name)
    with pytest.raises(RunError, match=r"does not exist; did you mean .*/runs/assess-my-photos-72c7e230\?"):
        open_run(tmp_path / made.name)
    with pytest.raises(RunError, match=r"does not exist\.$"):
        open_run(tmp_path / "sweep-of-others")
