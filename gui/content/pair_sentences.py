"""What comparisons of two networks on the same images say, in sentences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfstab.errors import TfstabError
from tfstab.gui.content.pairing import Pairing, points
from tfstab.names import all_named
from tfstab.runs.together import is_hardened_from
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.search import SearchRun


def sentence(pairing: Pairing, own: str, beside: Sequence[str] = ()) -> str:
    """Say how the network in view compares with another one, over all degradations and on clean images.

    beside: names of networks in other sentences on the same page; all are in quotes if one of them needs them.
    """
    from tfstab.experiments.class_text import class_sentences, undecided_classes
    from tfstab.experiments.comparison_text import chosen_notes, mcnemar_words, undecided

    if pairing.overall is None or pairing.on_clean is None:
        why = pairing.rows[0].problem if pairing.rows else "no runs"
        return f"{' and '.join(all_named(pairing.model, own, *beside)[:2])} cannot be compared: {why}"
    clean = pairing.on_clean
    first, second = all_named(*pairing.names(own), *beside)[:2]
    told = (
        f"{second} minus {first}: {points(pairing.overall)} points over all degraded copies of the "
        f"{counted(pairing.overall.count)} that both have{undecided(pairing.overall)}."
        f"{f' {pairing.few}' if pairing.few else ''} Of "
        f"{counted(len(clean.images), 'clean image')}, {mcnemar_words(clean, first, second)}."
    )
    loss = [] if pairing.loss is None else [pairing.loss.sentence(first, second)]
    classes = *class_sentences(clean, first, second), *undecided_classes(clean, first, second)
    return " ".join([told, *loss, *chosen_notes(clean, first, second), *classes])


def in_short(pairing: Pairing, own: str, beside: Sequence[str] = ()) -> str:
    """Return in which respects the network in view is better and worse than another one, or "".

    beside: as of `sentence`.
    """
    if pairing.in_short is None:
        return ""
    first, second = all_named(*pairing.names(own), *beside)[:2]
    return f"{pairing.in_short.sentence(first, second)} "


def applied_notes(pairings: Sequence[Pairing], beside: Sequence[str] = ()) -> list[str]:
    """Return that each degradation was applied alone, and what was compared in one direction only.

    The latter is one sentence, or one for each network if they differ. beside: as of `sentence`.
    """
    from tfstab.degradations.alone import applied_alone
    from tfstab.degradations.directions import said_of_one_way

    compared = [pairing for pairing in pairings if pairing.overall is not None]
    if not compared:
        return []
    combined = dict.fromkeys(title for pairing in compared for title in pairing.combined)
    alone, notes = applied_alone(list(combined), compared=True), [said_of_one_way(one.one_way) for one in compared]
    if len(set(notes)) == 1:
        return [alone, *filter(None, notes[:1])]
    names = all_named(*(pairing.model for pairing in compared), *beside)
    return [alone, *(f"{name}: {note}" for name, note in zip(names, notes, strict=False) if note)]


def sentences_of_searches(own: "SearchRun", others: "Sequence[SearchRun]") -> str:
    """Return what the comparisons of a search with others say, a paragraph for each; or why there is none."""
    from tfstab.experiments.comparison_text import search_sentences, untitled_names
    from tfstab.experiments.search_comparison import SearchComparison

    said = []
    for other in others:
        try:
            pair = SearchComparison(*(own, other) if is_hardened_from(other.path, own.path) else (other, own))
            said.append(" ".join(search_sentences(pair, untitled_names(pair))))
        except TfstabError as error:
            said.append(str(error))
    return "\n".join(said)
