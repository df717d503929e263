"""Sweeps of images of 2 x 2 pixels by a function in place of a network: the plan, what is told, what is stored."""

import collections
import shutil
import threading
import time
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_runs import made_sweep
from tfstab import Classifier, Dataset, SweepConfig, open_run, run_sweep
from tfstab.errors import InputError, RunError
from tfstab.execution import deadlines
from tfstab.sweep.degrade import degraded_image
from tfstab.sweep.part import PartError, check_table
from tfstab.sweep.plan import block_of, block_rows, copies_done, plan_blocks, problem_of_plan
from tfstab.sweep.score import SweepShard, first_rows, in_large_batches, score_shard
from tfstab.sweep.table import SCHEMA, save_table
from tfstab.sweep.unswept import not_swept

CONFIG = SweepConfig(sigmas=(20, 90), copies=3, seed=5)
LABELS = np.array([0, 1, 1, 0, 1])


def brightness(images):
    """Class 1 for images brighter than 128 on average, the surer the further."""
    logit = (images.mean(axis=(1, 2, 3)) - 128) / 20
    return np.stack([-logit, logit], axis=1)


def network(batch_size=None, shape=(2, 2, 1)):
    return Classifier.from_function(brightness, shape, 2, fingerprint="b", outputs="logits", batch_size=batch_size)


@pytest.fixture
def images():
    pixels = np.array([90, 150, 200, 120, 100], np.uint8)[:, None, None, None] + np.zeros((1, 2, 2, 1), np.uint8)
    return Dataset.from_arrays("tiny", "test", pixels, LABELS)


def test_a_sweep_goes_copy_by_copy_in_blocks_that_grow():
    blocks = plan_blocks(images=100, copies=11, severities=10, most_rows=800, batch=100)
    copies = [(block.first_copy, block.stop_copy) for block in blocks]
    assert list(dict.fromkeys(copies)) == [(0, 1), (1, 2), (2, 4), (4, 8), (8, 11)] and copies == sorted(copies)
    assert [block.images for block in blocks[:5]] == [10, 10, 20, 40, 20] and blocks[5].images == 80
    made = np.zeros((100, 11), int)
    for block in blocks:
        assert block.images * block.copies * 10 <= 800 and block_of(block.name) == block
        made[block.first : block.stop, block.first_copy : block.stop_copy] += 1
    assert (made == 1).all()


def test_some_images_may_be_scored_only_when_clean(images, tmp_path):
    few = run_sweep(network(), images, CONFIG, tmp_path / "run", degraded=2)
    assert few.complete and len(few.clean.indices) == 5 and few.extent == "3 copies for 2 of 5 images"
    assert ", 2 of 5 images, " in repr(few)
    assert few.measures.images.tolist() == images.take(2).indices.tolist()
    later = run_sweep(network(), images, CONFIG, tmp_path / "run", degraded=np.int64(4)).measures
    assert later.images.tolist() == images.take(4).indices.tolist()
    every, at_once = (
        run_sweep(network(), images, CONFIG, tmp_path / "run"),
        run_sweep(network(), images, CONFIG, tmp_path / "all"),
    )
    assert every.complete and (every.measures.correct == at_once.measures.correct).all()
    with pytest.raises(InputError, match=r"^degraded is 2\.5; expected a whole number, 1 or more"):
        run_sweep(network(), images, CONFIG, tmp_path / "never", degraded=2.5)


@given(
    first=st.tuples(st.integers(1, 60), st.integers(1, 40)), second=st.tuples(st.integers(1, 60), st.integers(1, 40)),
    severities=st.integers(1, 12), most_rows=st.integers(1, 500), batch=st.integers(1, 300),
    most_images=st.integers(1, 70),
)  # fmt: skip
def test_a_plan_that_grows_has_every_degraded_image_once(first, second, severities, most_rows, batch, most_images):
    earlier = plan_blocks(*first, severities, most_rows, batch, most_images=most_images)
    later = plan_blocks(*second, severities, most_rows, batch, earlier, most_images)
    images, copies = np.maximum(first, second)
    made = np.zeros((images, copies), int)
    for block in (*earlier, *later):
        made[block.first : block.stop, block.first_copy : block.stop_copy] += 1
        assert block.images * block.copies * severities <= max(most_rows, severities)
        assert block.images <= most_images
    assert (made == 1).all()
    names = [block.name for block in (*earlier, *later)]
    assert problem_of_plan(names, images, copies) is None
    assert (copies_done((*earlier, *later), images) == copies).all()
    assert problem_of_plan([*names, names[0]], images, copies) is not None
    assert problem_of_plan(names, images - 1, copies) is not None
    assert problem_of_plan(names, images, copies - 1) is not None


