"""A run made on a cluster is the run made here, whatever becomes of the workers; what cannot be is said at once."""

import contextlib
import gc
import importlib
import itertools
import os
import signal
import sys
import threading
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from processes import content, refused, tfstab_here
from tfstab import Classifier, Dataset, SearchConfig, SweepConfig, load_classifier, open_run, run_sweep
from tfstab.classifier import backend
from tfstab.classifier.keras_graph import nested_layers
from tfstab.degradations import Degradation
from tfstab.errors import InputError, ModelError, RunError
from tfstab.execution import deadlines, local_workers
from tfstab.execution import workers as own_workers
from tfstab.models.saved_model import SavedSignature, pack_saved_models
from tfstab.runs.log import read_log
from tfstab.search import run_search
from tfstab.sweep.score import SweepShard, score_shard

distributed = pytest.importorskip("distributed")

import dask  # noqa: E402

from tfstab.execution.task import SentModel  # noqa: E402

SWEEP = SweepConfig(sigmas=(10, 60, 120), copies=20, seed=3)
SEARCH = SearchConfig(max_queries=300, refine=32)
IMAGES = 20  # six parts: copies 0, 1, 2 to 3, 4 to 7, and so on
PARTS = [3 * IMAGES * copies for copies in (1, 1, 2, 4, 8, 4)]  # degraded images


@keras.saving.register_keras_serializable("tests")
class Doubled(keras.layers.Layer):
    """A layer of one's own."""

    def call(self, images):
        return 2 * images


@pytest.fixture(scope="module")
def workers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend, "left_out", set(backend.OPTIONAL))  # as in the command, whose workers start faster
        with local_workers(2) as client:
            yield client


