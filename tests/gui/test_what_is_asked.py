"""What the viewer asks about degraded images in view, and once: runners-up, pictures, failure cards; no window."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from doubles import Held
from numpy_runs import search, sweep

from tfstab.errors import RunError
from tfstab.gui.content.failure_card import CardContent, read_at_once
from tfstab.gui.content.runner_up import UNKNOWN
from tfstab.gui.content.triple import triple_of_search
from tfstab.gui.jobs.card import MISSING
from tfstab.gui.jobs.protocol import Failed
from tfstab.gui.jobs.questions import Answer, DropOrder
from tfstab.gui.jobs.scorer import Scorer
from tfstab.gui.sessions import failure_card, lazy_pictures, runners_up
from tfstab.gui.sessions.failure_card import FailureCard
from tfstab.gui.sessions.lazy_pictures import LazyPictures
from tfstab.gui.sessions.runners_up import RunnersUp
from tfstab.gui.sessions.sweep_session import SweepSession


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A sweep by a model whose name is known, so that it can be asked."""
    run = sweep(tmp_path_factory.mktemp("asked") / "run")
    run.info["model"]["name"], run.info["environment"]["device"] = "mnist-lenet", "CPU"
    return run


@pytest.fixture
def held(qapp):
    return Held()


@pytest.fixture
def session(held, run):
    session = SweepSession(run, held)
    held.answer_all()
    return session


@pytest.fixture
def scorer(qapp):
    return Scorer()


@pytest.fixture
def turns(qapp):
    """Let everything happen that waits for the event loop."""
    return lambda: [qapp.processEvents() for _ in range(4)]


# --- runners-up ---


@pytest.fixture
def second(session, scorer, monkeypatch):
    monkeypatch.setattr(runners_up, "PATIENCE", 0)
    monkeypatch.setattr(runners_up, "MOST_ASKED", 2)
    made = RunnersUp(session, scorer)
    made.told = []
    made.arrived.connect(lambda: made.told.append(True))
    return made


def test_runners_up_are_asked_for_once_and_the_latest_first(second, session, scorer, held, turns, run):
    keys = [session.points.key(place) for place in (3, 7, 20, 30)]
    assert [second.get(key) for key in keys[:3]] == [UNKNOWN] * 3
    sign, why = second.unknown(keys[0])
    assert sign == "…" and "takes some seconds to load" in why
    turns()
    assert len(held.waiting) == 1 and second.get(keys[3]) == second.get(keys[1]) == UNKNOWN
    turns()
    assert len(held.waiting) == 1, "two are being made"
    held.answer()
    (order,) = scorer.process.orders
    made = np.stack([run.degraded_image(*key) for key in keys[1:3]])
    np.testing.assert_array_equal(order.arguments["images"], made)
    turns()
    assert len(held.waiting) == 1 and second.told == []
    scores = np.float32([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3]])
    scorer.process.message.emit(Answer(order.ticket, "scores", {"scores": scores}))
    assert [second.get(key) for key in keys] == [UNKNOWN, 2, 2, UNKNOWN] and second.told == [True]
    held.answer()
    turns()
    _, order = scorer.process.orders
    np.testing.assert_array_equal(order.arguments["images"], run.degraded_image(*keys[3])[None])
    scorer.process.message.emit(Failed("It cannot.", "", ticket=order.ticket))
    assert second.get(keys[3]) == UNKNOWN and second.told == [True] * 2
    assert second.unknown(keys[3]) == ("–", "Sweeps do not record the runner-up. It cannot.")
    held.waiting.clear()  # keys[0], which is in view again
    second._end()
    turns()
    assert held.waiting == []
    second.ask_again()
    assert len(second.told) == 3 and second.get(keys[1]) == 2 and second.get(keys[3]) == UNKNOWN
    turns()
    assert len(held.waiting) == 1
    session.stop()
    held.answer_all()
    second.get(session.points.key(1))
    turns()
    assert held.waiting == [] and len(scorer.process.orders) == 2, "the run was closed"


