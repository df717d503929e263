"""What window and child say to each other, without either."""

import dataclasses

import numpy as np
import pytest

from tfstab.gui.jobs.live import LiveSearch
from tfstab.gui.jobs.protocol import (
    Control,
    Failed,
    Generations,
    ImageDone,
    Line,
    Progress,
    ProtocolError,
    RunOrder,
    decode,
    encode,
)
from tfstab.gui.jobs.questions import Answer, AskOrder, DropOrder

NOISE = np.linspace(-3, 9, 12, dtype=np.float32).reshape(2, 2, 3)
LINES = [
    RunOrder(1, "search", "mnist-lenet", "folder:/a b/ü\n", "/tmp/run", {"max_queries": 5, "seed": 2**40}, limit=3),
    Control(1, "watch", 7),
    AskOrder(
        3, "scores", "m.keras", "ab", {"imports": ["a"]}, {"images": np.arange(8, dtype=np.uint8).reshape(1, 2, 2, 2)}
    ),
    DropOrder(3),
    Progress(1, 2, 3, 0.5, float("inf"), "images"),
    Generations(1, 7, 2, 100, True, [[1e8, 2.5, float("nan"), 0.0]], NOISE),
    Generations(1, 7, 2, 100, False, []),
    Answer(3, "maps", {"of": {"clean": np.float32([[0.25, 0.75]])}, "share": 0.5, "layers": ["conv1", "dense"]}),
    Answer(3, "", {}, last=True),
    Failed("A sentence.", "details\nof it", job=1),
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: type(line).__name__)
def test_a_line_comes_out_as_it_went_in(line):
    sent = encode(line)
    assert sent.endswith(b"\n") and sent.count(b"\n") == 1
    got = decode(sent)
    assert type(got) is type(line)
    for field in dataclasses.fields(line):
        expected, value = getattr(line, field.name), getattr(got, field.name)
        np.testing.assert_equal(value, expected)
        if isinstance(expected, np.ndarray):
            assert value.dtype == expected.dtype and value.shape == expected.shape


@pytest.mark.parametrize(
    "junk", [b"\n", b"Epoch 1/10\n", b"[]\n", b"{}\n", b'{"is":"Line2"}\n', b'{"is":"Control","job":1}\n', b"\xff\n"]
)
def test_anything_else_is_refused_in_one_sentence(junk):
    with pytest.raises(ProtocolError, match="no order and no message"):
        decode(junk)


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ('{"is":"Finished","job":1,"complete":true,"steps":0,"seconds":2}', True),
        ('{"is":"Finished","job":1,"complete":1,"steps":0,"seconds":2.5}', False),
        ('{"is":"Finished","job":true,"complete":true,"steps":0,"seconds":2.5}', False),
        ('{"is":"Finished","job":1,"complete":true,"steps":0.5,"seconds":2.5}', False),
        ('{"is":"Finished","job":1,"complete":true,"steps":0,"seconds":"2"}', False),
        ('{"is":"Finished","job":1,"complete":true,"steps":0,"seconds":2,"more":1}', False),
        ('{"is":"Control","job":1,"action":"watch","image":null}', True),
        ('{"is":"Control","job":1,"action":"watch","image":"3"}', False),
        ('{"is":"Answer","ticket":1,"part":"a","values":{"of":{"array":"AQI=","dtype":"|u1","shape":[2]}}}', True),
        ('{"is":"Answer","ticket":1,"part":"a","values":{"of":{"array":"A!QI=","dtype":"|u1","shape":[2]}}}', False),
        ('{"is":"Answer","ticket":1,"part":"a","values":{"of":{"array":"AQI=","dtype":"|u1","shape":[3]}}}', False),
    ],
)
def test_values_have_the_types_of_their_fields(line, fits):
    if not fits:
        with pytest.raises(ProtocolError):
            decode(line.encode())
        return
    decoded = decode(line.encode())
    assert type(decoded).__name__ in line and getattr(decoded, "seconds", 2) == 2
    assert not isinstance(decoded, Answer) or decoded.values["of"].tolist() == [1, 2]


def test_every_kind_of_line_is_known_by_its_name():
    assert {type(line).__name__ for line in LINES} < set(Line.known)


def test_live_search_keeps_what_is_in_work_and_what_is_watched():
    live = LiveSearch()
    for image in (4, 9):
        live.add(Generations(1, image, 1, 50, False, [[1e8, 1e8, 5.0, 0.0]]))
    live.watch(4)
    live.add(Generations(1, 4, 3, 150, True, [[9.0, 9.5, 8.0, 0.5], [8.0, 9.0, 7.04, 0.25]], NOISE))
    assert live.images[4].history.shape == (3, 4) and live.images[4].state == "norm 7.0"
    assert live.images[9].state == "not flipped yet" and live.images[9].noise is None
    live.end(ImageDone(1, 4, True, 6.5, "queries"))
    assert [image.image for image in live.in_work] == [9] and live.images[4].state == "done, norm 6.5"
    live.watch(9)
    assert list(live.images) == [9]
    live.end(ImageDone(1, 9, False, 0.0, "observer"))
    assert live.images[9].state == "stopped" and not live.in_work
