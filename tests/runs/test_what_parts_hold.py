"""Parts of a sweep, results of a search and clean images that no run has written are refused, however well sealed."""

import shutil

import made_up_runs as made
import numpy as np
import pyarrow as pa
import pytest

from tfstab import Classifier, Dataset, SweepConfig, open_run, run_sweep
from tfstab.errors import RunError
from tfstab.runs.clean import fingerprint_of

NAN, INFINITE = float("nan"), float("inf")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    made.sweep(folder / "sweep")
    made.search(folder / "search")
    return folder


@pytest.fixture
def sweep(whole, tmp_path):
    return shutil.copytree(whole / "sweep", tmp_path / "sweep")


@pytest.fixture
def search(whole, tmp_path):
    return shutil.copytree(whole / "search", tmp_path / "search")


def with_values(**changes):
    """A change of the first row's values."""

    def change(table):
        for name, value in changes.items():
            place = table.schema.get_field_index(name)
            values = [value, *table[name].to_pylist()[1:]]
            table = table.set_column(place, name, pa.array(values, table.schema.field(name).type))
        return table

    return change


def of_rows(*rows):
    """A change of which rows there are; the first part of the sweep has 12."""
    return lambda table: table.take(pa.array(np.concatenate([np.arange(0), *rows]), pa.int64()))


ALL = np.arange(12)
SWEEPS = {
    "no rows": (of_rows(), "0 rows; expected 6 for each image"),
    "one row": (of_rows([0]), "1 rows"),
    "half an image": (of_rows(ALL[:9]), "9 rows"),
    "every row four times": (of_rows(np.repeat(ALL, 4)), "too many rows, 48; expected at most 12"),
    "the whole four times": (of_rows(np.tile(ALL, 4)), "too many rows"),
    "every second row twice": (of_rows(ALL // 2 * 2), "severities are not those"),
    "an image twice": (of_rows(ALL[:6], ALL[:6]), "an image twice"),
    "copies backwards": (of_rows(ALL.reshape(2, 6)[:, ::-1].ravel()), "severities"),
    "images backwards": (of_rows(ALL[::-1]), "not those that its name says"),
    "images mixed": (of_rows(ALL.reshape(2, 6).T.ravel()), "mixed"),
    "another image": (with_values(image=3), "mixed"),
    "another class": (with_values(class_index=2), "other classes than the run"),
    "another severity": (with_values(severity=7.5), "severities"),
    "another sigma": (with_values(sigma=NAN), "sigmas"),
    "another copy": (with_values(copy=2), "copies"),
    "a copy below none": (with_values(copy=-1), "copies"),
    "a class that is not there": (with_values(predicted=3), "predicts classes"),
    "no score": (with_values(score=NAN), "scores"),
    "a true score without end": (with_values(true_score=INFINITE), "scores"),
    "a true score above the largest": (with_values(predicted=1, score=0.3, true_score=0.6), "largest score"),
    "a right prediction with two scores": (with_values(true_score=0.2), "largest score"),
    "no decibels": (with_values(psnr=NAN), "PSNR"),
    "decibels below none": (with_values(psnr=-INFINITE), "PSNR"),
    "another degradation": (with_values(degradation="fog"), "degradation"),
}


@pytest.mark.parametrize("case", SWEEPS)
def test_a_part_of_a_sweep_that_no_sweep_writes(sweep, case):
    change, said = SWEEPS[case]
    made.change_table(sweep, change)
    for read in (lambda run: run.measures, lambda run: run.samples(columns=["psnr"]), lambda run: run.samples(image=2)):
        with pytest.raises(RunError, match=said):
            read(open_run(sweep))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("block-0000000-0000002-00000-00003", "images of another part"),  # a second time
        ("block-0000001-0000003-00002-00003", "images of another part"),
        ("block-0000000-0000005-00003-00004", "images or copies that the run has not"),
        ("block-0000001-0000001-00000-00001", "images or copies that the run has not"),
        ("class-00000-00000", "parts that no sweep has"), ("class--0", "parts that no sweep has"),
    ],
)  # fmt: skip
def test_a_plan_that_no_sweep_has(sweep, name, said):
    made.change_info(sweep, lambda info: info["parts"].append(name))
    with pytest.raises(RunError, match=f"run.json is damaged .*{said}"):
        open_run(sweep)


def test_a_part_with_the_images_of_another_one(sweep):
    first, second = sorted((sweep / "parts").iterdir())
    swapped = second.with_name(first.name)
    first.unlink()
    made.seal(second.rename(swapped))
    with pytest.raises(RunError, match="its images are not those that its name says"):
        _ = open_run(sweep).measures


