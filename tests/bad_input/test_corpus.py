"""Every case of the corpus ends with one sentence and exit code 2, and leaves nothing behind."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bad_input.corpus import CORPUS
from bad_input.place import Place

from guard import nothing_outside
from processes import tfstab, tfstab_here
from tfstab import SearchConfig, SweepConfig, run_search, run_sweep


@pytest.fixture(scope="module")
def good(mnist_lenet, digits, tmp_path_factory):
    """What the bad files are made of, and models that are not what tfstab measures."""
    import keras
    from keras import layers

    folder = tmp_path_factory.mktemp("good")
    run_sweep(mnist_lenet, digits.take(4), SweepConfig(sigmas=(5, 40), copies=3), folder / "sweep")
    run_search(mnist_lenet, digits.take(2), SearchConfig(max_queries=300), folder / "search")

    def tiny():
        return keras.Sequential(
            [layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")], name="tiny"
        )

    tiny().save(folder / "tiny.keras")
    tiny().save(folder / "tiny.h5")
    nan = tiny()
    nan.set_weights([np.full_like(w, np.nan) for w in nan.get_weights()])
    nan.save(folder / "nan.keras")
    image, other = layers.Input((28, 28, 1)), layers.Input((28, 28, 1))
    together = layers.Dense(10, activation="softmax")(layers.Flatten()(layers.Concatenate()([image, other])))
    keras.Model([image, other], together).save(folder / "two.keras")
    keras.Sequential([layers.Input((28, 28, 1)), layers.Conv2D(3, 3)]).save(folder / "image-to-image.keras")
    keras.Sequential([layers.Input((784,)), layers.Dense(10)]).save(folder / "vector.keras")
    return folder


TAKEN_FOR = re.compile(r"[\w-]+: \d+ x \d+ x \d, |[\w-]+: \d+ images, \d+ classes, |(Noise sweep|minimum noise of)\b")


def tree(folder: Path) -> dict[Path, bytes | None]:
    """All that is in a folder."""
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def one_sentence(result: subprocess.CompletedProcess[str], loaded: bool = False) -> str:
    """Return the sentence. loaded: what the model and the images were taken for, and the work, may stand above it."""
    assert result.returncode == 2 and result.stdout == "", result.stdout + result.stderr
    *above, sentence = result.stderr.removesuffix("\n").split("\n")
    assert sentence.startswith("tfstab: ") and all(map(TAKEN_FOR.match, above)), result.stderr
    assert loaded or not above, result.stderr
    assert sentence[-1] in ".?)" and "Traceback" not in sentence
    return sentence


@pytest.mark.parametrize("case", CORPUS)
def test_one_sentence_and_nothing_left_behind(case, good, tmp_path, monkeypatch):
    monkeypatch.setenv("TFSTAB_DATA", str(good / "no-data"))
    make, said = CORPUS[case]
    command = make(Place(tmp_path, good))
    before = tree(tmp_path)
    with nothing_outside(tmp_path):
        result = tfstab_here(*command, cwd=tmp_path)
    assert said in one_sentence(result, loaded=case.startswith("loaded: "))
    assert tree(tmp_path) == before


# One process for all: each starts seconds later.
ALL = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from processes import tfstab_here
told = []
for command in json.loads(Path(sys.argv[1]).read_text()):
    result = tfstab_here(*command, cwd=Path(sys.argv[1]).parent)
    told.append([result.returncode, [name for name in ("tensorflow", "PySide6") if name in sys.modules]])
print(json.dumps(told))
"""


def test_what_can_be_said_without_tensorflow_is_said_before_it_starts(good, tmp_path, monkeypatch):
    monkeypatch.setenv("TFSTAB_DATA", str(good / "no-data"))
    cases = [case for case in CORPUS if not case.startswith("loaded: ")]
    commands = [list(map(str, CORPUS[case][0](Place(tmp_path / str(k), good)))) for k, case in enumerate(cases)]
    (tmp_path / "commands.json").write_text(json.dumps(commands))
    tests = Path(__file__).parents[1]
    process = [sys.executable, "-c", ALL, str(tmp_path / "commands.json"), str(tests)]
    result = subprocess.run(process, capture_output=True, text=True, check=True)
    told = dict(zip(cases, json.loads(result.stdout), strict=True))
    assert {case: outcome for case, outcome in told.items() if outcome != [2, []]} == {}


@pytest.mark.parametrize("case", ["model: half a file", "images: half a PNG", "run: parts that are paths"])
def test_the_same_in_a_process_of_its_own(case, good, tmp_path):
    make, said = CORPUS[case]
    assert said in one_sentence(tfstab(*make(Place(tmp_path, good)), cwd=tmp_path))
