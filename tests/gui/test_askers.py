"""Those who ask a model: what each of them is told, also after it has gone; and which model answers."""

import io
import os
import time
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import Silent
from numpy_runs import SIDE, brightness, classifier
from PySide6.QtCore import QObject
from shiboken6 import delete

from tfstab.classifier.source import Source
from tfstab.content import Content
from tfstab.gui.jobs import worker as workers
from tfstab.gui.jobs.locating import CHANGED
from tfstab.gui.jobs.protocol import Failed, Quit, decode, encode
from tfstab.gui.jobs.questions import Answer, AskOrder, DropOrder
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.jobs.worker import Worker
from tfstab.orders import ModelOptions
from tfstab.runs.known_models import find_for_form, known_model, remember_model, source_at

MODEL = {"name": "mnist-lenet", "fingerprint": "f"}
IMAGES = np.full((2, SIDE, SIDE, 1), 40, np.uint8)


@pytest.fixture
def scorer(qapp):
    """A scorer whose child process never answers; `said` has what each `failed` signal carried."""
    made = Scorer()
    assert isinstance(made.process, Silent)
    made.said = []
    made.failed.connect(lambda *said: made.said.append(said))
    yield made
    made.shut_down()


def asking(scorer, told, fails=True, owner=None):
    on_failed = (lambda *said: told.append(said)) if fails else None
    return scorer.ask(MODEL, "scores", {"images": IMAGES}, lambda part, _: told.append(part), on_failed, owner)


def test_a_deleted_asker_is_told_nothing_and_its_question_is_dropped(scorer):
    owner, told, others = QObject(), [], []
    gone, stays = asking(scorer, told, owner=owner), asking(scorer, others)
    scorer.process.message.emit(Answer(gone, "first", {}))
    delete(owner)
    scorer._idle.stop()
    scorer.process.message.emit(Answer(gone, "second", {}))
    assert told == ["first"] and scorer.process.orders[-1].ticket == gone and not scorer._idle.isActive()
    assert isinstance(scorer.process.orders[-1], DropOrder)
    scorer.process.message.emit(Answer(stays, "first", {}))
    assert others == ["first"] and scorer.busy and scorer._idle.isActive(), "it is in use"
    scorer.process.message.emit(Answer(stays, "", {}, last=True))
    assert not scorer.busy


def test_a_crash_is_told_to_each_asker_that_is_still_there(scorer):
    owner, told = QObject(), {name: [] for name in ("gone", "own", "other")}
    asking(scorer, told["gone"], fails=False, owner=owner)
    asking(scorer, told["own"])
    delete(owner)
    scorer.process.ended.emit("The child process ended with code 1", "details")
    assert scorer.said == [], "the one that does not take its failure has gone"
    ((sentence, details),) = told["own"]
    assert sentence.startswith("The child process ended with code 1 while answering;") and details == "details"
    asking(scorer, told["own"])
    asking(scorer, told["other"], fails=False)
    scorer.process.ended.emit("The child process ended with code 1", "more")
    assert scorer.said == [(sentence, "more")] and len(told["own"]) == 2 and told["other"] == told["gone"] == []


def test_a_closed_scorer_takes_no_question(scorer, tmp_path):
    scorer.shut_down()
    assert asking(scorer, []) is None
    scorer.locate(MODEL, tmp_path / "a.keras", (4, 4, 1), print, scorer)
    assert scorer.process.orders == [] and not scorer.busy


def test_a_file_is_located_only_if_it_is_the_model_and_trusted_only_if_asked(scorer, tmp_path):
    located, told, model = [], [], {"name": "own", "fingerprint": "g"}
    scorer.located.connect(lambda: located.append(True))
    for name, trust in (("a.keras", False), ("b.keras", True)):
        (tmp_path / name).touch()
        scorer.locate(model, tmp_path / name, (4, 4, 1), lambda *said: told.append(said), scorer, *([trust] * trust))
    first, second = scorer.process.orders
    assert (first.options, second.options) == ({}, {"trust": True}) and first.arguments == {"image_shape": [4, 4, 1]}
    hear = scorer.process.message.emit
    hear(Answer(first.ticket, "fingerprint", {"fingerprint": "another"}))
    assert located == [] and "a.keras is not the model of this run (own)" in told[0][0] and not scorer.knows(model)
    hear(Answer(second.ticket, "fingerprint", {"fingerprint": "g", "content": ["1", "2"]}))
    assert located == [True] and len(told) == 1 and scorer.knows(model)
    assert known_model("g")[2:] == ("1", "2"), "what the child has loaded is trusted"