@pytest.fixture(scope="module")
def here(mnist_lenet, digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("here") / "run"
    run_sweep(mnist_lenet, digits.take(IMAGES), SWEEP, path)
    return content(path)


def test_a_sweep_is_the_same_as_here(workers, here, mnist_lenet, digits, tmp_path):
    told = []
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1kB"}), warnings.catch_warnings():
        warnings.filterwarnings("error", "Sending large graph")  # advice to programmers
        run = run_sweep(mnist_lenet, digits.take(IMAGES), SWEEP, tmp_path, told.append, cluster=workers)
    assert run.complete and content(tmp_path) == here
    done = [progress.done for progress in told]
    assert done == sorted(set(done)) and done[-1] == told[-1].total
    rows = [entry["rows"] for entry in read_log(tmp_path / "log.jsonl") if entry["event"] == "part"]
    assert sorted(rows) == sorted(PARTS) and set(itertools.accumulate(rows)) <= set(done)


def test_a_search_is_the_same_as_here_and_goes_on_with_what_is_there(workers, mnist_lenet, digits, tmp_path):
    some, found = digits.take(3), []
    network = mnist_lenet.with_batch_size(64)  # few images have gradients at a time
    run_search(network, some, SEARCH, tmp_path / "here")
    run_search(network, some, SEARCH, tmp_path / "there", cluster=workers)
    assert content(tmp_path / "there") == content(tmp_path / "here")
    next((tmp_path / "there").glob("parts/*")).unlink()
    run_search(network, some, SEARCH, tmp_path / "there", on_result=found.append, cluster=workers)
    assert len(found) == 1 and content(tmp_path / "there") == content(tmp_path / "here")


def test_a_predict_function_is_sent_too(workers, digits, tmp_path):
    some, brightest = digits.take(20), 0.4

    def by_brightness(images):
        share = np.clip(images.mean(axis=(1, 2, 3)) / 255 / brightest, 0, 1)
        return np.stack([1 - share, share], axis=1)

    some = Dataset.from_arrays("some", "test", some.images, some.labels % 2)
    classifier = Classifier.from_function(by_brightness, (28, 28, 1), 2, fingerprint="brightness")
    config = SweepConfig(sigmas=(10,), copies=5)
    run_sweep(classifier, some, config, tmp_path / "here")
    run_sweep(classifier, some, config, tmp_path / "there", cluster=workers)
    assert content(tmp_path / "there") == content(tmp_path / "here")
    lock = threading.Lock()
    held = Classifier.from_function(lambda images: (lock, images)[1], (28, 28, 1), 2, fingerprint="with a lock")
    with pytest.raises(ModelError, match="cannot be sent to a cluster"):
        run_sweep(held, some, config, tmp_path / "held", cluster=workers)
    assert not (tmp_path / "held").exists()


def test_a_saved_model_is_sent_with_its_files(workers, digits, tmp_path):
    some, config = digits.take(4), SweepConfig(sigmas=(10,), copies=1)
    layers = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    keras.Sequential(layers).export(tmp_path / "own", verbose=False)
    classifier = load_classifier(tmp_path / "own", preprocess="unit", trust=True)
    for name, cluster in (("here", None), ("there", workers)):
        run_sweep(classifier, some, config, tmp_path / name, cluster=cluster)
    assert content(tmp_path / "there") == content(tmp_path / "here")
    classifier.model.save(tmp_path / "wrapped.keras")
    with pytest.raises(ModelError, match="not loaded"):  # no file may bring a graph with it
        load_classifier(tmp_path / "wrapped.keras", trust=True)
    (tmp_path / "own" / "photo.png").write_bytes(b"beside it")
    ((sent, files),) = pack_saved_models(classifier.model).items()
    assert len(sent) == 64 and "photo.png" not in files and {"saved_model.pb", "variables/variables.index"} <= {*files}
    (tmp_path / "own" / "assets.extra").mkdir()
    (tmp_path / "own" / "assets.extra" / "more").symlink_to(tmp_path / "wrapped.keras")
    with pytest.raises(ModelError, match="more is a link to a file outside of the model's folder"):
        pack_saved_models(classifier.model)
    (tmp_path / "own" / "saved_model.pb").write_bytes(b"another")
    with pytest.raises(ModelError, match="own has changed since it was loaded"):
        SentModel.pack(classifier.with_batch_size(7).with_model(classifier.model, "own"))


class Shifted(tf.Module):
    """Scores that depend on an asset, a file that is read in every call."""

    def __init__(self, path):
        super().__init__()
        self.path = tf.saved_model.Asset(str(path))

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.float32)])
    def serve(self, images):
        shift = tf.strings.to_number(tf.io.read_file(self.path.asset_path))
        levels = tf.reduce_mean(images, axis=(1, 2))
        return {"scores": tf.nn.softmax(tf.range(10, dtype=tf.float32) * (levels - shift) / 10)}


def test_a_saved_model_may_read_an_asset_at_every_call(workers, digits, tmp_path):
    (tmp_path / "shift.txt").write_text("30")
    module = Shifted(tmp_path / "shift.txt")
    tf.saved_model.save(module, str(tmp_path / "own"), signatures={"serving_default": module.serve})
    classifier = load_classifier(tmp_path / "own", trust=True)
    some, config = digits.take(4), SweepConfig(sigmas=(10,), copies=1)
    for name, cluster in (("here", None), ("there", workers)):
        run_sweep(classifier, some, config, tmp_path / name, cluster=cluster)
    assert content(tmp_path / "there") == content(tmp_path / "here")
    sent = SentModel.pack(classifier).unpack()
    folder = next(layer.unpacked.folder for layer in nested_layers(sent.model) if isinstance(layer, SavedSignature))
    assert np.array_equal(sent.scores(some.images), classifier.scores(some.images)) and any(folder.iterdir())
    del sent
    gc.collect()
    assert not folder.exists(), "it lives as long as the classifier"


def own_sweep(name, function):
    family = Degradation(name, name, "", function, "share", "", severities=(1,), neutral=0, low=0, high=9, version="1")
    return SweepConfig(degradation=family)


