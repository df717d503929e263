"""What all comparisons of two networks share: how they are printed, and whether the second network is worse."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from tfstab.datasets.groups import groups_note
from tfstab.datasets.remarks import remarks_of
from tfstab.degradations.directions import one_way_note
from tfstab.experiments.comparison_text import pair_title, run_names
from tfstab.models.validation import chosen_by_notes
from tfstab.names import html_summary

if TYPE_CHECKING:
    import pandas as pd

    from tfstab.experiments.named_classes import Pair, PossibleClassLoss


class Judged:
    """Base class of comparisons.

    Attributes
    ----------
    warnings : tuple of str
        Sentences on what the run folders say against the comparison: different inputs, different numbers of training
        steps, or images that may have been used in training. `tfstab.compare` adds them.
    """

    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the title, the notes, what is left out, and the summary, as `tfstab compare` prints them."""
        pair = cast("Pair", self)
        title = pair_title(*run_names([pair.first, pair.second]))
        return "\n".join([title, *self.notes, *pair.left_out, pair.summary()])

    @property
    def remarks(self) -> tuple[str, str]:
        """What each run recorded of its images, such as that several are of the same group."""
        pair = cast("Pair", self)
        one = pair.largest if hasattr(pair, "largest") else pair
        return remarks_of(one.first.info["data"]), remarks_of(one.second.info["data"])

    @property
    def notes(self) -> list[str]:
        """Sentences on what limits the comparison: the `warnings`, groups of images, directions that were not measured.

        Such as "Measured in one direction only: brightness (brighter)."; [] if there are none.
        """
        from tfstab.experiments.named_classes import sweeps_of

        sweeps = sweeps_of(cast("Pair", self))
        one_way = one_way_note((one.first.degradation, one.severities) for one in sweeps)
        found = [groups_note(*self.remarks), *self.warnings, *self.chosen_by, one_way]
        return [*dict.fromkeys(filter(None, found))]

    @property
    def chosen_by(self) -> list[str]:
        """Sentences on images by which the weights of a hardened network were chosen; [] if there are none."""
        pair = cast("Pair", self)
        pairs = pair.pairs if hasattr(pair, "pairs") else [pair]
        return chosen_by_notes(run.info for one in pairs for run in (one.first, one.second))

    def _repr_html_(self) -> str:
        """Return the printed text and the table as HTML, for a notebook."""
        return html_summary(str(self), cast("Pair", self).to_pandas())

    def worse(self, of_classes: str | Sequence[str] = (), tolerance: float = 0.0) -> tuple[str, ...]:
        """Return in which respects the second network is shown to be worse, as `tfstab compare --fail-if-worse` does.

        Parameters
        ----------
        of_classes : str or sequence of str, optional
            Name or names of the only classes that count; by default all.
        tolerance : float
            Accepted loss of accuracy, recall or precision, as a share: with 0.02, only a loss that is certainly larger
            than 2 points counts. It does not apply to the minimum noise.

        Returns
        -------
        tuple of str
            Such as "clean images", "class cat" or "fog"; () if nothing is shown. All of them are decided at once,
            with 95 % confidence.

        Raises
        ------
        InputError
            The networks have no images of one of these classes in common, or the tolerance is not in 0..1.

        Examples
        --------
        >>> tfstab.compare(sweep, sweep).worse()
        ()
        """
        from tfstab.experiments.worse import worse

        return tuple(worse(cast("Pair", self), _names(of_classes), tolerance))

    def judgement(self, of_classes: str | Sequence[str] = (), tolerance: float = 0.0) -> str:
        """Return what `tfstab compare --fail-if-worse` prints last: what was compared, and where the second is worse.

        It also says what does not count: differences that are not decided for all comparisons together, and what was
        measured for only one of the networks. For named classes, it says how large a loss of recall remains possible.
        At the end is what `notes` say about images that chose the weights.

        Parameters
        ----------
        of_classes : str or sequence of str, optional
            Name or names of the only classes that count; by default all.
        tolerance : float
            As in `worse`.

        Raises
        ------
        InputError
            The networks have no images of one of these classes in common, or the tolerance is not in 0..1.

        Examples
        --------
        >>> tfstab.compare(sweep, sweep).judgement().startswith("None of the ")
        True
        """
        from tfstab.experiments.worse import worse_sentence

        return worse_sentence(cast("Pair", self), _names(of_classes), tolerance)

    def class_table(self, of_classes: str | Sequence[str]) -> "pd.DataFrame":
        """Return the recall, precision and specificity of some classes, as `tfstab compare --class` prints them.

        Parameters
        ----------
        of_classes : str or sequence of str
            Name or names of the classes, chosen before the results were known.

        Returns
        -------
        DataFrame
            For each class a row for its recall and one for its precision on clean images, then for each degradation one
            for its recall and one for its specificity, the share of the images of other classes that are not taken for
            it; both are means over the severities. The index names each row as `worse` does: "recall of class cat under
            fog". Column `images` counts the images that are compared: those of the class for recall, those that at
            least one of the networks takes for it for precision, and those of other classes for specificity. The other
            columns: `first` and `second` (shares, 0..1), `difference` (second less first), the ends `low` and `high` of
            its 95 % interval, for this row alone, and `better` ("first", "second" or "not decided"), decided for all
            rows at once, as by `worse`. Of recalls, `taken_first` and `taken_second` are the shares of the images of
            other classes that each network takes for the class, and `says_little` is whether the network with the
            higher recall takes far more of them, so that its higher recall says little.

        Raises
        ------
        InputError
            No class is named, or the networks have no images of one of these classes in common.

        Examples
        --------
        >>> both = tfstab.compare(sweep, sweep).class_table("7")
        >>> both.index[0], both.index[-1]
        ('recall of class 7', 'specificity of class 7 under Gaussian noise')
        """
        from tfstab.experiments.comparison_frames import classes_frame
        from tfstab.experiments.named_classes import class_figures

        return classes_frame(class_figures(cast("Pair", self), _names(of_classes)))

    def possible_class_loss(self, of_classes: str | Sequence[str]) -> "PossibleClassLoss":
        """Return how much lower the recall of some classes is at most, on clean images and under each degradation.

        The limit comes from the intervals with which `worse` decides about all figures of these classes
        at once, which are wider than those of `class_table`. It holds for all these recalls, and together with what
        `worse` says of them, with 95 % confidence.

        Parameters
        ----------
        of_classes : str or sequence of str
            Name or names of the classes, chosen before the results were known.

        Returns
        -------
        PossibleClassLoss
            The largest possible loss: `loss` (a share, 0..1; negative if every recall is certainly higher; 1 if a
            recall is not known), `what` (the recall that it is of, as in `class_table`) and `images` (the number of
            images that were compared for it).

        Raises
        ------
        InputError
            No class is named, or the networks have no images of one of these classes in common.

        Examples
        --------
        >>> found = tfstab.compare(sweep, sweep).possible_class_loss("7")
        >>> found.loss, found.what, found.images  # one image excludes no loss
        (1.0, 'recall of class 7', 1)
        """
        from tfstab.experiments.named_classes import possible_class_loss

        return possible_class_loss(cast("Pair", self), _names(of_classes))


def _names(of_classes: str | Sequence[str]) -> Sequence[str]:
    """Return one or several names as several."""
    return [of_classes] if isinstance(of_classes, str) else of_classes