def test_parts_of_slow_networks_are_small():
    """Twenty seconds at ten billion multiply-adds a second, whatever the batch size."""

    def rows(multiply_adds, shape=(32, 32, 3), batch_size=None):
        model = network(batch_size, shape)
        model.__class__ = type("Counted", (type(model),), {"multiply_adds": multiply_adds})
        return block_rows(model, 12)

    assert rows(2e6, (28, 28, 1)) == 43 * 1024 and rows(4e9, (224, 224, 3)) == 48 and rows(1e13) == 12
    assert rows(1e8) == rows(1e8, batch_size=7) == 2 * 680


def test_the_first_block_of_large_images_fills_a_batch():
    """It is padded to 48 images of 224 x 224 pixels; a function that takes any number, perhaps slowly, gets 8."""
    assert [first_rows(network(size, (224, 224, 3))) for size in (7, None)] == [48, 8]
    assert first_rows(network(7, (28, 28, 1))) == first_rows(network(None, (28, 28, 1))) == 1024


def test_what_is_stored_is_what_the_network_says_of_the_very_image(images, tmp_path):
    run = run_sweep(network(), images, CONFIG, tmp_path / "run")
    rows = run.samples().to_pylist()
    keys = [(row["image"], row["severity"], row["copy"]) for row in rows]
    assert sorted(keys) == [(i, s, c) for i in range(5) for s in (20, 90) for c in range(3)]
    assert [key[2] for key in keys] == sorted(key[2] for key in keys)  # copy by copy
    for row in rows:
        degraded = run.degraded_image(row["image"], row["severity_index"], row["copy"])
        score = 1 / (1 + np.exp(-2 * abs(degraded.mean() - 128) / 20))
        assert row["predicted"] == (degraded.mean() > 128) and row["class_index"] == LABELS[row["image"]]
        assert row["score"] == pytest.approx(score, abs=1e-6)
        true_score = score if row["predicted"] == row["class_index"] else 1 - score
        assert row["true_score"] == pytest.approx(true_score, abs=1e-6)


def test_progress_counts_every_row_once_and_goes_on_where_it_was(images, tmp_path):
    told = []
    run = run_sweep(network(batch_size=4), images, CONFIG, tmp_path / "run", told.append)
    done = [progress.done for progress in told]
    assert {progress.total for progress in told} == {30} and done[-1] == 30
    assert done[0] == 0 and all(0 < step <= 12 for step in np.diff(done))
    part = run.parts["block-0000000-0000005-00001-00002"]
    assert run.progress == (3, 3) and pq.ParquetFile(part).metadata.num_rows == 10
    part.unlink()
    told.clear()
    run_sweep(network(batch_size=4), images, CONFIG, tmp_path / "run", told.append)
    assert told[0].done == 20 and told[-1].done == 30
    told.clear()
    run_sweep(network(batch_size=4), images, CONFIG, tmp_path / "run", told.append)
    assert [(progress.done, progress.total) for progress in told] == [(30, 30)]


def test_a_sweep_that_is_stopped_waits_for_what_is_being_written(images, tmp_path, monkeypatch):
    """So that the lock is not released while a part is still to come."""
    begun, stopped = threading.Event(), threading.Event()

    def slowly(table, path):
        begun.set()
        stopped.wait(10)
        time.sleep(0.1)
        save_table(table, path)

    def stop(progress):
        if progress.done > 10:  # in the second part, while the first one is being written
            assert begun.wait(10)
            stopped.set()
            raise KeyboardInterrupt

    monkeypatch.setattr("tfstab.sweep.sweeping.save_table", slowly)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(network(batch_size=4), images, CONFIG, tmp_path / "run", stop)
    assert open_run(tmp_path / "run").progress == (1, 3)
    assert not list((tmp_path / "run" / "parts").glob(".*"))


