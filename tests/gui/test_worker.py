"""The child process itself, without a window: one real child does real work on real digits."""

import itertools
import queue
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from processes import content
from tfstab import SearchConfig, load_classifier, load_dataset, open_assessment, open_run, run_search
from tfstab.cli.app import app
from tfstab.gui.jobs.command_order import CommandOrder, Made, Printed
from tfstab.gui.jobs.protocol import (
    Control,
    Failed,
    Finished,
    Generations,
    ImageDone,
    Opened,
    Progress,
    Remark,
    RunOrder,
    Stage,
    decode,
    encode,
)
from tfstab.gui.jobs.questions import Answer, AskOrder

FEW, LONG = {"max_queries": 300}, {"max_queries": 100_000, "patience": 100_000}


class Child:
    """Orders go in by `tell`; `until` gives the messages up to the first of a kind."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tfstab.gui.jobs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.messages = queue.SimpleQueue()
        threading.Thread(target=lambda: [self.messages.put(decode(line)) for line in self.process.stdout]).start()
        threading.Thread(target=self.process.stderr.read).start()

    def tell(self, *orders):
        for order in orders:
            self.process.stdin.write(order if isinstance(order, bytes) else encode(order))
        self.process.stdin.flush()

    def until(self, kind, where=lambda message: True):
        seen = []
        while True:
            seen.append(self.messages.get(timeout=120))
            if isinstance(seen[-1], kind) and where(seen[-1]):
                return seen


@pytest.fixture(scope="module")
def child():
    child = Child()
    yield child
    child.process.stdin.close()
    assert child.process.wait(timeout=200) == 0, "the child outlives the window"


def search(job, out, settings=FEW, limit=3, **changes):
    return RunOrder(job, "search", "mnist-lenet", "mnist-5k", str(out), settings, limit=limit, **changes)


def test_a_run_is_made_watched_and_like_any_other(child, tmp_path):
    child.tell(search(1, tmp_path / "here"))
    messages = child.until(Finished)
    assert all(message.job == 1 for message in messages)
    kinds = [type(message) for message in messages]
    assert kinds[0] is Stage and 0 < kinds.index(Opened) < kinds.index(Generations)
    run = run_search(
        load_classifier("mnist-lenet"), load_dataset("mnist-5k").take(3), SearchConfig(**FEW), tmp_path / "there"
    )
    assert content(tmp_path / "here") == content(tmp_path / "there")
    assert messages[-1].complete and messages[-1].steps == sum(result.queries for result in run)
    for result in run:
        told = [row for m in messages if isinstance(m, Generations) and m.image == result.image for row in m.rows]
        assert np.array_equal(told, result.history), "a generation was not told"
        (done,) = [m for m in messages if isinstance(m, ImageDone) and m.image == result.image]
        assert done.norm == result.size and done.found == result.found
    progress = [message for message in messages if isinstance(message, Progress)]
    assert progress[-1].done == progress[-1].total == 3 and progress[-1].share == 1
    assert all(a.share <= b.share for a, b in itertools.pairwise(progress))


def test_pause_watch_stop_an_image_and_all(child, tmp_path):
    child.tell(search(2, tmp_path / "long", LONG))
    first = child.until(Generations)[-1]
    assert first.noise is None
    child.tell(Control(2, "watch", first.image))
    watched = child.until(Generations, lambda m: m.noise is not None and m.rows)[-1]
    assert watched.image == first.image and watched.noise.shape == (28, 28, 1)
    assert np.linalg.norm(watched.noise) == pytest.approx(watched.rows[-1][2], rel=0.5)
    child.tell(Control(2, "pause"))
    with pytest.raises(queue.Empty):  # it does not go on while it is paused
        for _ in range(1000):
            child.messages.get(timeout=0.5)
    other = next(int(i) for i in open_run(tmp_path / "long").clean.indices if i != first.image)
    child.tell(Control(2, "watch", other))
    assert child.until(Generations, lambda m: m.noise is not None)[-1].image == other, "looking elsewhere in a pause"
    child.tell(Control(1, "cancel"), Control(2, "resume"), Control(2, "stop image", other))
    ended = child.until(ImageDone)[-1]
    assert (ended.image, ended.reason) == (other, "observer")
    child.until(Generations, lambda m: m.image == first.image)
    child.tell(Control(2, "cancel"))
    assert not child.until(Finished)[-1].complete
    assert open_run(tmp_path / "long").progress == (1, 3), "of the stopped image, what was found is kept"


def test_a_sweep_is_paused_and_cancelled_too(child, tmp_path):
    settings = {"sigmas": [5, 60], "copies": 2000}
    child.tell(RunOrder(3, "sweep", "mnist-lenet", "mnist-5k", str(tmp_path / "sweep"), settings, limit=20))
    child.until(Progress)
    child.tell(Control(3, "cancel"))
    assert not child.until(Finished)[-1].complete
    done, total = open_run(tmp_path / "sweep").progress
    assert done < total == 12


def test_a_search_for_a_class_that_spares_pixels_is_as_the_command_lines(child, tmp_path):
    left = np.zeros((28, 28), np.uint8)
    left[:, :14] = 255
    Image.fromarray(left).save(tmp_path / "left.png")
    out, options = tmp_path / "aimed", ["--target", "8", "--mask", str(tmp_path / "left.png"), "--limit", "12"]
    child.tell(search(5, out, limit=12, target="8", mask=str(tmp_path / "left.png")))
    assert child.until(Finished)[-1].complete
    run = open_run(out)
    assert run.target == 8 and 8 not in run.clean.class_index and not any(r.noise[:, 14:].any() for r in run)
    before = content(out)
    said = CliRunner().invoke(app, ["search", *options, "--max-queries", "300", "--out", str(out)])
    assert said.exit_code == 0 and content(out) == before, said.output
    child.tell(search(6, tmp_path / "no", target="nine"), search(7, tmp_path / "no", mask=str(tmp_path)))
    for problem in ("unknown class 'nine'", "cannot be read"):
        assert problem in child.until(Failed)[-1].sentence
    assert not (tmp_path / "no").exists()


def test_images_without_classes_get_those_that_the_model_sees(child, tmp_path):
    digit = load_dataset("mnist-5k").images[2000, ..., 0]
    Image.fromarray(digit).resize((56, 56)).convert("RGB").save(tmp_path / "photo.png")
    out = tmp_path / "mine"
    child.tell(RunOrder(4, "search", "mnist-lenet", f"images:{tmp_path}/photo.png", str(out), FEW))
    finished = child.until(Finished)[-1]
    assert finished.complete and finished.steps > 0 and finished.seconds > 0
    run = open_run(out)
    assert run.clean.images.shape == (1, 28, 28, 1) and run.clean.correct.all()


RAIN = """from tfstab.degradations import Degradation, register