def test_a_degradation_of_a_script_is_sent_too(workers, mnist_lenet, digits, tmp_path):
    some, ink = digits.take(10), 255
    own = own_sweep("own", lambda image, share, _: image * (1 - share / ink))
    run_sweep(mnist_lenet, some, own, tmp_path / "here")
    run_sweep(mnist_lenet, some, own, tmp_path / "there", cluster=workers)
    assert content(tmp_path / "there") == content(tmp_path / "here")
    lock = threading.Lock()
    held = own_sweep("held", lambda image, *_: (lock, image)[1])
    with pytest.raises(InputError, match="work cannot be sent to a cluster"):
        run_sweep(mnist_lenet, some, held, tmp_path / "held", cluster=workers)


def test_a_degradation_whose_module_the_workers_lack_is_said(workers, mnist_lenet, digits, tmp_path, monkeypatch):
    """Dask by itself would wait for ever."""
    (tmp_path / "only_here.py").write_text("def darken(image, share, rng):\n    return image / share\n")
    monkeypatch.syspath_prepend(tmp_path)
    darken = importlib.import_module("only_here").darken
    config = own_sweep("darker", darken)
    with pytest.raises(RunError, match=r"No module named .only_here.*install the module that your"):
        run_sweep(mnist_lenet, digits.take(10), config, tmp_path / "run", cluster=workers)


OWN = """
from tfstab.degradations import Degradation, register
from tfstab.search.engines import get_engine, register_engine
from tfstab.search.engine import Engine

def darken(image, share, rng):
    return image / share

def search(classifier, tasks, config, on_result, observer):
    get_engine("random").search(classifier, tasks, config, on_result, observer)

register(Degradation("darker", "darker", "", darken, "share", "", (2,), neutral=1, low=1, high=9, version="1"))
register_engine("hill", Engine(search, get_engine("random").variants, get_engine("random").settings))
"""


def test_engine_and_degradation_of_an_imported_file_reach_the_workers(workers, tmp_path, monkeypatch):
    """The workers, which were started before and elsewhere, cannot import the file."""
    (tmp_path / "own_for_workers.py").write_text(OWN)
    monkeypatch.setattr(sys, "path", [*sys.path])
    there = ["--cluster", workers.scheduler.address]
    for command in (["search", "--engine", "hill", "--max-queries", 100], ["sweep", "--degradation", "darker"]):
        given = [*command, "--limit", 3, "--import", tmp_path / "own_for_workers.py", "--out"]
        for out, more in (("here", []), ("there", there)):
            said = tfstab_here(*given, tmp_path / command[0] / out, *more)
            assert said.returncode == 0, said.stderr
        assert content(tmp_path / command[0] / "there") == content(tmp_path / command[0] / "here")


def test_a_worker_that_would_degrade_otherwise_is_refused(mnist_lenet, digits):
    some = digits.take(1)
    config = SweepConfig(degradation="jpeg")
    shard = SweepShard(config, some.images, some.indices, some.labels, range(1), {"pillow": "1.1"})
    with pytest.raises(RunError, match=r"has pillow .* and not 1\.1, by which JPEG compression may differ"):
        score_shard(mnist_lenet, shard)


def test_a_model_with_classes_of_its_own_is_sent_with_their_modules(digits):
    layers = [keras.layers.Input((28, 28, 3)), Doubled(), keras.layers.Flatten(), keras.layers.Dense(3)]
    classifier = Classifier(keras.Sequential(layers), preprocess="caffe").for_images((28, 28, 1))
    sent = SentModel.pack(classifier)
    assert sent.imports == (Doubled.__module__,)
    np.testing.assert_array_equal(sent.unpack().scores(digits.images[:3]), classifier.scores(digits.images[:3]))


