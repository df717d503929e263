"""The class whose recall a table of degradations shows beside the accuracy."""

from tfstab.assessment.clean_findings import near_chance
from tfstab.assessment.figures import Figures
from tfstab.assessment.ranking import standings
from tfstab.assessment.recall_findings import NAMED_FAMILIES
from tfstab.assessment.recalls import classes_by_recall, weakest_rare_class


def shown_classes(figures: Figures) -> dict[str, int]:
    """Return the class whose recall is shown under each degradation, by the name of the degradation.

    It is the rarer one of two classes if always answering the other one would be right nearly as often as the network;
    else, under each degradation, the class with the lowest recall.
    """
    rarer = rarer_class(figures)
    return {f.name: classes_by_recall(f)[0] if rarer is None else rarer for f in figures.families}


def rarer_class(figures: Figures) -> int | None:
    """Return the rarer one of two classes if the accuracy hides its recall; None otherwise."""
    rare = weakest_rare_class(figures.clean_classes)
    return rare.index if rare is not None and len(figures.clean_classes) == 2 and near_chance(figures) else None


def class_of_unnamed_falls(figures: Figures) -> str | None:
    """Return the rarer class if its recall falls under more degradations than the verdict names; None otherwise."""
    rarer = rarer_class(figures)
    falls = [fall for standing in standings(figures.families) for fall in standing.falls if fall.index == rarer]
    return figures.classes[falls[0].index] if len(falls) > 1 + NAMED_FAMILIES else None