def fall(image, drops, rng):
    image[:, rng.integers(0, image.shape[1], int(drops))] = 255
    return image

register(Degradation("lens_rain", "rain", "draws", fall, "drops", "a picture", (1, 3), 0, 0, 99, "1", copies=2))
"""


def test_a_sweep_is_of_a_degradation_that_its_modules_register(child, tmp_path):
    (tmp_path / "lens_rain_here.py").write_text(RAIN)
    options = {"imports": [str(tmp_path / "lens_rain_here.py")]}
    fields = {"model": "mnist-lenet", "data": "mnist-5k", "limit": 3, "options": options}
    child.tell(RunOrder(4, "sweep", out=str(tmp_path / "x"), settings={"degradation": "lens_rian"}, **fields))
    failed = child.until(Failed | Finished)[-1]
    assert failed.sentence.startswith("unknown degradation 'lens_rian': did you mean 'lens_rain'?")
    child.tell(RunOrder(5, "sweep", out=str(tmp_path / "rain"), settings={"degradation": "lens_rain"}, **fields))
    done = child.until(Failed | Finished)[-1]
    assert isinstance(done, Finished) and done.complete, done
    config = open_run(tmp_path / "rain").config
    assert (config.degradation.name, config.severities, config.copies) == ("lens_rain", (1, 3), 2)


def test_images_with_a_table_are_resized_as_on_the_command_line(child, tmp_path):
    digit = Image.fromarray(load_dataset("mnist-5k").images[2000, ..., 0]).resize((80, 56))
    digit.save(tmp_path / "photo.png")
    (tmp_path / "labels.csv").write_text("photo.png,4\n")
    out = tmp_path / "mine"
    child.tell(RunOrder(5, "search", "mnist-lenet", f"folder:{tmp_path}", str(out), FEW, resize="stretch"))
    assert child.until(Finished)[-1].complete
    expected = load_dataset(tmp_path, size=(28, 28), resize="stretch").images
    assert np.array_equal(open_run(out).clean.images, expected) and open_run(out).clean.class_index.tolist() == [4]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"data": "images:/nowhere"}, "/nowhere"),
        ({"data": "folder:/nowhere"}, "/nowhere is not a folder"),
        ({"model": "/nowhere/my.keras"}, "/nowhere/my.keras"),
        ({"settings": {"max_queries": 1}}, "max_queries"),
        ({"settings": {"colour": 1}}, "unknown setting 'colour'"),
    ],
)
def test_what_fails_is_told_in_one_sentence_and_the_child_goes_on(child, tmp_path, changes, says):
    fields = {"job": 9, "kind": "search", "model": "mnist-lenet", "data": "mnist-5k", "out": str(tmp_path / "x")}
    child.tell(RunOrder(**fields | changes))
    failed = child.until(Failed)[-1]
    assert failed.job == 9 and says in failed.sentence and failed.details == "" and "\n" not in failed.sentence
    assert not (tmp_path / "x").exists()


def test_images_are_scored_to_the_bit_or_refused(child):
    digits, network = load_dataset("mnist-5k").images[:20], load_classifier("mnist-lenet")
    child.tell(
        b"Epoch 1/10\n",
        *(
            AskOrder(ticket, "scores", "mnist-lenet", fingerprint, arguments={"images": images})
            for ticket, fingerprint, images in (
                (1, network.fingerprint, digits), (2, "another", digits), (3, "", digits[:, :5]),
            )
        ),
    )  # fmt: skip
    assert "no order" in child.until(Failed)[-1].sentence
    (scores,) = child.until(Answer)
    assert scores.ticket == 1 and np.array_equal(scores.values["scores"], network.scores(digits))
    other, shape = child.until(Failed)[-1], child.until(Failed)[-1]
    assert other.ticket == 2 and "not the model" in other.sentence
    assert shape.ticket == 3 and "shape" in shape.sentence


def test_commands_do_what_the_command_line_does_and_end_as_by_ctrl_c(child, tmp_path):
    subject = {"model": "mnist-lenet", "data": "mnist-5k", "limit": 40}
    child.tell(CommandOrder(21, "evaluate", str(tmp_path / "here"), subject))
    messages = child.until(Finished)
    arguments = ["evaluate", "--model=mnist-lenet", "--data=mnist-5k", "--limit=40", f"--out={tmp_path / 'there'}"]
    printed = CliRunner().invoke(app, arguments).stdout
    assert [m.text.split() for m in messages if isinstance(m, Printed)] == [printed.split()]
    assert [(m.what, m.path) for m in messages if isinstance(m, Made)] == [("folder", str(tmp_path / "here"))]
    assert content(tmp_path / "here") == content(tmp_path / "there") and messages[-1].complete
    # What cannot work is said, and that it would fail again.
    child.tell(CommandOrder(22, "evaluate", str(tmp_path / "no"), subject | {"data": "cifar10", "split": "nowhere"}))
    failed = child.until(Failed)[-1]
    assert "no split 'nowhere'" in failed.sentence and failed.wrong_input and failed.job == 22
    # What would mend it is sent, too.
    child.tell(CommandOrder(25, "assess", str(tmp_path / "no"), subject | {"preprocess": "unit"}))
    failed = child.until(Failed)[-1]
    assert failed.advised == {"preprocess": "none"} and "--preprocess none" in failed.sentence and failed.wrong_input
    # A hardening without test images takes them from the training images, as the command does.
    child.tell(CommandOrder(26, "harden", str(tmp_path / "hard"), {"model": "mnist-lenet", "train": "mnist-5k"}))
    child.until(Remark, lambda m: m.text.startswith("the test images were held out of those given for training"))
    child.tell(Control(26, "cancel"))
    assert not child.until(Finished)[-1].complete
    # A command that is cancelled keeps what is finished, and goes on from there.
    order = CommandOrder(23, "degradations", str(tmp_path / "many"), subject | {"copies": 40})
    child.tell(order)
    child.until(Progress, lambda m: m.done > 0)
    child.tell(Control(23, "cancel"))
    assert not child.until(Finished)[-1].complete
    begun = [folder for folder in (tmp_path / "many").iterdir() if (folder / "run.json").exists()]
    assert 1 <= len(begun) < 18 and all(open_run(folder).progress[0] >= 0 for folder in begun)
    # An assessment can be opened while it goes on.
    child.tell(CommandOrder(24, "assess", str(tmp_path / "assessed"), subject | {"minutes": 5.0}))
    opened = child.until(Opened, lambda m: m.job == 24)[-1]
    assert opened.out == str(tmp_path / "assessed") and open_assessment(opened.out).figures.families
    child.tell(Control(24, "cancel"))
    assert not child.until(Finished)[-1].complete
