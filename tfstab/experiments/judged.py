"""What all comparisons of two networks decide: in which respects the second one is worse."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from tfstab.experiments.worse import Pair


class Judged:
    """A base of comparisons."""

    def worse(self, of_classes: Sequence[str] = ()) -> tuple[str, ...]:
        """Return in which respects the second network is shown to be worse, as `tfstab compare --fail-if-worse` does.

        Parameters
        ----------
        of_classes : sequence of str, optional
            Names of the only classes that count; by default all.

        Returns
        -------
        tuple of str
            Such as "clean images", "class cat" or "fog"; () if nothing is shown. All of them are decided at once,
            with 95 % confidence.

        Raises
        ------
        InputError
            The networks have no images of one of these classes in common.

        Examples
        --------
        >>> tfstab.compare(sweep, sweep).worse()
        ()
        """
        from tfstab.experiments.worse import worse

        return tuple(worse(cast("Pair", self), of_classes))
