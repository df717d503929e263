"""Accented letters that are stored composed (NFC) or decomposed (NFD, as macOS writes them): one name in all places."""

import json
import shutil
import unicodedata
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from numpy_runs import SIDE, brightness, sweep
from PIL import Image

from tfstab import Classifier, Dataset, SweepConfig, load_dataset, open_run
from tfstab.assessment.required import parse_requirements
from tfstab.classifier.matching import match_classes
from tfstab.errors import DataError, RunError
from tfstab.models import check_model
from tfstab.models.bundled import RESOURCES
from tfstab.models.cards import class_names
from tfstab.paths import user_path
from tfstab.search.aim import class_named

FORMS = ("NFC", "NFD")
NAMES = ("Boot", "Fähre", "Zug")
PIXELS = np.random.default_rng(4).integers(0, 256, (3, SIDE, SIDE), np.uint8)


def form(kind, text):
    return unicodedata.normalize(kind, text)


def save(root, kind, folder="Fähre", file="größe.png", image=PIXELS[1]):
    """Write an image into a folder, both named in a form of Unicode."""
    place = root / form(kind, folder)
    place.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(place / form(kind, file))


@pytest.fixture(params=FORMS)
def photos(request, tmp_path):
    """Three class folders whose names, and those of their files, have one form."""
    for name, image in zip(NAMES, PIXELS, strict=True):
        save(tmp_path / "photos", request.param, name, image=image)
    return tmp_path / "photos"


def model(kind):
    """A model whose classes are named in a form of Unicode, in an order other than that of the folders."""
    names = [form(kind, name) for name in NAMES[::-1]]
    return Classifier.from_function(brightness, (SIDE, SIDE, 1), 3, fingerprint="brightness", class_names=names)


@pytest.mark.parametrize("kind", FORMS)
def test_class_folders_match_a_model_whatever_the_form_of_either(photos, kind):
    images = load_dataset(photos)
    fitted = match_classes(model(kind), images)
    assert fitted.labels.tolist() == [2, 1, 0] and fitted.class_names == images.class_names[::-1] == NAMES[::-1]
    np.testing.assert_array_equal(fitted.images[..., 0], PIXELS)
    arrays = Dataset.from_arrays("x", "test", PIXELS, [0, 1, 2], [form(kind, name) for name in NAMES])
    assert images.fingerprint == arrays.fingerprint


@pytest.mark.parametrize("kind", FORMS)
def test_a_table_names_files_and_classes_in_any_form(photos, kind):
    rows = [f"{name}/größe.png,{name}" for name in NAMES]
    save(photos, kind, "Zug", "ä.png", PIXELS[0])
    lines = ["file,label", *(form(kind, row) for row in rows), form("NFC" if kind == "NFD" else "NFD", "Zug/ä.png,Zug")]
    (photos / "labels.csv").write_text("\n".join(lines), "utf-8")
    images = load_dataset(photos)
    assert images.class_names == NAMES and images.labels.tolist() == [0, 1, 2, 2]
    assert images.names.tolist() == [*(f"{name}/größe.png" for name in NAMES), "Zug/ä.png"]
    np.testing.assert_array_equal(images.images[..., 0], PIXELS[[0, 1, 2, 0]])
    (photos / "labels.csv").write_text("\n".join([*lines, form(kind, "Zug/ä.png,Boot")]), "utf-8")
    with pytest.raises(DataError, match="twice, in lines 5 and 6, with the labels Zug and Boot"):
        load_dataset(photos)


def test_two_folders_that_look_the_same_are_refused(tmp_path):
    for kind in FORMS:
        save(tmp_path, kind)
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system takes both forms for one name")
    with pytest.raises(
        DataError, match="has two folders 'Fähre', whose names differ only in how Unicode stores"
    ) as told:
        load_dataset(tmp_path)
    assert "move the images of one into the other" in str(told.value)


def test_a_run_of_an_earlier_version_with_decomposed_names_goes_on(tmp_path):
    def grown(copies, names=NAMES):
        given = Dataset.from_arrays("photos", "test", PIXELS, [0, 1, 2], names)
        return sweep(tmp_path, SweepConfig(sigmas=(5,), copies=copies), given, model("NFC"))

    def as_before(names):
        info = json.loads((tmp_path / "run.json").read_text())
        info["data"]["class_names"] = [form("NFD", name) for name in names]
        (tmp_path / "run.json").write_text(json.dumps(info))

    first = grown(1).info["data"]["class_names"]
    as_before(first)
    run = grown(2)
    assert run.complete and run.copies_done == (2, 2) and run.info["data"]["class_names"][1] == form("NFD", first[1])
    as_before([first[1], first[0], first[2]])
    with pytest.raises(RunError, match=r"accents are stored separately \(NFD\).* number now; .* choose another folder"):
        grown(3)


@pytest.mark.parametrize("kind", FORMS)
def test_a_path_is_typed_in_any_form(photos, kind, tmp_path, monkeypatch):
    """Models, image folders, tables, pictures, modules and run folders."""
    monkeypatch.chdir(tmp_path)
    (place := tmp_path / form(kind, "Prüfung")).mkdir()
    photos.rename(place / form(kind, "Fotos für Tests"))
    shutil.copy(files(RESOURCES) / "mnist-lenet.keras", place / form(kind, "größe.keras"))
    digits = np.zeros((2, 28, 28, 1), np.uint8)
    np.savez(place / form(kind, "zwölf.npz"), images=digits, labels=[0, 1])
    for other in FORMS:
        typed = form(other, "Prüfung")
        assert load_dataset(form(other, f"{typed}/Fotos für Tests")).class_names == NAMES
        assert len(load_dataset(f"{tmp_path}/{typed}/{form(other, 'zwölf.npz')}")) == 2
        check_model(f"{typed}/{form(other, 'größe.keras')}")
        assert class_names(user_path(f"{typed}/nichts.json")) is None
        run = sweep(f"{typed}/{form(other, 'Läufe')}", SweepConfig(sigmas=(5,), copies=1))
        assert run.complete and open_run(form(other, "Prüfung/Läufe")).complete
    assert len(list(place.iterdir())) == 4 and len(list(tmp_path.iterdir())) == 1, "a run was made twice"


@pytest.mark.parametrize("kind", FORMS)
def test_a_class_or_an_image_is_found_by_its_name_in_any_form(photos, kind, tmp_path):
    run = sweep(tmp_path / "run", SweepConfig(sigmas=(5,), copies=2), load_dataset(photos), model(kind))
    assert run.clean.find(form(kind, "Fähre/größe.png")) == 1 and run.clean.named(form(kind, "FÄHRE")).tolist() == [1]
    assert class_named(form(kind, "Fähre"), NAMES) == class_named("Fähre", [form(kind, name) for name in NAMES]) == 1
    older = replace(run.clean, names=np.array([form(kind, file) for file in run.clean.names]))
    assert older.find("Fähre/größe.png") == 1 and older.named("fähre").tolist() == [1], "a run of an earlier version"
    assert parse_requirements([form(kind, "recall Fähre:60")])[0].what == "Fähre"
    (tmp_path / "m.json").write_text(f'{{"class_names": ["{form(kind, "Fähre")}"]}}', "utf-8")
    assert [form("NFC", name) for name in class_names(tmp_path / "m.json")] == ["Fähre"]