def test_a_sweep_begun_here_and_stopped_there_ends_here(workers, here, mnist_lenet, digits, tmp_path):
    def stop_at(share):
        def stop(progress):
            if progress.done >= share * progress.total:
                raise KeyboardInterrupt

        return stop

    for share, cluster in ((0.25, None), (0.6, workers.scheduler.address)):
        with pytest.raises(KeyboardInterrupt):
            run_sweep(mnist_lenet, digits.take(IMAGES), SWEEP, tmp_path, stop_at(share), cluster=cluster)
        assert 0 < open_run(tmp_path).progress[0] < len(PARTS)
    run_sweep(mnist_lenet, digits.take(IMAGES), SWEEP, tmp_path)
    assert content(tmp_path) == here


@pytest.fixture
def impatient(monkeypatch):
    """Seconds for what takes minutes otherwise."""
    for name, seconds in (("CHECK", 0.2), ("SILENT", 2.0), ("LOST", 5.0)):
        monkeypatch.setattr(deadlines, name, seconds)


@contextlib.contextmanager
def stopping(workers, count):
    """on_progress, which stops this many workers, and a function that lets them go on; so does the end.

    A single one is stopped while it has work: the run would not miss a worker that has done its share.
    """
    stopped, processes = [], workers.run(os.getpid)

    def stop(progress):
        if len(stopped) == count:
            return
        with_work = [worker for worker, tasks in workers.processing().items() if tasks]
        for worker in (with_work if count == 1 else list(processes))[:count]:
            stopped.append(worker)
            os.kill(processes[worker], signal.SIGSTOP)

    def go_on():
        for worker in stopped:
            os.kill(processes[worker], signal.SIGCONT)

    try:
        yield stop, go_on, stopped
    finally:
        go_on()


def test_a_worker_that_stops_responding_is_said_and_does_not_end_the_run(
    workers, here, mnist_lenet, digits, tmp_path, impatient
):
    said = []
    with stopping(workers, 1) as (stop, go_on, stopped), warnings.catch_warnings():

        def show(message, *_, **__):
            said.append(str(message))
            if stopped and f"{stopped[0]} has not responded for 2 seconds: its work waits" in said[-1]:
                go_on()  # without this the run would wait until Dask gives the worker up

        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        run = run_sweep(mnist_lenet, digits.take(IMAGES), SWEEP, tmp_path, stop, cluster=workers)
    assert stopped and any(f"{stopped[0]} has not responded" in message for message in said)
    assert run.complete and content(tmp_path) == here


def test_workers_that_all_stop_responding_end_the_run_which_can_be_resumed(
    workers, here, mnist_lenet, digits, tmp_path, impatient
):
    with (
        stopping(workers, 2) as (stop, *_),
        pytest.warns(UserWarning, match="has not responded for 2 seconds"),
        pytest.raises(RunError, match=r"nothing was heard of the workers .* for 5 seconds: .*run the same command"),
    ):
        run_sweep(mnist_lenet, digits.take(IMAGES), SWEEP, tmp_path, stop, cluster=workers)
    assert not open_run(tmp_path).complete
    run_sweep(mnist_lenet, digits.take(IMAGES), SWEEP, tmp_path)
    assert content(tmp_path) == here


def test_a_search_on_a_cluster_cannot_be_observed(workers, mnist_lenet, digits, tmp_path):
    with pytest.raises(InputError, match="on_generation"):
        run_search(mnist_lenet, digits.take(2), SEARCH, tmp_path / "run", print, cluster=workers)


def test_an_error_of_a_worker_arrives_as_here(workers, digits, tmp_path):
    broken = load_classifier("mnist-lenet")
    weights = broken.model.get_weights()
    weights[0][:] = 1e38  # the clean scores are finite where the image is black, which no noisy one is
    broken.model.set_weights(weights)
    black = digits.take(2)
    black.images[:] = 0
    with pytest.raises(ModelError, match="NaN"):
        run_sweep(broken, black, SWEEP, tmp_path, cluster=workers)
    done, planned = open_run(tmp_path).progress  # it had begun
    assert done < planned == len(PARTS)