@pytest.mark.parametrize("order", [[0, 1, 2, 2], [0, 1, 2, 4], [0, 1, 2], [-1, 0, 1, 2]])
def test_an_order_that_is_none(sweep, order):
    made.change_arrays(sweep / "clean.npz", order=np.array(order))
    with pytest.raises(RunError, match="its order does not have each image once"):
        _ = open_run(sweep).clean


def test_a_run_without_its_order(sweep):
    made.change_arrays(sweep / "clean.npz", order=None)
    with pytest.raises(RunError, match="damaged"):
        _ = open_run(sweep).measures


def test_runs_of_format_1_are_read_and_not_continued(tmp_path):
    old, new = open_run(made.older_sweep(tmp_path / "old")), open_run(made.sweep(tmp_path / "new"))
    assert old.copies_done == new.copies_done == (3, 3) and old.complete
    key = [(name, "ascending") for name in ("image", "severity_index", "copy")]
    keys = ["image", "severity_index", "copy", "class_index"]
    assert old.samples(columns=keys).sort_by(key).equals(new.samples(columns=keys).sort_by(key))
    assert old.samples(image=5)["copy"].to_pylist() == [0, 1, 2] * 2 and old.samples(class_index=0).num_rows == 12
    assert old.measures.total.tolist() == new.measures.total.tolist()
    network = Classifier.from_function(
        lambda images: np.full((len(images), 3), 1 / 3), (4, 4, 1), 3, fingerprint="even"
    )
    clean = old.clean
    images = Dataset("made up", "test", clean.images, clean.class_index, ("cat", "dog", "fox"), clean.indices)
    made.change_info(old.path, lambda info: info["model"].update(fingerprint=network.fingerprint))
    made.change_info(old.path, lambda info: info["data"].update(images_fingerprint=fingerprint_of(clean.images)))
    with pytest.raises(RunError, match="cannot be resumed: it was planned by another version of tfstab"):
        run_sweep(network, images, made.CONFIG, old.path)


def test_an_image_in_two_parts_of_an_older_run(tmp_path):
    sweep = made.older_sweep(tmp_path / "old")
    part = made.first_part(sweep)
    shutil.copy(part, part.with_name(part.name.replace("class-00000-00000", "class-00000-00001")))
    made.change_info(sweep, lambda info: info["parts"].append("class-00000-00001"))
    with pytest.raises(RunError, match="image 2 is in another part too"):
        _ = open_run(sweep).measures


def test_whole_sweeps_are_read_in_any_order(whole):
    for first in (lambda run: run.samples(image=5), lambda run: run.samples(), lambda run: run.measures):
        run = open_run(whole / "sweep")
        first(run)
        assert run.measures.total.tolist() == [[3, 3]] * 4
        assert run.samples().num_rows == 24 and run.samples(severity=40, image=8)["copy"].to_pylist() == [0, 1, 2]


def test_a_sweep_of_another_degradation_is_read(tmp_path):
    fog = made.sweep(tmp_path / "fog", SweepConfig(degradation="fog"))
    assert open_run(fog).measures.total.sum() == 4 * open_run(fog).config.rows_per_image


BLANK = np.zeros((4, 4, 1), np.float32)
SEARCHES = {
    "noise that is not a number": ({"noise": BLANK + np.float32(NAN)}, "leads out of the grey levels"),
    "noise without end": ({"noise": BLANK + np.float32(INFINITE)}, "leads out of the grey levels"),
    "noise of 1e38": ({"noise": BLANK + np.float32(1e38)}, "leads out of the grey levels"),
    "noise that was not clipped": ({"noise": BLANK + 255}, "leads out of the grey levels"),
    "queries below none": ({"queries": -5}, "queries"),
    "a repair's queries below none": ({"repair_queries": -1}, "repair's queries"),
    "more queries of the repair than of all": ({"repair_queries": 401}, "repair's queries"),
    "gradients below none": ({"gradients": -1}, "gradients"),
    "generations below none": ({"generations": -1}, "generations"),
    "more history than generations": ({"generations": 1}, "generations"),
    "another clean image": ({"clean": np.zeros((4, 4, 1), np.uint8)}, "clean image or class"),
    "another class": ({"class_index": 1}, "clean image or class"),
    "found without a flip": ({"scores": np.array([0.8, 0.1, 0.1], np.float32)}, "scores are not misclassified"),
    "found with a tie": ({"scores": np.array([0.4, 0.4, 0.2], np.float32)}, "scores are not misclassified"),
    "not found with a flip": ({"found": False, "l2_uint8": NAN}, "scores are misclassified"),
    "an 8-bit norm of what was not found": (
        {"found": False, "scores": np.array([0.8, 0.1, 0.1], np.float32)},
        "8-bit norm",
    ),
    "an 8-bit norm below none": ({"l2_uint8": -1.0}, "8-bit norm"),
    "an 8-bit norm without end": ({"l2_uint8": INFINITE}, "8-bit norm"),
    "scores that are not numbers": ({"scores": np.full(3, NAN, np.float32)}, "scores"),
    "scores above 1": ({"scores": np.full(3, 2, np.float32)}, "scores"),
    "other clean scores": ({"clean_scores": np.array([0.1, 0.8, 0.1], np.float32)}, "clean scores"),
    "scores of 128 bits": ({"scores": np.full(3, 0.3, np.longdouble)}, "at most 64 bits"),
    "scores in the other byte order": ({"scores": np.full(3, 0.3, ">f4")}, "native order"),
    "more scores": ({"scores": np.full(4, 0.25, np.float32)}, "classes"),
    "history that is no number": ({"history": np.full((2, 4), NAN)}, "history"),
    "history of five columns": ({"history": np.zeros((2, 5))}, "history"),
    "an objective that is no number": ({"objective": NAN}, "objective"),
    "a long reason": ({"stop_reason": "x" * 5_000}, "stop_reason"),
}


