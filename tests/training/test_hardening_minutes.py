"""How many steps a hardening takes in the minutes that it has, and what it repeats if it has more."""

import json

import pytest
from own_time import own_time
from small_hardening import STRONG

from tfstab.training import HardenConfig, run_hardening
from tfstab.training.hardening_card import shortened_sentence
from tfstab.training.remedies.averaging import choose_share


@pytest.fixture
def clock():
    """The clock of all budgets, by which a step takes about five milliseconds."""
    with own_time(0.005) as clock:
        yield clock


def test_minutes_set_the_numbers_of_steps_and_of_images_to_watch(
    network, sets, tmp_path, monkeypatch, clock, no_training
):
    no_training()
    monkeypatch.setattr("tfstab.training.hardening_training.FEWEST_WATCHED", 1)
    result = run_hardening(network, sets[0], HardenConfig(against=STRONG), tmp_path, minutes=0.01)
    assert 20 <= result.card["steps"] == result.card["history"][-1]["step"]
    assert result.card["data"]["validation"]["images"] == 100  # a tenth is held out
    assert json.loads((tmp_path / "hardening.json").read_text())["watched"] > 1, "0.06 s are for scoring them"


@pytest.mark.parametrize(("steps", "minutes", "taken"), [(37, 0.1, 37), (10_000, 0.01, 20)])
def test_as_many_steps_as_are_asked_for_are_taken_if_there_is_time(
    network, sets, tmp_path, monkeypatch, clock, no_training, steps, minutes, taken
):
    no_training()
    monkeypatch.setattr("tfstab.training.hardening_training.FEWEST_WATCHED", 1)
    config = HardenConfig(against=STRONG, steps=steps)
    card = run_hardening(network, sets[0], config, tmp_path, minutes=minutes).card
    assert card["planned_steps"] == steps and taken <= card["steps"] < 1000
    assert card["steps"] == steps or shortened_sentence(card).startswith("There was no time for all planned steps")


def test_only_a_training_that_adopted_nothing_is_repeated_if_there_is_more_time(
    network, sets, tmp_path, monkeypatch, clock, no_training
):
    no_training()
    chosen = "tfstab.training.hardening_training.choose_share"
    few, validation = sets[0].take(200), sets[1].take(100)

    def run(minutes, **given):
        config = HardenConfig(against=STRONG)
        return run_hardening(network, few, config, tmp_path, validation=validation, minutes=minutes, **given)

    def interrupt(progress):
        raise KeyboardInterrupt

    def content():
        return {path.name: path.read_bytes() for path in tmp_path.iterdir() if not path.name.startswith("checkpoint-")}

    monkeypatch.setattr(chosen, lambda evaluate, floor: choose_share(evaluate, floor=2))
    first = run(0.004)
    assert first.unchanged and str(first).startswith("small stays unchanged. ")
    assert run(0.0059).card == first.card and first.card["validation"]["images"] == 100
    (tmp_path / "report.html").write_text("stays unchanged")
    whole = content()
    with pytest.raises(KeyboardInterrupt):
        run(0.006, on_progress=interrupt)
    begun = content()
    state = json.loads(begun.pop("hardening.json"))
    assert state["checkpoint"] == "checkpoint-00000001.npz" and whole.items() > begun.items(), "all results are there"
    monkeypatch.setattr(chosen, lambda evaluate, floor: (1.0, choose_share(evaluate, floor)[1]))
    adopted = run(0.004)
    assert adopted.card["minutes"] == 0.006 and not adopted.unchanged, "the training that was begun goes on"
    assert not (tmp_path / "report.html").exists(), "it was of the network that has been replaced"
    assert run(1).card == adopted.card
