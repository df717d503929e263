"""How TensorFlow is started: quietly, without packages that nobody needs, and set up once."""

import gc
import importlib
import os
import subprocess
import sys
import threading

import pytest

from tfstab.classifier import backend
from tfstab.errors import ModelError


def test_what_is_printed_while_tensorflow_is_loaded_is_shown_only_if_that_fails(capfd):
    with backend.quiet_start():
        os.write(2, b"a warning of a library")
    with pytest.raises(KeyboardInterrupt), backend.quiet_start():
        os.write(2, b"a warning of a library")
        raise KeyboardInterrupt
    assert capfd.readouterr().err == ""
    with pytest.raises(ImportError), backend.quiet_start():
        os.write(2, b"the reason")
        raise ImportError
    os.write(2, b", and more")
    assert capfd.readouterr().err == "the reason, and more"


def test_a_script_that_hides_a_module_of_tensorflow_s_is_named(tmp_path):
    """TensorFlow imports six, here the script itself, which would wait for the import that it is a part of."""
    script = tmp_path / "six.py"
    script.write_text("from tfstab.classifier import backend\nbackend.tensorflow()\n")
    ended = subprocess.run([sys.executable, script], check=False, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 1
    said = f"{script} hides a module called six that TensorFlow needs: give this file another name."
    assert ended.stderr.rstrip().endswith(said)


@pytest.mark.parametrize("left_out", [set(), {"pandas"}])
def test_garbage_is_not_collected_meanwhile_nor_what_was_loaded_later(left_out, monkeypatch):
    monkeypatch.setattr(backend, "left_out", left_out)
    before = gc.get_freeze_count()
    try:
        with backend._uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() and (gc.get_freeze_count() > before) == bool(left_out)
        gc.disable()
        with backend._uncollected():
            pass
        assert not gc.isenabled(), "as before"
    finally:
        gc.enable()
        gc.unfreeze()


def test_packages_that_are_left_out_are_missing_for_this_thread_and_meanwhile(tmp_path, monkeypatch):
    names = ["left_out_one", "left_out_two", "left_in"]
    for name in names:
        (tmp_path / f"{name}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    with backend._missing(set(names[:2])):
        with pytest.raises(ModuleNotFoundError, match="left_out_one is left out"):
            importlib.import_module("left_out_one")
        importlib.import_module("left_in")
        other = threading.Thread(target=importlib.import_module, args=("left_out_two",))
        other.start()
        other.join()
        importlib.import_module("left_out_two")  # it is there now
    importlib.import_module("left_out_one")
    assert sys.meta_path == finders
    for name in names:
        del sys.modules[name]


def test_what_keras_does_not_find_in_a_command_and_finds_again(monkeypatch):
    monkeypatch.setattr(backend, "left_out", set())
    backend.leave_out_optional()
    assert backend.left_out == {"matplotlib", "pandas", "sklearn"}
    backend.need_optional()
    assert backend.left_out == set()


def test_tensorflow_is_silent_shares_its_gpu_and_is_the_backend(monkeypatch):
    tf = backend.tensorflow()
    names = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    for name in names:
        monkeypatch.delenv(name, raising=False)
    tf.get_logger().setLevel("INFO")
    assert backend.tensorflow.__wrapped__() is tf and tf.get_logger().level == 40
    assert {name: os.environ[name] for name in names} == names
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(ModelError, match="Keras runs on the jax backend, and tfstab needs TensorFlow"):
        backend.tensorflow.__wrapped__()
    monkeypatch.setattr(backend, "tensorflow", backend.tensorflow.__wrapped__)
    with pytest.raises(ModelError, match="needs TensorFlow"):
        backend.keras.__wrapped__()


@pytest.mark.parametrize(
    ("gpus", "details", "name"),
    [([], {}, "CPU"), (["one"], {"device_name": "Fast"}, "Fast"), (["one", "two"], {}, "GPU")],
)
def test_the_device_is_the_first_gpu(gpus, details, name, monkeypatch):
    tf = backend.tensorflow()
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus if kind == "GPU" else ["cpu"])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: details if gpu == "one" else None)
    assert backend.device_name() == name
