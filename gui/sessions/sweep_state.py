"""What is chosen in a sweep's session as JSON values, and the way back; states may come from a stranger's file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.errors import InputError
from tfstab.gui.content.grouping import IMAGE, PAIR, SEVERITY
from tfstab.gui.content.selection import BOTH, ELSEWHERE, GAINED, LOST, Against, Order, PointFilter
from tfstab.gui.content.viewpoint import State, is_point, is_whole
from tfstab.gui.sessions.marks import tag_name
from tfstab.gui.sessions.sweep_view import Ask

if TYPE_CHECKING:
    from tfstab.gui.content.points import Key
    from tfstab.gui.sessions.sweep_session import SweepSession

MOST_CORNERS = 10_000  # of an outline drawn by hand
LONGEST_NAME = 1_000  # letters that are looked for in file names


@dataclass(frozen=True, eq=False)
class SweepState:
    """What is chosen in a sweep.

    As a viewpoint's state it has the keys "class" (None for all), "filter" (the fields of PointFilter that are set),
    "listed" (what restricts and sorts the table) and "selected": [image, severity index, copy] of a point, an image's
    index for its first failure or, if it was not degraded, for the image itself, or None. A point is of the class in
    view; an image that was not degraded may be of any class.

    Attributes
    ----------
    class_index : int or None
        The class in view.
    ask : Ask
        The filter, and what restricts and sorts the table.
    selected : Key, int or None
        The selected point.
    """

    class_index: int | None
    ask: Ask
    selected: "Key | int | None"

    def values(self) -> dict[str, Any]:
        """Return the JSON values."""
        default, ask = PointFilter(), self.ask
        selected = list(self.selected) if isinstance(self.selected, tuple) else self.selected
        listed: dict[str, Any] = {}
        if ask.picked is not None:
            listed["picked"] = ask.picked.tolist()
        listed |= {name: True for name in ("correct_too", "marked_only") if getattr(ask, name)}
        listed |= {name: value for name in ("tag", "file", "group") if (value := getattr(ask, name))}
        if ask.against is not None:
            listed["against"] = [ask.against.column, ask.against.outcome]
        listed["sort"] = None if ask.order.column is None else [ask.order.column, ask.order.descending]
        return {
            "class": self.class_index,
            "filter": {name: value for name, value in vars(ask.filter).items() if value != getattr(default, name)},
            "listed": listed,
            "selected": selected,
        }

    @classmethod
    def of(cls, values: Mapping[str, Any], session: "SweepSession") -> "SweepState":
        """Return the state with these values; for missing values the session's present ones are taken.

        A filter without "listed" lists all that pass it, in the present order.

        Raises
        ------
        InputError
            The run has no such class, severity or image, or the selected point is of another class.
        """
        state, ask = State(values), session.view.asked
        selected = _selected(state, session)
        class_index = state.one_of("class", (*session.classes, None), session.class_index)
        if "selected" not in state:
            selected = session.selected if class_index == session.class_index else None
        elif selected is not None and "class" not in state:
            class_index = session.class_of(selected)
        elif isinstance(selected, tuple) and class_index not in (None, session.class_of(selected)):
            raise InputError(f"The view cannot be shown: its image {selected[0]} is not of class {class_index}.")
        changes: dict[str, Any] = {}
        if "filter" in state:
            changes["filter"] = _filter(state.inner("filter"), session)
        if "filter" in state or "listed" in state:
            changes |= _listed(state.inner("listed"), session, ask.order)
        elif class_index != session.class_index:
            changes["picked"] = None
        return cls(class_index, replace(ask, points=None, **changes), selected)


def _filter(state: State, session: "SweepSession") -> PointFilter:
    run = session.run
    return PointFilter(
        severity_index=state.one_of("severity_index", (*range(len(run.severities)), None), None),
        predicted=state.one_of("predicted", (*range(len(run.class_names)), None), None),
        image=state.whole("image", None),
        low=state.number("low", 0.0, 0.0, 1.0),
        high=state.number("high", 1.0, 0.0, 1.0),
        clean_wrong=state.flag("clean_wrong", True),
    )


def _listed(state: State, session: "SweepSession", order: Order) -> dict[str, Any]:
    """Return fields of Ask; `order` is that of a list which names none."""
    corners = state.items("picked", MOST_CORNERS)
    if corners is not None and (len(corners) < 3 or not all(map(is_point, corners))):
        state.refuse("picked", corners)
    sort = state.items("sort", 2)
    if sort is not None and (len(sort) != 2 or not isinstance(sort[1], bool) or not session.sortable(sort[0])):
        state.refuse("sort", sort)
    against = state.items("against", 2)
    if against is not None and not _is_comparison(against, session):
        state.refuse("against", against)
    return {
        "against": None if against is None else Against(*against),
        "picked": None if corners is None else np.array(corners, np.float64),
        "correct_too": state.flag("correct_too", False),
        "marked_only": state.flag("marked_only", False),
        "tag": tag_name(state.value("tag") or ""),
        "file": _text(state, "file"),
        "group": state.one_of("group", (IMAGE, PAIR, SEVERITY, None), None),
        "order": Order(*sort) if sort is not None else Order() if "sort" in state else order,
    }


def _text(state: State, key: str) -> str:
    """Return a line of text that is not too long, "" if it is absent."""
    value = state.value(key) or ""
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        state.refuse(key, value)
    return str(value)


def _is_comparison(against: list[Any], session: "SweepSession") -> bool:
    """Return whether these are the values of an Against."""
    fits = len(against) == 2 and against[1] in (LOST, GAINED, BOTH)
    return fits and isinstance(against[0], str) and against[0].startswith(ELSEWHERE) and session.sortable(against[0])


def _selected(state: State, session: "SweepSession") -> "Key | int | None":
    """Return the point to select, if the state names one."""
    value, run = state.value("selected"), session.run
    if value is None:
        return None
    key = value if isinstance(value, list) else [value]
    if len(key) not in (1, 3) or not all(map(is_whole, key)) or key[0] not in run.clean.indices:
        state.refuse("selected", value)
    if len(key) == 1:
        return int(key[0])
    if key[1] >= len(run.severities) or key[2] >= run.config.copies:
        state.refuse("selected", value)
    return int(key[0]), int(key[1]), int(key[2])