def test_runners_up_of_images_that_cannot_be_made_are_not_asked_for(second, session, scorer, held, turns, monkeypatch):
    key = session.points.key(3)

    def fail(*_):
        raise RunError("It is not known here.")

    monkeypatch.setattr(type(session.run), "degraded_image", fail)
    second.get(key)
    turns()
    held.answer()
    assert scorer.process.orders == [] and second.get(key) == UNKNOWN and held.said == []


def test_why_a_model_cannot_be_asked_for_runners_up(second, session, scorer, held, turns, run, monkeypatch):
    key = session.points.key(3)
    with monkeypatch.context() as away:
        away.setitem(run.info["model"], "name", "elsewhere")
        second.get(key)
        turns()
        sign, why = second.unknown(key)
    assert sign == "–" and "the file of the model elsewhere" in why and held.waiting == []
    second.get(key)
    turns()
    assert len(held.waiting) == 1, "it is known now"
    failing = SimpleNamespace(lacks=lambda model: "", has_failed=lambda model: True)
    other = RunnersUp(session, failing)
    other.get(key)
    assert other.unknown(key)[1].endswith(" mnist-lenet cannot score.")


# --- pictures ---


def test_a_picture_is_made_once_and_a_large_one_is_kept_alone(held, turns, monkeypatch):
    monkeypatch.setattr(lazy_pictures, "ROOM", 10)
    monkeypatch.setattr(lazy_pictures, "AT_ONCE", 2)
    made, arrived = [], []

    def make(key):
        made.append(key)
        if key == 9:
            raise RunError("It is not known here.")
        return np.full((4, 4, 1), key, np.uint8)

    pictures = LazyPictures(held, make)
    pictures.arrived.connect(lambda: arrived.append(list(made)))
    for key in (1, 2, 3, 1):
        assert pictures.get(key) is None
    turns()
    assert len(held.waiting) == 1
    held.answer_all()
    assert made == [1, 3, 2] and arrived == [[1, 3], [1, 3, 2]]
    assert (pictures.get(2) == 2).all() and pictures.get(1) is None
    turns()
    assert pictures.get(9) is None and len(held.waiting) == 1
    held.answer_all()
    assert pictures.get(9) is None and made == [1, 3, 2, 1, 9]
    turns()
    assert held.waiting == [], "there is no such picture"


# --- failure cards ---


@pytest.fixture
def card(session, scorer, held, monkeypatch):
    monkeypatch.setattr(failure_card, "PATIENCE", 0)
    made = FailureCard(scorer, held, lambda: made.session)
    made.session, made.told = session, []
    made.started.connect(lambda: made.told.append("started"))
    made.changed.connect(made.told.append)
    return made


def test_a_card_is_asked_for_while_it_can_be_seen(card, session, scorer, held, turns):
    def heard():
        turns()
        told, card.told[:] = list(card.told), []
        return told

    card.follow(None)
    session.select_point(3)
    card.follow(session.triple)
    assert card.told == [], "its images are shown first"
    assert heard() == ["started"] and held.waiting == [] and scorer.process.orders == []
    card.watch(True)
    card.watch(True)
    card.follow(replace(session.triple, bars=()))
    assert heard() == [] and len(held.waiting) == 1
    card.watch(True)
    turns()
    (order,) = scorer.process.orders
    assert len(held.waiting) == 1 and order.question == "card" and order.arguments["image"] == session.mark_key[0]
    held.answer()
    assert heard() == ["at once"] and card.content.at_once is not None
    scorer.process.message.emit(Answer(order.ticket, "margin", {"rival": 2}))
    assert heard() == ["margin"] and card.content.parts == {"margin": {"rival": 2}}
    before = card.content
    session.select_point(4)
    card.follow(session.triple)
    card.follow(session.triple)
    assert heard() == ["started"] and card.content is not before and len(held.waiting) == 1
    dropped, second = scorer.process.orders[1:]
    assert isinstance(dropped, DropOrder) and dropped.ticket == order.ticket
    scorer.process.message.emit(Failed("It cannot.", "", ticket=second.ticket))
    assert heard() == ["problem"] and card.content.problem == "It cannot."
    session.select_point(5)
    card.follow(session.triple)
    turns()
    held.answer()
    assert heard() == ["started"], "what follows from the run about an image that was left is not told"
    card.watch(False)
    held.waiting.clear()
    for triple in (replace(session.triple, subject=None), None):
        card.follow(triple)
        assert card.content is None and heard() == (["started"] if triple else [])
    session.select_point(6)
    card.follow(session.triple)
    assert heard() == ["started"] and held.waiting == [], "nobody looks at it"


