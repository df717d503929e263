"""Images by which a hardening chose its weights are found among those to measure, by what the model's card says."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tfstab import Dataset, assess, compare, load_classifier, open_assessment
from tfstab.datasets.dataset import stratified_order
from tfstab.models.validation import CHOSEN_BY, validation_images, validation_note

PIXELS = np.random.default_rng(5).integers(0, 256, (6, 2, 2, 1), np.uint8)
DATA = Dataset.from_arrays("mine", "train", PIXELS, [0, 1, 0, 1, 0, 1])
CHOSE = DATA.select(np.array([1, 3, 4]))
CARD = {"name": "mine", "split": "train", "fingerprint": CHOSE.fingerprint, "indices": [1, 3, 4]}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("hardened") / "hard.keras"
    keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]).save(path)
    return load_classifier(path, outputs="logits")


@pytest.mark.parametrize(
    ("card", "data", "count"),
    [
        (CARD, DATA, 3),
        (CARD, CHOSE, 3),
        (CARD, replace(DATA, name="renamed"), 3),  # all are there, and known by their pixels
        (CARD, replace(DATA, images=255 - PIXELS), 0),
        (CARD, DATA.select(np.array([0, 1, 4])), 2),  # some are there, and known by the name
        (CARD, replace(DATA.select(np.array([0, 1, 4])), name="renamed"), 0),
        (CARD, replace(DATA, split="test"), 0),
        (CARD, DATA.select(np.array([0, 2])), 0),
        (CARD | {"indices": [1, "3", 4]}, DATA, 0),
        (CARD | {"indices": "134"}, DATA, 0),
        (CARD | {"indices": None}, DATA, 0),
        ([1, 3, 4], DATA, 0),
        (None, DATA, 0),
    ],
)
def test_validation_images_are_counted(model, card, data, count):
    Path(model.source.path).with_suffix(".json").write_text(json.dumps({"data": {"validation": card}}), "utf-8")
    assert validation_images(model, data) == count
    assert validation_note(model, data)[:20] == (f"note: {count} of these images"[:20] if count else "")


def test_the_note_says_on_how_many_the_weights_were_chosen(model):
    path, data = Path(model.source.path).with_suffix(".json"), {"data": {"validation": CARD}}
    for used, said in ((2, "note: 3 of these images were set aside for validation when hard was hardened, and its "
                           "weights were chosen on 2 of the 3 set aside. It may"),
                       (3, "note: 3 of these images were used to choose the weights of hard:"),
                       ("2", "note: 3 of these images were used to choose the weights of hard:")):  # fmt: skip
        path.write_text(json.dumps(data | {"validation": {"images": used}}), "utf-8")
        assert validation_note(model, DATA).startswith(said)


def test_the_limit_that_leaves_them_out_is_named_where_they_are_the_last_in_the_order_of_images(model):
    data = Dataset.from_arrays("many", "test", np.arange(40, dtype=np.uint8).reshape(40, 1, 1, 1), np.arange(40) % 2)
    path, order = Path(model.source.path).with_suffix(".json"), stratified_order(data.labels)
    for rows, said in (
        (order[30:], "`--limit 30` (in Python limit=30) leaves them out here. The comparison"),
        (order[:10], "leaves them out; the same harden command"),
    ):
        card = {"name": "many", "split": "test", "indices": sorted(rows.tolist())}
        card["fingerprint"] = data.select(np.sort(rows)).fingerprint
        path.write_text(json.dumps({"data": {"validation": card}}), "utf-8")
        note = validation_note(model, data)
        assert said in note and ("--limit" in note) == ("--limit" in said)


def test_a_card_without_data_and_a_model_without_a_file_name_no_images(model):
    Path(model.source.path).with_suffix(".json").write_text('{"data": []}', "utf-8")
    assert validation_images(model, DATA) == 0
    assert model.given is not None and validation_images(load_classifier(model.given), DATA) == 0


def test_an_assessment_in_python_warns_unless_its_notes_are_read(model, tmp_path):
    Path(model.source.path).with_suffix(".json").write_text(json.dumps({"data": {"validation": CARD}}), "utf-8")
    given = {"minutes": 0.02, "degradations": ["fog"], "search": False, "out": tmp_path, "as_is": True}
    with pytest.warns(UserWarning, match="3 of these images were used to choose the weights of hard"):
        assess(model, DATA, **given)
    notes = []
    assess(model, DATA, **given, on_state=lambda state: notes.extend(state.lines))
    assert any(note.startswith("note: 3 of these images were used to choose the weights of hard") for note in notes)


def test_an_assessment_that_is_opened_again_and_its_comparisons_say_that_images_chose_the_weights(model, tmp_path):
    path = Path(model.source.path).with_suffix(".json")
    given = {"minutes": 0.02, "degradations": ["fog"], "search": False, "as_is": True, "on_state": lambda state: None}
    for name, card in (("before", {}), ("after", {"data": {"validation": CARD}})):
        path.write_text(json.dumps(card), "utf-8")
        assess(model, DATA, **given, out=tmp_path / name)
    said = "Some of the images of mine were used to choose the weights of hard"
    before, after = (open_assessment(tmp_path / name) for name in ("before", "after"))
    assert not before.notes and said not in str(before)
    assert str(after).startswith(said) and said in after._repr_html_()
    folders, runs = compare(before, after), compare(after.run("fog"), before.run("fog"))
    for pair in (folders, runs):
        trained, chosen = pair.notes
        assert trained.startswith("The images of mine may be training images") and chosen.startswith(said)
        assert str(pair).count(said) == pair.judgement().count(said) == 1
    assert said not in str(compare(before, before)) and said not in compare(before, before).judgement()
    info = json.loads((after.path / "fog" / "run.json").read_text("utf-8"))
    del info["data"]["remarks"]  # as in older runs
    info["data"]["note"] = info["data"]["note"].replace(CHOSEN_BY, "")
    (after.path / "fog" / "run.json").write_text(json.dumps(info), "utf-8")
    assert not open_assessment(after.path).notes and said not in str(compare(before, after))
