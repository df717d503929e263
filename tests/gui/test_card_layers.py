"""The card of a failure: its rows of layers, and the references of runs that are kept for it."""

import math
from collections import OrderedDict
from types import SimpleNamespace

import pytest

from tfstab.errors import RunError
from tfstab.gui.jobs import card as cards
from tfstab.gui.theme import BAD, MIDDLE, PLAIN
from tfstab.gui.widgets.card import layer_rows
from tfstab.gui.widgets.card.layer_rows import LayerRows


def test_references_of_two_runs_are_kept(monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(cards, "_references", OrderedDict())
    monkeypatch.setattr("tfstab.runs.open_run", lambda folder: SimpleNamespace(clean=folder.name))
    monkeypatch.setattr(
        "tfstab.explanation.degraded_image.Reference", lambda classifier, clean: made.append(clean) or clean
    )
    network = SimpleNamespace(fingerprint="f")
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").touch()
    for name in "abacab":  # c takes the place of b, which was not used for longest
        assert cards.reference_of(network, tmp_path / name) == name
    assert made == ["a", "b", "c", "b"]
    with pytest.raises(RunError, match="nowhere cannot be read"):
        cards.reference_of(network, tmp_path / "nowhere")


def test_layers_are_coloured_from_their_bounds_and_the_furthest_above_the_typical_are_shown(qapp):
    rows = LayerRows()
    gain = [1.5, 1.49, 1.1, 1.09, 0.5, 0.4, 0.3, 2.0, 0.0, math.nan]
    layers = {
        "names": [f"layer {k}" for k in range(10)],
        "gain": gain,
        "random_gain": [1.0] * 10,
        "margin": [0.5, *[math.nan] * 9],
        "member": 1,
    }
    told = rows.set_layers(layers)
    assert told.endswith(" Member 2 of the ensemble. 8 of 10 layers are shown.")
    assert [row.label for row in rows.rows] == [f"layer {k}" for k in range(8)]
    assert [row.tone for row in rows.rows] == [BAD, MIDDLE, MIDDLE, PLAIN, PLAIN, PLAIN, PLAIN, BAD]
    assert [row.share for row in rows.rows] == [value / 2 for value in gain[:8]]
    assert [row.text_right for row in rows.rows[:2]] == ["1.50 (1.00) · 50 %", "1.49 (1.00)"]
    few = {name: values[8:] for name, values in layers.items() if name != "member"} | {"member": None}
    assert "Percentage" in told and rows.margins
    assert rows.set_layers(few) == layer_rows.ABOUT.format("") and not rows.margins, "there is no percentage"
    assert [(row.label, row.share, row.text_right) for row in rows.rows] == [
        ("layer 8", 0.0, "0.00 (1.00)"),
        ("layer 9", 0.0, "–"),
    ]
    rows.blank()
    assert [row.text_right for row in rows.rows] == ["", ""]


def test_logits_are_not_coloured_and_the_caption_says_so(qapp):
    rows, two = LayerRows(), [2.0, 2.0]
    layers = {"names": ["dense", "logits"], "gain": two, "random_gain": [1.0, 1.0], "margin": two, "member": None}
    assert rows.set_layers(layers).endswith("the logits stay blue.")
    assert [row.tone for row in rows.rows] == [BAD, PLAIN]