def test_a_part_holds_no_nulls_and_is_compressed(images, tmp_path):
    run = run_sweep(network(), images, CONFIG, tmp_path / "run")
    part = pq.ParquetFile(next(iter(run.parts.values())))
    assert not any(field.nullable for field in part.schema_arrow)
    columns = [part.metadata.row_group(0).column(k) for k in range(part.metadata.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"} and all(c.is_stats_set for c in columns)
    coded = {column.path_in_schema: set(column.encodings) - {"RLE", "PLAIN"} for column in columns}
    for name in ("image", "class_index", "copy"):
        assert coded[name] == {"DELTA_BINARY_PACKED"}
    for name in ("psnr", "score", "true_score"):
        assert coded[name] == {"BYTE_STREAM_SPLIT"}


Usage = collections.namedtuple("Usage", "total used free")


def test_a_sweep_begins_where_the_disk_has_just_enough(images, tmp_path, monkeypatch):
    """30 rows of 16 bytes, a part of 8 KiB, and 20 bytes of images; once these are there without them."""
    needed, asked = 30 * 16 + (8 << 10) + 20, []

    def disk(free):
        def usage(path):
            asked.append(path)
            return Usage(1 << 40, 0, free)

        monkeypatch.setattr(shutil, "disk_usage", usage)

    out = tmp_path / "runs" / "sweep"
    disk(needed - 1)
    with pytest.raises(RunError, match=r"sweep's 30 degraded images need about 0\.0 MB and .* has 0\.0 MB free: free"):
        run_sweep(network(), images, CONFIG, out)
    assert asked[-1] == tmp_path and not out.exists()
    disk(needed)
    run = run_sweep(network(), images, CONFIG, out)
    run.parts["block-0000000-0000005-00001-00002"].unlink()
    disk(10 * 16 + (8 << 10) - 1)
    with pytest.raises(RunError, match="sweep's 10 degraded images"):
        run_sweep(network(), images, CONFIG, out)
    disk(10 * 16 + (8 << 10))
    assert run_sweep(network(), images, CONFIG, out).complete


def test_no_cluster_is_looked_for_when_nothing_is_left(images, tmp_path, monkeypatch):
    monkeypatch.setattr(deadlines, "CONNECT", 0.1)
    nowhere = "tcp://127.0.0.1:1"
    run = run_sweep(network(), images, CONFIG, tmp_path / "run")
    assert run_sweep(network(), images, CONFIG, tmp_path / "run", cluster=nowhere).complete
    run.parts["block-0000000-0000005-00001-00002"].unlink()
    with pytest.raises(RunError, match=r"127\.0\.0\.1:1"):
        run_sweep(network(), images, CONFIG, tmp_path / "run", cluster=nowhere)


def test_what_is_short_is_told_in_gigabytes_and_megabytes(images, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 99_900_000))
    config = SweepConfig(sigmas=tuple(range(1, 101)), copies=30_000)
    with pytest.raises(RunError, match=r"15,000,000 degraded images need about 0\.2 GB and .* has 99\.9 MB free"):
        run_sweep(network(), images, config, tmp_path / "run")


@pytest.mark.parametrize(
    ("shape", "own", "expected"),
    [((2, 2, 1), None, 1024), ((64, 64, 3), None, 168), ((48, 48, 3), None, 296), ((2, 2, 1), 2000, 2000),
     ((2, 2, 1), 1024, 1024)],
)  # fmt: skip
def test_small_images_are_scored_in_large_batches(shape, own, expected):
    classifier = network(own, shape)
    assert in_large_batches(classifier).batch_size == max(expected, classifier.batch_size)


@pytest.mark.parametrize(("device", "rows", "expected"), [("CPU", 512, 256), ("CPU", 513, 1024), ("GPU", 2, 1024)])
def test_few_rows_on_a_cpu_keep_the_batches_of_the_classifier(device, rows, expected):
    classifier = network()
    classifier.device = device
    assert in_large_batches(classifier, rows).batch_size == expected


def test_a_model_of_any_size_gets_its_batch_once_the_images_are_known():
    any_size = network()
    any_size.input_shape = (None, None, 1)  # as of a Keras model that takes any
    assert in_large_batches(any_size) is any_size


def test_a_shard_tells_of_each_batch_and_is_the_same_in_any(images):
    shard = SweepShard(CONFIG, images.images[:2], np.array([7, 3]), np.array([0, 1]), range(3))
    told = []
    whole = score_shard(network(), shard, told.append)
    assert told == [12]
    told.clear()
    parts = score_shard(network(batch_size=5), shard, told.append)
    assert told == [5, 5, 2]
    for name in ("psnr", "predicted", "score", "true_score"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-6)
    assert whole.psnr.shape == (12,) and whole.predicted.dtype == np.int16
    degraded = np.stack([degraded_image(CONFIG, images.images[0], 7, 0, copy) for copy in range(3)])
    np.testing.assert_allclose(whole.score[:3], network().scores(degraded).max(axis=1), rtol=1e-6)


def test_workers_with_other_packages_are_refused(images):
    config = SweepConfig(degradation="jpeg", severities=(50,))
    here = config.degradation.package_versions["pillow"]
    one = images.images[:1], np.array([0]), np.array([0]), range(1)
    shard = SweepShard(config, *one, {"pillow": "1.0"})
    with pytest.raises(RunError, match=rf"the cluster has pillow {here} and not 1\.0, by which JPEG"):
        score_shard(network(), shard)
    score_shard(network(), SweepShard(config, *one, {"pillow": here}))


def test_keys_at_the_ends_of_their_ranges(images, tmp_path):
    run = run_sweep(network(), images, CONFIG, tmp_path / "run")
    assert run.sample(4, 1, 2)["copy"] == 2 and run.sample(4, 0, 0)["severity"] == 20
    for place, copy, said in (
        (2, 0, "severity_index is 2; expected a whole number from 0 to 1"),
        (-1, 0, "severity_index is -1"),
        (0, 3, "copy is 3; expected a whole number from 0 to 2"),
        (0, -1, "copy is -1"),
        (0, "1", "copy is '1'; expected"),
    ):
        for ask in (run.sample, run.degraded_image):
            with pytest.raises(InputError, match=said):
                ask(0, place, copy)
    assert len(run.samples(class_index=1)) == 18 and len(run.samples(class_index=0, severity=90)) == 6
    for wrong, said in (
        ({"class_index": 2}, "whole number from 0 to 1"), ({"class_index": -1}, "class_index is -1"),
        ({"severity": 21}, "it has 20, 90"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            run.samples(**wrong)


def test_an_image_that_is_not_swept_yet(images, tmp_path):
    run = run_sweep(network(), images, CONFIG, tmp_path / "run")
    run.parts["block-0000000-0000005-00001-00002"].unlink()
    half = open_run(run.path)
    assert half.copies_done == (2, 2) and half.sample(3, 0, 2)["image"] == 3 and len(half.measures_of(1)) == 1
    with pytest.raises(
        RunError,
        match=r"^copy 1 of image 1 has not .* yet \(so far: 2 copies of .*\): resume the sweep",
    ):
        half.sample(1, 0, 1)
    of_severity = str(not_swept(half, 1, severity=20.0))
    assert of_severity.startswith("image 1 has not been measured under Gaussian noise at sigma 20 yet (so far: ")
    assert [a.total for a in half.accuracy_by_severity()] == [10, 10]


def test_the_worst_copy_at_each_severity_is_drawn(images, tmp_path):
    run = run_sweep(network(), images, CONFIG, tmp_path / "run")
    figure = run.plot(3)
    assert not any(axis.axison for axis in figure.axes) and len(figure.axes) == 3
    rows = run.samples(image=3).to_pylist()
    for place, (sigma, axis) in enumerate(zip(CONFIG.severities, figure.axes[1:], strict=True)):
        worst = min((row for row in rows if row["severity"] == sigma), key=lambda row: row["true_score"])
        drawn = np.asarray(axis.images[0].get_array(), np.float64).reshape(2, 2, -1)[..., 0]
        np.testing.assert_allclose(drawn, run.degraded_image(3, place, worst["copy"])[..., 0], atol=1)
        assert axis.get_title() == f"sigma {sigma:g}\n{worst['predicted']}"
        assert axis.title.get_color() == ("black" if worst["predicted"] == 0 else "#d62728")
    assert figure.axes[0].get_title() == "clean\n0" and figure.get_suptitle() == "true class: 0, under Gaussian noise"
    wrong = run_sweep(network(), replace(images, labels=1 - images.labels), CONFIG, tmp_path / "wrong").plot(3)
    titles = [(axis.get_title().split("\n")[1], axis.title.get_color()) for axis in wrong.axes]
    assert titles[0] == ("0", "#d62728"), "the clean image is wrong, and says what it is taken for"
    assert (
        set(titles) <= {("0", "#d62728"), ("1", "black")}
        and wrong.get_suptitle() == "true class: 1, under Gaussian noise"
    )
    assert {axis.images[0].get_clim() for axis in figure.axes} == {(0, 255)}
    assert (np.asarray(figure.axes[0].images[0].get_array()) == 120).all()


def test_settings_recorded_before_there_were_families():
    config = SweepConfig.of_settings({"sigmas": [3, 1], "copies": 2, "degradation": "gaussian_noise"}, 9)
    assert (config.severities, config.copies, config.seed, config.common_noise) == ((3, 1), 2, 9, False)
    assert config.mildest_first.tolist() == [1, 0] and config.distances.tolist() == [3, 1]
    assert config.rows_per_image == 4
    common = SweepConfig(sigmas=(1,), copies=2, common_noise=True)
    assert common.settings == {"sigmas": (1,), "copies": 2, "degradation": "gaussian_noise", "common_noise": True}
    assert SweepConfig.of_settings(common.settings, 0) == common
    assert SweepConfig(sigmas=(1,), copies=32_767).copies == 32_767 and SweepConfig(seed=2**63 - 1).seed == 2**63 - 1
    for wrong in ({"copies": 32_768}, {"seed": 2**63}):
        with pytest.raises(InputError, match="expected"):
            SweepConfig(**wrong)


@pytest.mark.parametrize(
    ("column", "value", "fine"),
    [("predicted", 2, True), ("predicted", 3, False), ("predicted", -1, False), ("score", 1.0009, True),
     ("score", 1.002, False), ("true_score", 1.002, False), ("true_score", -0.1, False), ("psnr", np.nan, False),
     ("psnr", np.inf, True), ("psnr", -5, False), ("copy", 4, False), ("copy", 3, True), ("class_index", 3, False),
     ("severity", 11, False), ("score", None, False)],
)  # fmt: skip
def test_values_that_no_sweep_writes_are_refused(tmp_path, column, value, fine):
    config = SweepConfig(sigmas=(10, 20), copies=4)
    run = made_sweep(tmp_path / "run", config, np.zeros((2, 2, 4), int))
    part, path = list(run.parts.items())[-1]  # copies 2 and 3
    table = pq.read_table(path, schema=SCHEMA)
    place = next(k for k, row in enumerate(table.to_pylist()) if row["copy"] == 3)
    changed = table
    # A right prediction's score is that of the true class.
    for name in ("score", "true_score") if fine and column == "score" else (column,):
        values = table[name].to_pylist()
        values[place] = value
        field = table.schema.field(name).with_nullable(True)
        changed = changed.set_column(table.column_names.index(name), field, [pa.array(values, field.type)])
    check_table(table, part, config, run.clean)
    if fine:
        check_table(changed, part, config, run.clean)
    else:
        with pytest.raises(PartError):
            check_table(changed, part, config, run.clean)


def test_long_names_in_the_figure_of_an_image_stay_above_their_panels(images, tmp_path):
    names = ("aeroplane seen from the ground or in flight", "ship_boat_or_other_vessel_on_open_water_or_at_a_quay")
    data = Dataset.from_arrays("tiny", "test", images.images, LABELS, names)
    model = Classifier.from_function(brightness, (2, 2, 1), 2, fingerprint="b", outputs="logits", class_names=names)
    figure = run_sweep(model, data, CONFIG, tmp_path / "run").plot(0)
    figure.draw_without_rendering()
    boxes = [axis.title.get_window_extent() for axis in figure.axes]
    edges = [0, *(edge for box in boxes for edge in (box.x0, box.x1)), figure.bbox.width]
    assert len(boxes) == 3 and edges == sorted(edges)