def test_the_threads_of_a_worker_unpack_a_model_once(mnist_lenet):
    from concurrent.futures import ThreadPoolExecutor

    from tfstab.execution.task import SentModel, _classifier

    sent = SentModel.pack(mnist_lenet)
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(_classifier, [sent] * 4))) == 1


def test_local_workers_are_processes_of_one_core_that_leave_ctrl_c_to_the_command(workers):
    def state():
        ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
        return os.getpid(), ignored, os.environ["TF_NUM_INTRAOP_THREADS"], sorted(backend.left_out)

    there = workers.run(state)
    assert len({process for process, *_ in there.values()} | {os.getpid()}) == 3
    assert {tuple(map(str, rest)) for _, *rest in there.values()} == {("True", "1", str(sorted(backend.OPTIONAL)))}
    assert workers.nthreads() == dict.fromkeys(there, 1)
    with pytest.raises(ValueError, match="No clients found"):
        distributed.default_client()


@pytest.mark.parametrize("count", [0, -1])
def test_a_local_cluster_has_workers(count):
    with pytest.raises(InputError, match="expected 1 or more"), local_workers(count):
        pass


def test_the_command_line_computes_in_workers(workers, digits, mnist_lenet, tmp_path, monkeypatch):
    """In these, as others would take seconds to start."""
    asked = []

    def local_workers(count):
        asked.append(count)
        return contextlib.nullcontext(workers)

    monkeypatch.setattr(own_workers, "local_workers", local_workers)
    sweep = ["sweep", "--limit", 5, "--copies", 3, "--common-noise", "--workers", 1, "--out", tmp_path / "there"]
    result = tfstab_here(*sweep)
    assert result.returncode == 0, result.stderr
    assert asked == [1]
    run_sweep(mnist_lenet, digits.take(5), SweepConfig(copies=3, common_noise=True), tmp_path / "here")
    assert content(tmp_path / "there") == content(tmp_path / "here")
    assert "expected one of them" in refused(tfstab_here(*sweep, "--cluster", "tcp://127.0.0.1:8786"))


def test_an_ensemble_trained_there_is_the_one_trained_here_within_rounding(workers, digits, tmp_path):
    from dataclasses import replace

    import numpy as np

    from tfstab.models import ensemble_members
    from tfstab.training import RECIPES, Augmentation, train, train_ensemble

    recipe = replace(RECIPES["mnist-lenet"], epochs=1, batch_size=50, augmentation=Augmentation())
    sets, told = (digits.take(150), digits.take(170).without(digits.take(150))), []
    there = train_ensemble(
        recipe,
        2,
        "mean",
        *sets,
        out=tmp_path / "there",
        seed=3,
        cluster=workers,
        on_epoch=lambda member, figures: told.append((member, figures["epoch"])),
    )
    assert sorted(told) == [(1, 1), (2, 1)]
    here = train(recipe, *sets, out=tmp_path / "here", seed=4)
    first, second = (member.scores(digits.images[:500]) for member in ensemble_members(there.classifier))
    # A worker of one core adds up gradients in another order.
    np.testing.assert_allclose(second, here.classifier.scores(digits.images[:500]), atol=1e-3)
    assert np.abs(first - second).max() > 0.1
    again = train_ensemble(
        recipe,
        2,
        "mean",
        *sets,
        out=tmp_path / "there",
        seed=3,
        cluster=workers,
        on_epoch=lambda *_: pytest.fail("it was trained again"),
    )
    assert again.card["fingerprint"] == there.card["fingerprint"]


# The last one, so that the worker that takes the place of the killed one need not load TensorFlow again.
def test_a_worker_killed_amid_a_sweep_changes_nothing(workers, here, mnist_lenet, digits, tmp_path):
    victims = list(workers.run(os.getpid).values())[:1]

    def kill(progress):
        if victims:
            os.kill(victims.pop(), signal.SIGKILL)

    run = run_sweep(mnist_lenet, digits.take(IMAGES), SWEEP, tmp_path, kill, cluster=workers)
    assert not victims and run.complete and content(tmp_path) == here
