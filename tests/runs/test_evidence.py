"""What a run records for audits: checksums of files, the text that names a function, and versions of libraries."""

import hashlib
import json
import zipfile
from importlib.metadata import version
from importlib.resources import files

import numpy as np
import pytest

import tfstab
from tfstab.assessment import Figures
from tfstab.assessment.record import assessment_json
from tfstab.assessment.verdict import verdict
from tfstab.degradations import registry
from tfstab.importing import import_module
from tfstab.report.settings import settings_tables

CODE = """
from dataclasses import replace

from tfstab.degradations import get_degradation, register

register(replace(get_degradation("fog"), name="drizzle"))
"""


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def digits():
    return tfstab.load_dataset("mnist-5k").take(4)


def test_a_run_names_the_files_of_its_model_and_degradation(tmp_path, digits, monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})
    model, code = tmp_path / "my.keras", tmp_path / "audited_drizzle.py"
    model.write_bytes((files("tfstab.resources.models") / "mnist-lenet.keras").read_bytes())
    code.write_text(CODE)
    import_module(str(code))
    config = tfstab.SweepConfig(degradation="drizzle", copies=1)
    run = tfstab.run_sweep(tfstab.load_classifier(model), digits, config, tmp_path / "runs" / "drizzle")
    known = {"model_file": {"name": "my.keras", "sha256": sha256(model)}}
    drizzle = {"name": "audited_drizzle.py", "sha256": sha256(code)}
    assert run.info["evidence"] == known | {"degradation_file": drizzle}
    assert {name: run.info["environment"]["versions"][name] for name in ("pillow", "scipy")} == {
        name: version(name) for name in ("pillow", "scipy")
    }
    figures = Figures.of([run])
    record = assessment_json(figures, verdict(figures))
    assert record["evidence"] == known | {"degradation_files": {"drizzle": drizzle}}
    assert record["seed"] == 0 and record["environment"] == run.info["environment"]
    shown = dict(settings_tables([run])[0].rows)
    assert shown["file of the network"] == f"my.keras, SHA-256 {sha256(model)}"
    assert sha256(code) in shown["file of the degradation"]


def test_a_run_goes_on_with_another_file_of_the_same_weights_and_if_it_has_no_evidence(tmp_path, digits, recwarn):
    source, again = tmp_path / "my.keras", tmp_path / "again.keras"
    source.write_bytes((files("tfstab.resources.models") / "mnist-lenet.keras").read_bytes())
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    assert sha256(source) != sha256(again)
    config = tfstab.SweepConfig(degradation="fog", severities=(20,), copies=1)
    run = tfstab.run_sweep(tfstab.load_classifier(source), digits, config, tmp_path / "run")
    begun = (run.path / "run.json").read_text("utf-8")
    tfstab.run_sweep(tfstab.load_classifier(again), digits, config, run.path)
    assert (run.path / "run.json").read_text("utf-8") == begun, "the record is of the file that the run was begun with"
    info = json.loads(begun)
    del info["evidence"], info["environment"]["versions"]["scipy"], info["environment"]["versions"]["pillow"]
    (run.path / "run.json").write_text(json.dumps(info), "utf-8")
    older = tfstab.run_sweep(tfstab.load_classifier(again), digits, config, run.path)
    assert len(older.measures) == 4 and not [w for w in recwarn if "was begun with" in str(w.message)]
    assert assessment_json(Figures.of([older]), verdict(Figures.of([older])))["evidence"] == {}
    for strange in (7, ["x"], {"model_file": 3, "model_text": {"a": 1}, "degradation_file": {}}):
        (run.path / "run.json").write_text(json.dumps(info | {"evidence": strange}), "utf-8")
        assert settings_tables([tfstab.open_run(run.path)])[0].rows


def test_the_text_that_names_a_function_is_stored_in_clear(tmp_path, digits):
    def service(images):
        return np.full((len(images), 10), 0.1, np.float32)

    classifier = tfstab.Classifier.from_function(service, (28, 28, 1), 10, fingerprint="service C v1")
    config = tfstab.SweepConfig(degradation="fog", severities=(20,), copies=1)
    run = tfstab.run_sweep(classifier, digits, config, tmp_path / "run")
    assert run.info["evidence"] == {"model_text": "service C v1"}
    assert ("text of the function", "service C v1") in settings_tables([run])[0].rows
