"""Sentences on the highest scores of an image."""

from collections.abc import Sequence

from tfstab.names import all_quoted
from tfstab.wording import scored


def tie_of(first: str) -> str:
    """Say which of the classes with equal highest scores is predicted. first: its name, quoted if need be."""
    return f"a tie, in which the class that comes first, {first}, is predicted"


def scores_when_wrong(ranked: Sequence[tuple[str, float]], actual: str, score: float) -> str:
    """Return the two highest scores of a clean image, given as (class, score), and how far its true class is behind.

    Equal scores are common if a quantised model returns them in steps.
    """
    highest, next_one = ranked[0][1], ranked[1][1]
    behind, high, following = highest - score, scored(highest), scored(next_one)
    if next_one < 0.0005:  # as of models that return only classes
        first, true = all_quoted((ranked[0][0], actual))
        return f"It is taken for {first} with a score of {high}; the true class, {true}, has {scored(score)}."
    first, second, true = all_quoted((ranked[0][0], ranked[1][0], actual))
    less = "less than 0.001 less" if behind < 0.001 else f"{scored(behind)} less"
    begin = f"Its highest scores are {high} for"  # each score before its class, whose name may be a number
    if highest == next_one:
        tie = f": {tie_of(first)}"
        if ranked[1][0] == actual:
            return f"{begin} both class {first} and the true class, {true}{tie}."
        return (
            f"{begin} both class {first} and class {second}{tie}; the true class, {true}, has {scored(score)}, {less}."
        )
    if ranked[1][0] == actual:
        return f"{begin} class {first} and {following} for the true class, {true}: {less}."
    return (
        f"{begin} class {first} and {following} for class {second}; the true class, {true}, has {scored(score)}: "
        f"{less} than the highest."
    )
