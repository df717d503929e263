"""States of a sweep and a search that a file gives: taken over, or refused in a sentence."""

import made_up_runs
import numpy as np
import pytest
from doubles import Held

from tfstab import open_run
from tfstab.errors import InputError
from tfstab.gui.sessions.search_session import SearchSession
from tfstab.gui.sessions.sweep_session import SweepSession
from tfstab.gui.sessions.sweep_state import SweepState

BOTH = "wrong in both"


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Three classes, two sigmas, three copies of the images 2, 3, 5 and 8."""
    return open_run(made_up_runs.sweep(tmp_path_factory.mktemp("states") / "sweep"))


@pytest.fixture
def session(qapp, swept):
    session = SweepSession(swept, held := Held())
    held.answer_all()
    return session


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"selected": [2]}, None),
        ({"selected": [2, 1, 2]}, None),
        ({"selected": 2, "class": 0}, None),
        ({"selected": 2, "class": None}, None),
        ({"selected": 5}, None),
        ({"selected": [2, 2, 0]}, "selected"),
        ({"selected": [2, 0, 3]}, "selected"),
        ({"selected": [2, 0]}, "selected"),
        ({"selected": [2, 0, 0, 0]}, "selected"),
        ({"selected": []}, "selected"),
        ({"selected": 4}, "selected"),
        ({"selected": -1}, "selected"),
        ({"selected": [2, -1, 0]}, "selected"),
        ({"selected": [2, True, 0]}, "selected"),
        ({"selected": 2, "class": 1}, None),  # an image that was not degraded may be of any class
        ({"class": 3}, "class"),
        ({"filter": {"severity_index": 1, "predicted": 2, "image": 5, "low": 0.0, "high": 1.0}}, None),
        ({"filter": {"severity_index": 2}}, "severity_index"),
        ({"filter": {"predicted": 3}}, "predicted"),
        ({"filter": {"image": -1}}, "image"),
        ({"filter": {"low": -0.1}}, "low"),
        ({"filter": {"high": 1.1}}, "high"),
        ({"filter": {"clean_wrong": 0}}, "clean_wrong"),
        ({"listed": {"sort": ["psnr", True]}}, None),
        ({"listed": {"sort": ["psnr"]}}, "sort"),
        ({"listed": {"sort": ["psnr", 1]}}, "sort"),
        ({"listed": {"sort": ["kind", True]}}, "sort"),
        ({"listed": {"sort": ["psnr", True, True]}}, "sort"),
        ({"listed": {"picked": [[0, 0], [1, 0], [1, 1]]}}, None),
        ({"listed": {"picked": [[0, 0], [1, 0]]}}, "picked"),
        ({"listed": {"picked": [[0, 0], [1, 0], [1, 1, 1]]}}, "picked"),
        ({"listed": {"picked": [[0, 0]] * 10_001}}, "picked"),
        ({"listed": {"against": ["predicted-by-0", BOTH]}}, None),
        ({"listed": {"against": ["predicted-by-999", BOTH]}}, None),
        ({"listed": {"against": ["predicted-by-1000", BOTH]}}, "against"),
        ({"listed": {"against": ["predicted-by-0"]}}, "against"),
        ({"listed": {"against": ["predicted-by-0", "lost"]}}, "against"),
        ({"listed": {"against": ["psnr", BOTH]}}, "against"),
        ({"listed": {"against": [0, BOTH]}}, "against"),
        ({"listed": {"against": ["predicted-by-", BOTH]}}, "against"),
        ({"listed": {"against": ["predicted-by-X", BOTH]}}, "against"),
        ({"listed": {"against": [BOTH, "predicted-by-0"]}}, "against"),
        ({"listed": {"group": "pair"}}, None),
        ({"listed": {"group": "class"}}, "group"),
        ({"listed": {"marked_only": "yes"}}, "marked_only"),
        ({"listed": {"file": "cat/"}}, None),
        ({"listed": {"file": 7}}, "file"),
        ({"listed": {"file": "x" * 1_001}}, "file"),
        ({"listed": {"correct_too": None}}, "correct_too"),
    ],
)  # fmt: skip
def test_states_of_a_sweep(session, given, key):
    if key is not None:
        with pytest.raises(InputError, match=f"this run has no {key} "):
            SweepState.of(given, session)
        return
    values = SweepState.of(given, session).values()
    assert SweepState.of(values, session).values() == values
    for name, value in given.get("listed", {}).items():
        assert values["listed"][name] == value
    for name, value in given.get("filter", {}).items():
        assert values["filter"].get(name) == (None if value in (0.0, 1.0) and name in ("low", "high") else value)


def test_what_a_state_leaves_out_stays_or_is_left_out(session):
    session.select((3, 1, 0))
    session.set_filter(low=0.5)
    session.sort("score", True)
    session.pick(np.array([[0, 0], [60, 0], [60, 1]]))
    there = SweepState.of({}, session).values()
    assert there["selected"] == [3, 1, 0] and there["class"] == 0 and there["filter"] == {"low": 0.5}
    assert there["listed"]["sort"] == ["score", True] and len(there["listed"]["picked"]) == 3
    assert "picked" not in SweepState.of({"class": 0, "filter": {}}, session).values()["listed"]
    other = SweepState.of({"class": 1}, session).values()
    assert other["selected"] is None and other["filter"] == {"low": 0.5} and "picked" not in other["listed"]
    assert SweepState.of({"listed": {}}, session).values()["listed"] == {"sort": ["score", True]}
    assert SweepState.of({"filter": {}}, session).values()["listed"] == {"sort": ["score", True]}
    assert SweepState.of({"listed": {"sort": None}}, session).values()["listed"] == {"sort": None}
    assert SweepState.of({"selected": 5}, session).values()["class"] == 1, "the class of the image"
    assert SweepState.of({"selected": [8, 1, 2]}, session).selected == (8, 1, 2)
    assert SweepState.of({"selected": [8]}, session).selected == 8


def test_states_of_a_search(qapp, tmp_path):
    session = SearchSession(open_run(made_up_runs.search(tmp_path / "search")), held := Held())
    held.answer_all()
    session.restore({"selected": 5})
    held.answer_all()
    assert session.image == 5
    session.restore({})
    assert session.image == 5
    for wrong in (4, [5], "5", True):
        with pytest.raises(InputError, match="this run has no selected "):
            session.restore({"selected": wrong})