@pytest.mark.parametrize("case", SEARCHES)
def test_a_part_of_a_search_that_no_search_writes(search, case):
    changes, said = SEARCHES[case]
    made.change_result(search, **changes)
    with pytest.raises(RunError, match=said):
        list(open_run(search))


def test_a_search_of_a_version_that_did_not_count_the_repairs_queries_and_gradients_is_read(search):
    made.change_result(search, repair_queries=None, gradients=None)
    assert next((r.queries, r.repair_queries, r.gradients) for r in open_run(search)) == (400, 0, 0)


def test_found_means_the_target_where_there_is_one(search):
    made.change_info(search, lambda info: info["settings"].update(target=1))
    assert open_run(search).result(2).predicted == 1
    made.change_info(search, lambda info: info["settings"].update(target=2))
    with pytest.raises(RunError, match="scores are not misclassified"):
        open_run(search).result(2)


@pytest.mark.parametrize("wrong", [0.4, 0.404])
def test_a_flip_by_little_that_is_not_found_is_no_contradiction(search, wrong):
    scores = np.array([0.4, wrong, 0.2], np.float32)
    made.change_result(search, scores=scores, found=False, l2_uint8=NAN, size_uint8=NAN)
    assert not open_run(search).result(2).found


CLEAN = {
    "scores that are not numbers": ({"scores": np.full((4, 3), NAN, np.float32)}, "scores are not all from 0 to 1"),
    "scores below 0": ({"scores": np.full((4, 3), -1, np.float32)}, "scores are not all from 0 to 1"),
    "an image twice": ({"indices": np.array([2, 3, 3, 8])}, "some twice"),
    "negative indices": ({"indices": np.array([-2, 3, 5, 8])}, "negative"),
    "fewer images than run.json says": (
        {name: made_up[:3] for name, made_up in vars(made.clean_images()).items() if made_up is not None},
        "3 images, run.json 4",
    ),
    "fewer scores than classes have names": ({"scores": np.full((4, 3), 0.3, np.float32)[:, :2]}, "scores"),
}


@pytest.mark.parametrize("case", CLEAN)
def test_clean_images_that_no_run_holds(sweep, case):
    changes, said = CLEAN[case]
    made.change_arrays(sweep / "clean.npz", **changes)
    with pytest.raises(RunError, match=said):
        _ = open_run(sweep).clean


@pytest.mark.parametrize("older", [False, True], ids=["blocks of images", "classes"])
def test_a_damaged_part_hides_only_what_it_holds(tmp_path, older):
    """Images 2 and 3, of class 0, are in the first part; 5, of class 1, is not."""
    run = (made.older_sweep if older else made.sweep)(tmp_path / "run")
    part = sorted((run / "parts").iterdir())[1]
    part.write_bytes(part.read_bytes()[:-9] + b"otherwise")
    opened = open_run(run)
    assert len(opened.samples(image=3)) == 6 and len(opened.samples(class_index=0)) == 12
    assert len(opened.samples(class_index=0, image=2)) == 6 and len(opened.samples(class_index=0, image=5)) == 0
    for wanted in ({"image": 5}, {"class_index": 1}, {"class_index": 1, "image": 5}, {}):
        with pytest.raises(RunError, match="is damaged"):
            opened.samples(**wanted)
