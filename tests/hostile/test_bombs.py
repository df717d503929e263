"""Every bomb is refused with one sentence, within 5 s of CPU time and 500 MB more than the interpreter's own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile.bombs import Bomb
from hostile.data_bombs import DATA_BOMBS, harmless_arrays
from hostile.model_bombs import MODEL_BOMBS, keras_file
from hostile.run_bombs import RUN_BOMBS, long_log

pytestmark = pytest.mark.skipif(os.name != "posix", reason="measured by fork, which this system has not")

BOMBS = MODEL_BOMBS | DATA_BOMBS | RUN_BOMBS
HARMLESS = {  # so that a refusal says something
    "a model": Bomb("model", keras_file, ""),
    "a search whose log has 10 GB": Bomb("run", long_log, ""),
    "arrays": Bomb("data", harmless_arrays, ""),
}
MOST_SECONDS, MOST_MEGABYTES = 5, 500
LONGEST_SENTENCE = 1000


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What opening each bomb came to, by name. One process opens all; it imports TensorFlow halfway."""
    folder, jobs = tmp_path_factory.mktemp("bombs"), {"plain": [], "model": []}
    for number, (name, bomb) in enumerate((BOMBS | HARMLESS).items()):
        place = folder / str(number)
        place.mkdir()
        jobs["model" if bomb.opener == "model" else "plain"].append((name, bomb.opener, str(bomb.make(place))))
    (folder / "jobs.json").write_text(json.dumps(jobs), "utf-8")
    command = [sys.executable, Path(__file__).with_name("opener.py"), folder / "jobs.json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert result.returncode == 0, result.stderr
    return {outcome["name"]: outcome for outcome in map(json.loads, result.stdout.splitlines())}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_time_and_memory(name, outcomes):
    outcome = outcomes[name]
    assert outcome["raised"] == "TfstabError", outcome
    assert BOMBS[name].said in outcome["said"], outcome
    assert "\n" not in outcome["said"] and len(outcome["said"]) < LONGEST_SENTENCE
    assert outcome["seconds"] < MOST_SECONDS and outcome["megabytes"] < MOST_MEGABYTES, outcome


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_file_is_opened(name, outcomes):
    outcome = outcomes[name]
    assert outcome["raised"] == "", outcome
    assert outcome["seconds"] < MOST_SECONDS and outcome["megabytes"] < MOST_MEGABYTES, outcome
