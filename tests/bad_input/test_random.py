"""Whatever is in a file or after an option: it is taken, or refused in one sentence; there is no other end."""

import json
import shutil

import numpy as np
import pytest
from bad_input.place import png
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guard import nothing_outside
from processes import refused, tfstab_here
from tfstab import SearchConfig, SweepConfig, load_classifier, load_dataset, run_search, run_sweep
from tfstab.errors import TfstabError

FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=9)
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3), max_leaves=5
)
# Where a file is changed, as a share of it, and what is put there; None cuts it off.
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.none() | st.binary(min_size=1, max_size=8)), min_size=1, max_size=3
)


@pytest.fixture(scope="module")
def good(mnist_lenet, digits, tmp_path_factory):
    import keras
    from keras import layers

    folder = tmp_path_factory.mktemp("good")
    run_sweep(mnist_lenet, digits.take(3), SweepConfig(sigmas=(5, 40), copies=3), folder / "sweep")
    run_search(mnist_lenet, digits.take(2), SearchConfig(max_queries=300), folder / "search")
    keras.Sequential([layers.Input((4, 4)), layers.Flatten(), layers.Dense(3, "softmax")]).save(folder / "m.keras")
    np.savez_compressed(folder / "d.npz", images=digits.images[:5, ..., 0], labels=digits.labels[:5])
    (folder / "a.png").write_bytes(png())
    return folder


def changed(content: bytes, changes) -> bytes:
    for share, put in changes:
        at = int(share * len(content))
        content = content[:at] if put is None else content[:at] + put + content[at + len(put) :]
    return content


def taken_or_refused(*command: object) -> None:
    with nothing_outside():
        result = tfstab_here(*command)
    if result.returncode:
        refused(result)


def load_or_refuse(load, *arguments) -> None:
    try:
        with nothing_outside():
            load(*arguments)
    except TfstabError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("kind", ["sweep", "search"])
@FEW
@given(data=st.data())
def test_any_value_in_run_json(kind, good, tmp_path, data):
    run = tmp_path / "run"
    if not run.exists():
        shutil.copytree(good / kind, run)
    info = json.loads((good / kind / "run.json").read_text("utf-8"))
    place, key = info, data.draw(st.sampled_from(sorted(info)))
    while isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)))
    place[key] = data.draw(VALUES)
    (run / "run.json").write_text(json.dumps(info), "utf-8")
    taken_or_refused("inspect", run, "--json")


@pytest.mark.parametrize("name", ["run.json", "clean.npz", "log.jsonl"])
@FEW
@given(changes=CHANGES)
def test_any_bytes_in_a_runs_files(name, good, tmp_path, changes):
    run = tmp_path / "run"
    if not run.exists():
        shutil.copytree(good / "search", run)
    (run / name).write_bytes(changed((good / "search" / name).read_bytes(), changes))
    taken_or_refused("inspect", run, "--json")


@FEW
@given(changes=CHANGES)
def test_any_bytes_in_a_model(good, tmp_path, changes):
    (tmp_path / "m.keras").write_bytes(changed((good / "m.keras").read_bytes(), changes))
    load_or_refuse(load_classifier, tmp_path / "m.keras")


@FEW
@given(changes=CHANGES)
def test_any_bytes_in_arrays(good, tmp_path, changes):
    (tmp_path / "d.npz").write_bytes(changed((good / "d.npz").read_bytes(), changes))
    load_or_refuse(load_dataset, str(tmp_path / "d.npz"))


@FEW
@given(changes=CHANGES, suffix=st.sampled_from(["png", "jpg", "ppm", "bmp"]))
def test_any_bytes_in_an_image(good, tmp_path, changes, suffix):
    shutil.rmtree(tmp_path / "photos", ignore_errors=True)
    (tmp_path / "photos/cat").mkdir(parents=True)
    image = png(file_format={"png": "PNG", "jpg": "JPEG", "ppm": "PPM", "bmp": "BMP"}[suffix])
    (tmp_path / f"photos/cat/a.{suffix}").write_bytes(changed(image, changes))
    load_or_refuse(load_dataset, f"folder:{tmp_path / 'photos'}")


NUMBERS = {
    "sweep": ("--copies", "--seed", "--sigmas", "--severities", "--limit"),
    "search": ("--max-queries", "--patience", "--lambda", "--beta", "--population", "--mutation-rate", "--targets",
               "--seed", "--fail-under"),
    "train": ("--epochs", "--noise-copies", "--noise-sigmas", "--ensemble"),
    "evaluate": ("--limit", "--images"),
}  # fmt: skip


@FEW
@given(data=st.data())
def test_any_value_after_an_option(tmp_path, data):
    """With a model that is not there, so that no value is good enough to begin."""
    command = data.draw(st.sampled_from(sorted(NUMBERS)))
    option = data.draw(st.sampled_from(NUMBERS[command]))
    value = data.draw(st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=6))
    missing = "none" if command == "train" else str(tmp_path / "none.keras")
    refused(tfstab_here(command, "--model", missing, f"{option}={value}", cwd=tmp_path))
    assert not list(tmp_path.iterdir())
