"""Whether the size of a tensor in a model's graph depends on the images' grey levels.

If it does not, what holds for a few images of noise holds for all images.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any


def sized_by_images(
    nodes: Iterable[tuple[str, Iterable[Any], Iterable[Any]]],
    images: set[Hashable],
    sized_by: Mapping[str, Collection[int]],
    sizes: Collection[str],
) -> str:
    """Return the first operator whose output has a size that depends on the images' grey levels; "" if there is none.

    Parameters
    ----------
    nodes : iterable of tuple
        Operator, inputs and outputs of each node, in the order in which they are computed.
    images : set
        The graph's inputs.
    sized_by : mapping
        Operators whose output's size follows from the values of inputs, with the places of these inputs.
    sizes : collection of str
        Operators that return the size of a tensor.
    """
    of_images = set(images)
    for operator, given, returned in nodes:
        inputs, places = list(given), sized_by.get(operator, ())
        if any(tensor in of_images for place, tensor in enumerate(inputs) if place in places):
            return operator
        if operator not in sizes and not of_images.isdisjoint(inputs):
            of_images |= set(returned)
    return ""
