"""The norm that a search minimises: how long noise is, and the shortest noise that reaches a linearised boundary."""

from tfstab.errors import unknown_name
from tfstab.search.norm.grey import L1, L2, Linf
from tfstab.search.norm.l0 import L0
from tfstab.search.norm.protocol import Norm

__all__ = ["GREY", "L0", "L1", "L2", "NORMS", "Linf", "Norm", "get_norm", "in_words", "sized"]

_NORMS: dict[str, Norm] = {norm.name: norm for norm in (L2(), Linf(), L1(), L0())}
NORMS = tuple(_NORMS)
# Norms that measure grey levels. Scaling noise changes them, which some engines need.
GREY = tuple(norm.name for norm in _NORMS.values() if norm.unit == L2.unit)


def get_norm(name: str) -> Norm:
    """Return the norm with this name; raise InputError for an unknown one.

    Examples
    --------
    >>> from tfstab.search.norm import get_norm
    >>> float(get_norm("l1").length(np.array([3.0, -4.0])))
    7.0
    """
    if name not in NORMS:
        raise unknown_name("norm", str(name), NORMS)
    return _NORMS[name]


def in_words(norm: Norm, size: float) -> str:
    """Return a size of noise in words: "L2 42.3 grey levels" or, if the norm counts, "L0 5 values"."""
    return f"{norm.title} {sized(norm, size)} {norm.unit}"


def sized(norm: Norm, size: float, form: str = ".1f") -> str:
    """Return a size of noise in this form of Python's format(), without decimals if the norm counts and it is whole.

    Examples
    --------
    >>> from tfstab.search.norm import get_norm, sized
    >>> sized(get_norm("l0"), 6.0), sized(get_norm("l0"), 6.5), sized(get_norm("l2"), 6.0)
    ('6', '6.5', '6.0')
    """
    return format(size, f"{form.partition('.')[0]}.0f" if norm.unit == L0.unit and size % 1 == 0 else form)
