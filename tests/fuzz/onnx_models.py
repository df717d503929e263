"""Changed ONNX files."""

import contextlib
from typing import Any

from fuzz.values import TEXTS, changed_bytes
from hypothesis import strategies as st

NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 4, 7, 9, 17, 99, 2**20, 2**31 - 1, 2**40, 2**62, -(2**63)])
# Each in the place of a text.
WORDS = TEXTS | st.sampled_from(
    [
        "x",
        "y",
        "kernel",
        "If",
        "Loop",
        "Softmax",
        "Identity",
        "Expand",
        "com.microsoft",
        "ORTM",
        "/etc/passwd",
        "\x1b[5m",
    ]
)


@st.composite
def changed_onnx(draw: Any, good: bytes) -> bytes:
    """A model with fields changed, removed, repeated or put elsewhere, or with bytes changed."""
    import onnx

    if draw(st.integers(0, 3)) == 0:
        return draw(changed_bytes(good))
    model = onnx.ModelProto.FromString(good)
    for _ in range(draw(st.integers(1, 3))):
        places = _places(model)
        message, field = draw(st.sampled_from(places))
        with contextlib.suppress(ValueError, TypeError):  # a value that such a field cannot have
            _change(draw, message, field, places)
    return model.SerializeToString()


def _places(message: Any) -> list[tuple[Any, Any]]:
    """(message, field) of all fields inside, those included that are not set."""
    places = [(message, field) for field in message.DESCRIPTOR.fields]
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inside in [value] if hasattr(value, "DESCRIPTOR") else value:
                places += _places(inside)
    return places


def _change(draw: Any, message: Any, field: Any, places: list[tuple[Any, Any]]) -> None:
    """Change one field."""
    value = getattr(message, field.name)
    what = draw(st.sampled_from(["set", "set", "clear", "again", "elsewhere"]))
    if what == "clear":
        message.ClearField(field.name)
    elif field.message_type is not None:
        others = [m for m, _ in places if m.DESCRIPTOR is field.message_type] or [None]
        other = draw(st.sampled_from(others))
        target = value if hasattr(value, "DESCRIPTOR") else value.add()
        if other is not None and what != "set":
            target.CopyFrom(type(other).FromString(other.SerializeToString()))  # of itself, perhaps
    else:
        one = draw(_scalars(field))
        if hasattr(value, "append"):
            value.append(one)
            if len(value) > 1 and what == "set":
                value[0] = one
        else:
            setattr(message, field.name, one)


def _scalars(field: Any) -> st.SearchStrategy[Any]:
    """Values for a field of numbers, bytes or text."""
    if field.cpp_type == field.CPPTYPE_STRING:
        return st.binary(max_size=40) if field.type == field.TYPE_BYTES else WORDS
    return st.floats(width=32) if field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE) else NUMBERS
