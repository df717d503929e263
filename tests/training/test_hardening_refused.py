"""Settings, images and damaged files with which a hardening ends in one sentence."""

import functools
import json
import shutil

import numpy as np
import pytest
from small_hardening import CONFIG, STRONG

from tfstab.errors import DataError, InputError, ModelError, RunError
from tfstab.training import HardenConfig, run_hardening
from tfstab.training.hardening_folder import HardeningFolder


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"remedy": "mixtur"}, "did you mean 'mixture'"),
        ({"against": ["fogg"]}, "did you mean 'fog'"),
        ({"against": {"fog": (20, 200)}}, "density of fog"),
        ({"remedy": None}, "unknown remedy 'None'"),
        ({"keep_clean": -1}, "keep_clean is -1"),
        ({"keep_clean": None}, "keep_clean is None; expected a number"),
        ({"clean_share": "1"}, "clean_share is '1'; expected"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"clean_share": 1.5}, "clean_share is 1.5"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"validation": 1.0}, "validation is 1.0"),
        ({"batch_size": 1}, "batch_size is 1"),
        ({"steps": 19}, "steps is 19"),
        ({"steps": 30, "epochs": 2}, "epochs and steps were both given; expected one"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"keep_clean": None}, "keep_clean is None"),
    ],
)
def test_wrong_settings_are_one_sentence(settings, message):
    with pytest.raises(InputError, match=message):
        HardenConfig(**settings)


def test_too_few_images_and_diverging_training_are_said(network, sets, tmp_path):
    with pytest.raises(DataError, match="too few to hold some out"):
        run_hardening(network, sets[0].take(1), CONFIG, tmp_path / "few")
    wild = HardenConfig(against=STRONG, learning_rate=10, epochs=40, batch_size=50, weight_decay=10)
    with pytest.raises(ModelError, match="diverges"):
        run_hardening(network, sets[0], wild, tmp_path / "wild", validation=sets[1])


def change_state(folder, **entries):
    path = folder / "hardening.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def test_damaged_files_are_one_sentence(network, sets, tmp_path, no_training):
    no_training()

    def interrupt(progress):
        if progress.step == 14:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_hardening(network, sets[0], CONFIG, tmp_path / "cut", validation=sets[1], on_progress=interrupt)

    def resumed(name, damage):
        folder = tmp_path / name
        shutil.copytree(tmp_path / "cut", folder)
        damage(folder)
        with pytest.raises(RunError) as error:
            run_hardening(network, sets[0], CONFIG, folder, validation=sets[1])
        return str(error.value)

    assert "hardening.json is damaged" in resumed("outside", lambda f: change_state(f, checkpoint="../weights.npz"))
    assert "hardening.json is damaged" in resumed("many", lambda f: change_state(f, steps=-3))
    for k, wrong in enumerate(("many", [0.5] * 10**5, [1], [float("nan")], [])):
        damage = functools.partial(change_state, losses=wrong)
        assert "hardening.json is damaged" in resumed(f"losses-{k}", damage)
    for k, tried in enumerate((3, {"images": 0, "figures": []}, {"images": 5, "figures": [[0.1, 0.5, 7.0]]})):
        assert "hardening.json is damaged" in resumed(f"tried-{k}", functools.partial(change_state, tried=tried))
    assert "hardening.json is damaged" in resumed("again", lambda f: change_state(f, again="yes"))
    assert "hardening.json is damaged" in resumed("unwatched", lambda f: change_state(f, watched="all"))
    history = json.loads((tmp_path / "cut" / "hardening.json").read_text())["history"]
    assert history
    for k, (wrong, said) in enumerate((
        ({}, "its history is damaged"), ([{"step": 3}], "its history is damaged"),
        ([history[0] | {"step": 3.0}], "of a wrong type or in a wrong order"),
        ([history[0], history[0]], "of a wrong type or in a wrong order"),
        ([history[0] | {"step": 10**6}], "of a wrong type or in a wrong order"),
    )):  # fmt: skip
        told = resumed(f"history-{k}", lambda f, wrong=wrong: change_state(f, history=wrong))
        assert "hardening.json is damaged" in told and said in told
    (checkpoint,) = (tmp_path / "cut").glob("checkpoint-*.npz")
    assert "is damaged" in resumed(
        "cut-off", lambda f: (f / checkpoint.name).write_bytes(checkpoint.read_bytes()[:900])
    )

    def other_shapes(folder):
        arrays = {name: np.zeros(3, np.float32) for name in np.load(checkpoint).files}
        np.savez(folder / checkpoint.name, **arrays)

    assert "has shape" in resumed("shapes", other_shapes)

    def other_type(folder):
        arrays = {name: array.astype("U9") for name, array in np.load(checkpoint).items()}
        np.savez(folder / checkpoint.name, **arrays)

    assert "and type <U9; expected" in resumed("types", other_type)

    def infinite(folder):
        arrays = {name: np.full_like(array, np.inf) if array.dtype.kind == "f" else array
                  for name, array in np.load(checkpoint).items()}  # fmt: skip
        np.savez(folder / checkpoint.name, **arrays)

    assert "it holds infinite or missing values" in resumed("infinite", infinite)


def test_only_files_of_a_hardening_are_continued(network, sets, tmp_path):
    folder = HardeningFolder(tmp_path, "net-hardened")
    for name in ("hardening.json", "net-hardened.keras", "net-hardened.json", "checkpoint-00000012.npz"):
        assert folder._is_own(name)
    for name in ("hardening.jso", "net.keras", "checkpoint-12.npz", "checkpoint-00000012.npz.bak", ""):
        assert not folder._is_own(name)
