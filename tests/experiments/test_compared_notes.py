"""Notes of a comparison on the images that both networks were measured on."""

import json

import numpy as np

import tfstab
from made_runs import made_sweep
from tfstab import SweepConfig
from tfstab.datasets.remarks import UNDIVIDED


def test_two_networks_that_may_have_seen_the_images_share_a_note(tmp_path):
    config = SweepConfig(severities=(20,), copies=1, degradation="fog")
    for name in ("old", "new"):
        path = made_sweep(tmp_path / name / "fog", config, np.zeros((9, 1, 1), int), name=name).path / "run.json"
        info = json.loads(path.read_text("utf-8"))
        info["data"]["remarks"] = UNDIVIDED
        path.write_text(json.dumps(info), "utf-8")
    pair = tfstab.compare(tmp_path / "old", tmp_path / "new")
    (note,) = [one for one in pair.notes if "training images" in one]
    assert ". If one of old and new was trained on some of them, it looks more accurate than it is" in note
    assert note in str(pair), "Python prints what the command prints"
