"""A sweep takes more copies and more images than it was begun with, and scores nothing twice."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from numpy_runs import NAMES, SIDE, brightness, classifier, dataset
from PIL import Image

from tfstab import Classifier, Dataset, SweepConfig, assess, load_dataset, open_run, run_sweep
from tfstab.assessment import Figures
from tfstab.datasets.dataset import AS_PREDICTED
from tfstab.errors import InputError, RunError
from tfstab.report import confusion_by_severity_table, severity_table
from tfstab.runs.files import find_parts

KEY = [(name, "ascending") for name in ("image", "severity_index", "copy")]
IMAGES = dataset(30)


def config(copies, **others):
    return SweepConfig(sigmas=(5, 90, 30), copies=copies, **others)


def rows(run):
    return run.samples().sort_by(KEY)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run_sweep(classifier(), IMAGES, config(6), tmp_path_factory.mktemp("whole") / "run")


def scored(run):
    """Degraded images that were scored, one after the other, as the log says."""
    return sum(json.loads(line).get("rows", 0) for line in (run.path / "log.jsonl").read_text().splitlines())


STEPS = {
    "copies": [(30, 1), (30, 2), (30, 6)],
    "images": [(10, 6), (20, 6), (30, 6)],
    "both": [(8, 1), (30, 3), (12, 5), (30, 6)],
    "fewer at last": [(30, 6), (5, 2)],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_a_grown_sweep_has_the_rows_of_one_made_at_once(whole, steps, tmp_path):
    for images, copies in steps:
        run = run_sweep(classifier(), IMAGES.take(images), config(copies), tmp_path)
        assert run.complete and run.info == open_run(tmp_path).info
    assert rows(run).equals(rows(whole)) and run.copies_done == (6, 6)
    assert scored(run) == 30 * 6 * 3
    for name in ("accuracy", "recall_by_severity"):
        np.testing.assert_array_equal(getattr(run.measures, name), getattr(whole.measures, name))


def test_every_image_weighs_the_same_while_numbers_of_copies_differ(whole, tmp_path):
    run = run_sweep(classifier(), IMAGES.take(10), config(5), tmp_path)
    run = run_sweep(classifier(), IMAGES, config(5), tmp_path)
    for name, path in find_parts(tmp_path).items():
        if name.startswith("block-0000010") and not name.endswith("00000-00001"):
            path.unlink()
    run = open_run(tmp_path)
    assert run.copies_done == (1, 5) and not run.complete
    table = run.samples().to_pandas()
    table["right"] = table["predicted"] == table["class_index"]
    shares = table.groupby(["severity_index", "image"])["right"].mean()
    for place in range(3):
        assert run.measures.accuracy[place] == pytest.approx(shares[place].mean())
        assert run.accuracy_by_severity()[place].accuracy == pytest.approx(shares[place].mean())
    assert run.class_metrics().accuracy == pytest.approx(shares.mean())
    low, high = run.measures.intervals.overall
    assert low <= shares.mean() <= high
    of_class = table.groupby(["class_index", "image"])["right"].mean().groupby("class_index").mean()
    np.testing.assert_allclose(run.class_metrics().recall, of_class)
    assert set(run.measures.weights) == {1, 5}
    # Weights are in shares only: what is called a number of degraded images or copies is that.
    assert [row[2] for row in severity_table(run).rows[1:]] == table.groupby("severity_index").size().tolist()
    assert run.class_metrics().support.tolist() == table.groupby("class_index").size().reindex([0, 1, 2]).tolist()
    assert run.class_metrics().total == run.confusion.sum() == len(table)
    assert sum(row[3] for row in confusion_by_severity_table(run).rows) == (~table["right"]).sum()
    wrong = table[~table["right"]].groupby(["class_index", "image", "predicted"]).size()
    wrong = (wrong / table.groupby("image").size()).groupby(["class_index", "predicted"]).sum()
    for one in Figures.of([run]).weakest_classes:
        assert one.mistaken_for == wrong[one.index].idxmax()
        assert one.share_of_errors.value == pytest.approx(wrong[one.index].max() / wrong[one.index].sum())


@pytest.mark.parametrize("change", ["pixels", "classes", "none shared", "names"])
def test_other_images_do_not_join(whole, change, tmp_path):
    path = shutil.copytree(whole.path, tmp_path / "run")
    other = {
        "pixels": lambda: replace(IMAGES, images=255 - IMAGES.images),
        "classes": lambda: replace(IMAGES, labels=(IMAGES.labels + 1) % 3),
        "none shared": lambda: replace(IMAGES, indices=IMAGES.indices + 30),
        "names": lambda: replace(IMAGES, split="train"),
    }[change]()
    before = (path / "run.json").read_bytes()
    with pytest.raises(RunError, match="begun with other data"):
        run_sweep(classifier(), other, config(6), path)
    assert (path / "run.json").read_bytes() == before


def test_a_run_goes_on_only_with_images_of_the_same_filter(tmp_path):
    """One begun before there was a choice names no filter in its note, and goes on with bicubic."""
    levels = np.random.default_rng(0).integers(0, 256, (12, 9, 7), np.uint8)
    np.savez(tmp_path / "few.npz", images=levels, labels=np.arange(12) % 3, class_names=NAMES)

    def swept(copies, resize):
        images = load_dataset(tmp_path / "few.npz", resize=resize)
        return run_sweep(classifier(), images, config(copies), tmp_path / "run")

    info = swept(1, "stretch:4x4").path / "run.json"
    noted = info.read_text()
    info.write_text(noted.replace("(stretch, bicubic)", "(stretch)"))
    assert info.read_text() != noted
    with pytest.raises(RunError, match="it was begun with resize = stretch:4x4, not stretch:4x4:bilinear"):
        swept(2, "stretch:4x4:bilinear")
    assert swept(2, "stretch:4x4:bicubic").samples().num_rows == 12 * 3 * 2


@pytest.mark.parametrize(
    ("note", "said"),
    [("stretch", "begun with other data"), ("crop", "begun with resize = stretch:4x4, not crop:4x4")],
)
def test_an_older_run_of_images_without_classes_names_what_has_changed(tmp_path, note, said):
    levels = np.random.default_rng(0).integers(0, 256, (2, 12, 4, 4), np.uint8)
    old, new = f"fitted to 4 x 4, {AS_PREDICTED}", f"resized to 4 x 4 ({note}, bicubic), {AS_PREDICTED}"
    before, after = (
        replace(Dataset.from_arrays("images:own", "test", pixels, np.arange(12) % 3, NAMES), note=text, remarks=text)
        for pixels, text in zip(levels, (old, new), strict=True)
    )
    run_sweep(classifier(), before, config(1), tmp_path / "run")
    info = json.loads((tmp_path / "run" / "run.json").read_text())
    del info["data"]["remarks"]  # which older versions did not keep apart
    (tmp_path / "run" / "run.json").write_text(json.dumps(info))
    with pytest.raises(RunError, match=said):
        run_sweep(classifier(), after, config(2), tmp_path / "run")


def test_a_run_grows_whose_classes_have_control_characters_in_their_names(tmp_path):
    names = ("a\x1b[31mred\n", *NAMES[1:])
    network = Classifier.from_function(brightness, (SIDE, SIDE, 1), 3, fingerprint="brightness", class_names=names)
    data = replace(dataset(12), class_names=names)
    for count in (6, 12):
        assert len(run_sweep(network, data.take(count), config(1), tmp_path / "run").measures) == count


def test_a_kill_between_the_images_and_run_json_loses_nothing(whole, tmp_path):
    small = run_sweep(classifier(), IMAGES.take(10), config(2), tmp_path / "run")
    before, kept = rows(small), (small.path / "run.json").read_bytes()
    run_sweep(classifier(), IMAGES, config(2), small.path)
    (small.path / "run.json").write_bytes(kept)  # as if it had not been written
    again = open_run(small.path)
    assert rows(again).equals(before) and len(again.clean.images) == 10
    grown = run_sweep(classifier(), IMAGES, config(6), small.path)
    assert rows(grown).equals(rows(whole))


def test_damaged_clean_images_of_a_grown_run_are_restored_by_the_same_images_only(tmp_path):
    run = run_sweep(classifier(), IMAGES.take(10), config(1), tmp_path)
    (run.path / "clean.npz").write_bytes(b"PK")
    with pytest.raises(RunError, match=r"clean images in .* are damaged: resume it with the 10 images that it has"):
        run_sweep(classifier(), IMAGES, config(1), tmp_path)
    run_sweep(classifier(), IMAGES.take(10), config(1), tmp_path)
    assert len(run_sweep(classifier(), IMAGES, config(1), tmp_path).clean.images) == 30
    info = json.loads((run.path / "run.json").read_text())
    assert info["data"]["images"] == 30 and info["settings"]["copies"] == 1


def test_a_sweep_with_common_noise_grows_too(tmp_path):
    at_once = run_sweep(classifier(), IMAGES, config(4, common_noise=True), tmp_path / "whole")
    run = run_sweep(classifier(), IMAGES, config(2, common_noise=True), tmp_path / "run")
    some = run.measures.copy_failing_severity
    run = run_sweep(classifier(), IMAGES, config(4, common_noise=True), tmp_path / "run")
    assert rows(run).equals(rows(at_once))
    np.testing.assert_array_equal(run.measures.copy_failing_severity[:, :2], some)
    np.testing.assert_array_equal(run.measures.copy_failing_severity, at_once.measures.copy_failing_severity)


def test_a_sweep_stops_before_its_minutes_are_over(whole, tmp_path):
    run = run_sweep(classifier(), IMAGES, config(6), tmp_path, minutes=1e-6)
    assert run.progress[0] == 1 and run.copies_done == (1, 1)  # the first part, after which comes the first decision
    assert run_sweep(classifier(), IMAGES, config(6), tmp_path, minutes=10).complete
    for wrong in ({"minutes": 0}, {"minutes": float("nan")}, {"precision": -1}, {"precision": "1"}):
        with pytest.raises(InputError, match="expected a number above 0"):
            run_sweep(classifier(), IMAGES, config(6), tmp_path, **wrong)


def test_a_sweep_stops_when_it_is_precise_enough(tmp_path):
    many = dataset(300)
    run = run_sweep(classifier(), many, config(6), tmp_path, precision=100)
    assert run.progress[0] == 1
    before = scored(run)
    assert scored(run_sweep(classifier(), many, config(6), tmp_path, precision=100)) == before  # it still is
    run = run_sweep(classifier(), many, config(6), tmp_path, precision=5)
    low, high = run.measures.intervals.overall
    assert not run.complete and before <= scored(run) and high - low <= 0.1


def test_a_precision_that_needs_more_images_ends_the_sweep_after_a_round(tmp_path):
    with pytest.warns(
        UserWarning, match=r"more copies of these 30 images do not bring that down to 0\.5: it takes about"
    ):
        run = run_sweep(classifier(), IMAGES, config(6), tmp_path, precision=0.5)
    assert run.copies_done[0] == run.copies_done[1] < 6


DAMAGE = {
    "no sweep's copies": (lambda info: info["settings"].update(copies="many"), "copies is 'many'"),
    "a part beyond the images": (lambda info: info["parts"].append("block-0000030-0000099-00000-00001"), "has images"),
    "a degraded image twice": (lambda info: info["parts"].append(info["parts"][0]), "another part"),
}


@pytest.mark.parametrize(("change", "said"), DAMAGE.values(), ids=DAMAGE)
def test_a_run_json_that_no_sweep_wrote_does_not_grow(whole, tmp_path, change, said):
    folder = shutil.copytree(whole.path, tmp_path / "run")
    info = json.loads((folder / "run.json").read_text())
    change(info)
    (folder / "run.json").write_text(json.dumps(info))
    with pytest.raises(RunError, match=said):
        run_sweep(classifier(), IMAGES, config(7), folder)
    assert json.loads((folder / "run.json").read_text()) == info


def test_a_sweep_without_the_order_of_its_images_does_not_grow(whole, tmp_path):
    folder = shutil.copytree(whole.path, tmp_path / "run")
    with np.load(folder / "clean.npz") as arrays:
        kept = {name: arrays[name] for name in arrays if name != "order"}
    np.savez(folder / "clean.npz", **kept)
    with pytest.raises(RunError, match="its order is missing"):
        run_sweep(classifier(), IMAGES, config(7), folder)


def test_a_run_that_does_not_name_all_fingerprints_grows(tmp_path):
    run = run_sweep(classifier(), IMAGES.take(10), config(1), tmp_path)
    info = json.loads((run.path / "run.json").read_text())
    del info["data"]["indices_fingerprint"]
    (run.path / "run.json").write_text(json.dumps(info))
    assert run_sweep(classifier(), IMAGES, config(1), tmp_path).complete


def files_of(folder, count):
    """Write `count` grey images of each of two classes, and a table that lists them; return the table."""
    lines = ["file,label"]
    for k in range(count):
        for name, level in (("cat", 40 + k), ("dog", 120 + k)):
            (folder / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((SIDE, SIDE), level, np.uint8)).save(folder / name / f"{k}.png")
            lines.append(f"{name}/{k}.png,{name}")
    (folder / "all.csv").write_text("\n".join(lines))
    return folder / "all.csv"


def test_images_that_are_added_to_a_folder_change_numbers_and_those_at_the_end_of_a_table_do_not(tmp_path):
    model = Classifier.from_function(brightness, (SIDE, SIDE, 1), 3, fingerprint="two", class_names=NAMES, name="two")
    given = {"minutes": 0.02, "degradations": ["fog"], "search": False, "out": tmp_path / "assessed"}
    table = files_of(tmp_path / "photos", 5)
    assess(model, tmp_path / "photos", **given)
    for data in (table, tmp_path / "photos"):
        run_sweep(model, load_dataset(data), config(1), tmp_path / f"{data.stem}-run")
    files_of(tmp_path / "photos", 7)
    assert len(run_sweep(model, load_dataset(table), config(1), tmp_path / "all-run").measures) == 14
    said = r"images have been added to folder:.* or removed from it since, so .*; {}, or choose another folder"
    with pytest.raises(RunError, match=said.format("give the same images")):
        assess(model, tmp_path / "photos", **given)
    with pytest.raises(RunError, match=said.format("repeat its settings")):
        run_sweep(model, load_dataset(tmp_path / "photos"), config(1), tmp_path / "photos-run")
    for image in (tmp_path / "photos" / "cat").glob("*.png"):  # the same files with other content
        Image.fromarray(np.full((SIDE, SIDE), 9, np.uint8)).save(image)
    with pytest.raises(RunError, match="it was begun with other data"):
        run_sweep(model, load_dataset(table), config(1), tmp_path / "all-run")