def test_a_large_model_is_compared_with_what_was_trusted_in_the_child_and_not_while_the_window_waits(
    scorer, tmp_path, monkeypatch, qtbot
):
    (path := tmp_path / "big.h5").touch()
    os.truncate(path, 3 << 30)  # reading it takes seconds
    model = {"name": "own", "fingerprint": "f"}
    remember_model("f", Source(str(path), {"trust": True}, Content("0" * 64, "1" * 64)))
    began = time.thread_time()
    assert scorer.knows(model) and not scorer.has_failed(model)
    ticket = scorer.ask(model, "scores", {"images": IMAGES}, lambda *_: None)
    assert find_for_form(model) == (str(path), {}), "the user is to trust it again"
    qtbot.wait(50)
    assert time.thread_time() - began < 0.5, "the window read the file"

    os.truncate(path, 5)  # for the child, where this may take long
    monkeypatch.setattr(ModelOptions, "load", lambda _: pytest.fail("code ran that nobody has trusted"))
    told, ended = io.BytesIO(), []
    monkeypatch.setattr(workers.threading, "Timer", lambda *_: SimpleNamespace(start=lambda: ended.append(True)))
    Worker(map(encode, (*scorer.process.orders, Quit())), told).work()
    qtbot.waitUntil(lambda: bool(ended))
    (failed,) = map(decode, told.getvalue().splitlines())
    assert failed.ticket == ticket and f"{path} {CHANGED}" in failed.sentence and failed.details == ""
    assert "it or a module that it needs has changed since it was trusted" in failed.sentence


def test_a_model_is_loaded_again_when_its_file_has_changed(monkeypatch, tmp_path):
    path, told, loads, ended = tmp_path / "own.keras", io.BytesIO(), [], []
    monkeypatch.setattr(workers.threading, "Timer", lambda *_: SimpleNamespace(start=lambda: ended.append(True)))

    def load(_):
        loads.append(True)
        return classifier(*([brightness, "dark"] if len(loads) == 1 else [lambda x: brightness(255 - x), "light"]))

    def written(when):
        path.touch()
        os.utime(path, ns=(when, when))

    def orders():
        changes = (lambda: written(5_000), lambda: None, lambda: written(7_000), path.unlink, lambda: written(7_000))
        for ticket, change in enumerate(changes, 1):
            change()
            yield encode(AskOrder(ticket, "scores", str(path), "", arguments={"images": IMAGES}))
            while told.getvalue().count(b'"last":true') < ticket:
                time.sleep(0.001)
        yield encode(AskOrder(9, "why", str(path), "", arguments={"images": IMAGES}))
        yield encode(Quit())

    monkeypatch.setattr(ModelOptions, "load", load)
    Worker(orders(), told).work()
    while not ended:
        time.sleep(0.001)
    messages = [decode(line) for line in told.getvalue().splitlines()]
    scores = [m.values["scores"][0].argmax() for m in messages if isinstance(m, Answer) and not m.last]
    assert scores == [0, 0, 2, 2, 2] and len(loads) == 2, "a file that is gone is still the model"
    assert isinstance(messages[-1], Failed) and "the question 'why' is unknown" in messages[-1].sentence


def test_a_file_is_loaded_with_what_is_remembered_of_the_model_but_its_trust(tmp_path):
    path, saved = tmp_path / "own.keras", tmp_path / "saved" / "saved_model.pb"
    path.touch()
    model = {"name": "own", "fingerprint": "g"}
    assert source_at(path, model, False) == Source(str(path), {})
    remember_model("g", Source(str(path), {"outputs": "logits", "trust": True}))
    assert source_at(path, model, False) == Source(str(path), {"outputs": "logits"})
    trusted = Source(str(path), {"outputs": "logits", "trust": True})
    assert source_at(path, model | {"preprocess": "none"}, True) == trusted
    unit = {"outputs": "logits", "preprocess": "unit"}
    assert source_at(saved, model | {"preprocess": "unit"}, False) == Source(str(saved.parent), unit)


def test_what_libraries_print_in_the_child_does_not_come_between_its_messages(monkeypatch):
    done = []
    system = SimpleNamespace(
        dup=lambda descriptor: done.append(("copied", descriptor)) or 7,
        fdopen=lambda descriptor, mode: done.append(("opened", descriptor, mode)) or io.BytesIO(),
        dup2=lambda descriptor, other: done.append((descriptor, "in place of", other)),
        _exit=lambda code: done.append(("ended", code)),
    )
    monkeypatch.setattr(workers, "os", system)
    monkeypatch.setattr(workers.threading, "Timer", lambda *_: SimpleNamespace(start=lambda: None))
    monkeypatch.setattr(workers.sys, "stdin", SimpleNamespace(buffer=io.BytesIO()))
    monkeypatch.setattr(workers.backend, "left_out", set())
    workers.main()
    assert done == [("copied", 1), ("opened", 7, "wb"), (2, "in place of", 1), ("ended", 0)]
    assert workers.backend.left_out == set(workers.backend.OPTIONAL), "Keras is imported without what it need not have"