def test_a_card_whose_model_is_not_here_is_asked_for_when_it_is(card, session, scorer, held, turns, run, monkeypatch):
    monkeypatch.setattr(failure_card, "read_at_once", lambda _: {}["key"])
    card.watch(True)
    with monkeypatch.context() as away:
        away.setitem(run.info["model"], "name", "elsewhere")
        session.select_point(3)
        card.follow(session.triple)
        turns()
        held.answer()
        assert "the file of the model elsewhere" in card.content.problem and scorer.process.orders == []
    assert card.told == ["started", "nothing at once"]
    card.ask_again()
    assert card.told[2:] == ["started"] and card.content.problem == ""
    turns()
    (order,) = scorer.process.orders
    assert order.question == "card" and len(held.waiting) == 1


def test_another_image_is_selected_only_in_the_run_of_the_card(card, session):
    selected = []
    card.select(3)
    session.select_point(3)
    card.follow(session.triple)
    card.session = None
    card.select(3)
    path = session.path
    for place in (path, path.parent, path / "inside", path.parent / "other"):
        card.session = SimpleNamespace(
            path=place, select_image=lambda image, place=place: selected.append((place, image))
        )
        card.select(4)
    assert selected == [(path, 4), (path.parent, 4)]


def test_what_is_known_of_an_image_for_the_words_of_its_cause(session, run):
    place = int(np.flatnonzero(session.points.predicted != session.points.actual)[0])
    session.select_point(place)
    triple = session.triple
    content, scores = CardContent(triple), run.clean.scores[run.clean.row(triple.subject.image)]
    found, names = content.findings, run.class_names
    assert (found.actual, found.predicted) == (names[triple.subject.actual], names[session.points.predicted[place]])
    assert (found.clean_prediction, found.clean_score) == (names[scores.argmax()], pytest.approx(scores.max()))
    assert (found.margins, found.random, found.places, found.gains, found.spectrum) == ((), None, None, {}, None)
    assert (
        content.rival == triple.subject.predicted and content.part("margin") is None and content.lacks("margin") == ""
    )
    assert (content.change, CardContent(replace(triple, noise_is="Difference")).change) == ("noise", "change")
    layers = {"names": ["a", "b", "end"], "gain": [2.0, 3.0, 9.0], "random_gain": [4.0, 0.0, 1.0]}
    content.parts |= {
        "margin": {"margins": [1.0, -2.0], "rival": 2}, "random": {"strengths": (1.0, 2.0), "changed": (0, 32)},
        "layers": layers | {"places": [["a", 1.5]], "others": [[1.0, 1.0]]},
    }  # fmt: skip
    content.at_once = read_at_once(triple)
    found = content.findings
    assert content.rival == 2 and found.margins == (1.0, -2.0) and found.random.changed == (0, 32)
    assert found.gains == {"a": 0.5, "b": np.inf} and found.others == [[1.0, 1.0]] and found.spectrum is None
    assert [(one.name, one.factor) for one in found.places] == [("a", 1.5)]
    assert content.at_once.copies.severities == ("5", "30", "90") and content.at_once.problem == ""
    content.parts["layers"] = {MISSING: "It cannot."}
    assert content.part("layers") is None and content.lacks("layers") == "It cannot." and content.findings.places == []


def test_only_of_minimum_noise_are_the_frequencies_mentioned(session, tmp_path):
    found = search(tmp_path / "search")
    result = next(one for one in map(found.result, found.images.tolist()) if one.found and one.l2 > 0)
    least = CardContent(triple_of_search(result, found.class_names, run=found))
    assert least.findings.spectrum is None, "not known yet"
    session.select_point(int(np.flatnonzero(session.points.predicted != session.points.actual)[0]))
    copy = CardContent(session.triple)
    for content in (least, copy):
        content.at_once = read_at_once(content.triple)
    assert least.findings.spectrum is least.at_once.spectrum and copy.findings.spectrum is None
    assert copy.findings.change == "noise" and copy.at_once.spectrum is not None, "which the card draws"
