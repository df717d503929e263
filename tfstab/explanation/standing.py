"""How a picture stands among the images of a run in one trait, and whether this may be why it is misclassified.

A trait may be unusual and yet harmless, and many misclassified images become right by any change. So a trait is named
as the reason only if the picture is right when it is undone, and if, of images with this trait, more are misclassified
because of it than for another reason and right when it is undone. What no change can undo is judged without the first
condition, and position, which is not given to other images, by how many misclassified images become right.

How often the reason is found, and how often it is named without reason, is measured by
tests/benchmarks/picture_faults.py; whether the share that goes with it is right, by picture_shares.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from numpy.typing import NDArray

from tfstab.degradations.directions import only_direction
from tfstab.explanation.made_alike import LEAST_LOST, Lost
from tfstab.explanation.traits import Trait, Values
from tfstab.explanation.tried import BLIND, Tried
from tfstab.wording import listed, out_of, percent

UNUSUAL = 0.98  # share of the images that a picture must exceed to stand out
NEAR = 0.95  # share from which a trait is mentioned although it does not stand out
LIMIT = f"unusual means more so than {percent(UNUSUAL)}"
TOO_FEW_RIGHT = "too few images of the run are known to be right to test whether this is why it is misclassified"
SUREST = 0.9  # no higher share is given: of pictures for which 97 % was estimated, 92 % were right without the fault
USUAL = 0.5  # if so many misclassified images become right alike, it proves little that the picture does, too


@dataclass(frozen=True)
class Standing:
    """How a picture stands among the images of a run in one trait.

    Attributes
    ----------
    trait : Trait
        The trait.
    exceeded : int
        How many of the images it exceeds in this trait: how many are brighter, for a dark picture.
    images : int
        How many images have this figure.
    wrong : tuple of int or None
        Of images of the run that are misclassified, how many become right when the same is done to them, and of how
        many; None if that was not tried.
    lost : Lost or None
        Of images of the run that are right, how many become wrong when they are made like the picture; None if that was
        not tried.
    wrong_of_class : bool
        Whether the images of `wrong` are of the picture's class; else of all classes.
    run_images : int or None
        How many images the run has; None if it was compared with all of them.
    behind : int
        How many of the images exceed it in this trait: how many are darker, for a dark picture.
    off_centre : float or None
        In pixels, how far its content lies from where it does in most images; None in other traits than position.
    """

    trait: Trait
    exceeded: int
    images: int
    wrong: tuple[int, int] | None = None
    lost: Lost | None = None
    wrong_of_class: bool = False
    run_images: int | None = None
    behind: int = 0
    off_centre: float | None = None

    @property
    def unusual(self) -> bool:
        """Whether an ordinary picture would rarely stand out so much, and by an amount that may be a fault."""
        return stands_out(self.exceeded, self.images) and not self.slight

    @property
    def near(self) -> bool:
        """Whether it is mentioned although it is not unusual."""
        return not self.unusual and self.decided and self.exceeded >= NEAR * self.images and not self.slight

    @property
    def slight(self) -> bool:
        """Whether it is too little to be a fault, however rare it is: less than a pixel off-centre."""
        return self.off_centre is not None and self.off_centre < 1

    @property
    def told(self) -> bool:
        """Whether it is unusual, or nearly so."""
        return self.unusual or self.near

    @property
    def decided(self) -> bool:
        """Whether there are enough images for the picture to stand out."""
        return stands_out(self.images, self.images)

    @property
    def harmless(self) -> bool:
        """Whether none of the right images that were made like the picture is misclassified."""
        return self.lost is not None and not self.lost.wrong

    @property
    def alike_class(self) -> str:
        """Of which class the images are that were made like the picture: " of its class", or "" for all classes."""
        return " of its class" if self.lost is not None and self.lost.of_class else ""

    @property
    def words(self) -> str:
        """How it compares: "is darker than 99 % of the 901 images of the run"."""
        share = "all" if self._exceeds_all else f"{self._percent} % of the"
        which = "of the run" if self.run_images is None else f"compared (of {self.run_images:,} in the run)"
        also = f" ({self.trait.also})" if self.trait.also else ""
        return f"{self._more} {share} {self.images:,} images {which}{also}"

    @property
    def near_words(self) -> str:
        """How it compares if it is `near`: "is darker than 96 %"."""
        return f"{self._more} {self._percent} %"

    @property
    def short(self) -> str:
        """How it compares, in a few words: "darker than 99 %", or "darker than all 901"."""
        more = self._more.partition(" ")[2]
        return f"{more} {f'all {self.images:,}' if self._exceeds_all else f'{self._percent} %'}"

    @property
    def _more(self) -> str:
        """The trait's words; for position, also how far: "is 2.4 pixels off-centre, farther than"."""
        if self.off_centre is None:
            return self.trait.words
        return f"is {self.off_centre:.1f} pixels off-centre, farther than"

    @property
    def look(self) -> str:
        """The trait without verb: "darker"."""
        return self.trait.words.partition(" ")[2].removesuffix(" than")

    @property
    def other_way(self) -> "Standing | None":
        """How it stands in the opposite of the trait, such as more contrast; None if that is not looked at."""
        if not self.trait.opposite:
            return None
        opposite = replace(self.trait, words=self.trait.opposite, above=not self.trait.above, undone=(), opposite="")
        return Standing(opposite, self.behind, self.images, run_images=self.run_images, behind=self.exceeded)

    @property
    def _exceeds_all(self) -> bool:
        """Whether it exceeds all images."""
        return self.exceeded == self.images

    @property
    def _percent(self) -> int:
        """The share of the images that it exceeds, rounded down; less than 98 unless it stands out.

        `stands_out` counts the picture itself, too, so that 98 % of the images alone are not enough.
        """
        share = int(100 * self.exceeded / self.images)
        return share if stands_out(self.exceeded, self.images) else min(share, int(100 * UNUSUAL) - 1)

    def right_when_undone(self, tried: Sequence[Tried], k: int) -> bool:
        """Return whether undoing this makes a misclassified picture right, without turning others into its class k."""
        return any(one.surely_right(k).any() for one in self.undoing(tried))

    def blind_when_undone(self, tried: Sequence[Tried], k: int) -> bool:
        """Return whether undoing this makes it right, but turns at least half of the others into its class k, too."""
        return any((one.right(k) & one.blind).any() for one in self.undoing(tried))

    @property
    def right_when(self) -> str:
        """That it is right when this is undone, and of how many of the misclassified images tried this is true, too."""
        said = f"it is right {self.trait.when}"
        if self.wrong is None:
            return said
        right, of = self.wrong
        if not right:
            return f"{said} (none of {of} {self._wrong_images} is)"
        return f"{said} ({'so is' if right == 1 else 'so are'} {out_of(right, of)} {self._wrong_images})"

    @property
    def _wrong_images(self) -> str:
        """Which images were tried as well."""
        return f"misclassified images of {'its class' if self.wrong_of_class else 'the run'}"

    @property
    def explains(self) -> bool:
        """Whether looking like this makes more images wrong than are wrong for other reasons."""
        return self.lost is not None and self.lost.explains(self._also_right)

    @property
    def share(self) -> float | None:
        """Share of the misclassified images looking like this that would be right if they did not; None if not known.

        If something can undo these looks, only images that are right then are counted. At most `SUREST`.
        """
        return None if self.lost is None else min(SUREST, self.lost.share(self._also_right))

    @property
    def _also_right(self) -> float:
        """The share of the misclassified images tried that are right when this is undone; 1 if it is not known."""
        return 1.0 if self.wrong is None else self.wrong[0] / self.wrong[1]

    @property
    def _costs(self) -> str:
        """How many right images become wrong when made like the picture, and how many are wrong as they are."""
        return "" if self.lost is None else f"{self.lost.alike}, while {self._anyway(self.lost)}"

    @property
    def _too_few(self) -> str:
        """How many right images become wrong when made like the picture, and why they do not make this the reason."""
        if self.lost is None:
            return TOO_FEW_RIGHT
        if not self.lost.wrong:
            return self.lost.alike
        few = self.lost.wrong < LEAST_LOST  # its words then begin with "only"
        only = "only " if not few and 2 * self.lost.wrong < self.lost.images else ""
        said = f"{only}{self.lost.alike}, too few to call this the reason"
        return said if few else f"{said}, as {self._anyway(self.lost)}"

    def _anyway(self, lost: Lost) -> str:
        """Return how many images are wrong as they are, and how many of these would be right when this is undone."""
        if self.wrong is None or not lost.clean_wrong:
            return lost.anyway
        number = round(self._also_right * lost.clean_wrong)
        would = f"about {number:,} of which would be" if number else "hardly any of which would be"
        return f"{lost.anyway}, {would} right {self.trait.when}, too"

    def ways(self, tried: Sequence[Tried]) -> int:
        """Return how many changes that would undo this were tried."""
        return sum(len(one.severities) for one in self.undoing(tried))

    def why(self, tried: Sequence[Tried], k: int) -> str:
        """Return what shows that this may be why the picture is misclassified, as a part of a sentence; "" if nothing.

        How many images are wrong anyway is left to `sentence`. tried: the changes that were tried. k: the picture's
        true class.
        """
        return self._shown(tried, k, "" if self.lost is None else self.lost.alike)

    def _shown(self, tried: Sequence[Tried], k: int, costs: str) -> str:
        """Return the same; costs: how many right images become wrong if they are made to look like this."""
        if self.trait.undone and not self.right_when_undone(tried, k):
            return ""
        if self.trait.alike:
            right = f"it is right {self.trait.when}{self._by_some(tried, k)}; " if self.trait.undone else ""
            return f"{right}{costs}" if self.explains else ""
        return self.right_when if self.wrong is None or self._also_right < USUAL else ""

    def _by_some(self, tried: Sequence[Tried], k: int) -> str:
        """Return which of the changes that undo this make the picture right, in brackets; "" if all of them do."""
        undoing = self.undoing(tried)
        right = [self._called(one) for one in undoing if one.surely_right(k).any()]
        return f" ({listed(right, 'or')})" if len(right) < len(undoing) else ""

    def _called(self, one: Tried) -> str:
        """Return a change's title, or only its direction, such as "more light", where the title says the opposite."""
        family, direction = one.family, only_direction(one.family, one.severities)
        as_its_title = direction == only_direction(family, family.severities) or direction in self.trait.when
        return family.title if as_its_title else direction

    def hint(self, tried: Sequence[Tried], k: int) -> str:
        """Return in a sentence what shows that this may be the reason although it is not unusual; "" if nothing does.

        Parameters as in `why`.
        """
        why = self.why(tried, k) if self.near else ""
        return f"It {self.words}, and {why}." if why else ""

    def remark(self, tried: Sequence[Tried], k: int) -> str:
        """Return in a sentence that undoing what is nearly unusual makes it right, and why this is not the reason.

        "" if nothing undoes it, or if this is a hint. Parameters as in `why`.
        """
        helps = self.near and self.lost is not None and self.right_when_undone(tried, k)
        return f"It {self.words}, {self.doubt(tried, k)}." if helps and not self.why(tried, k) else ""

    def doubt(self, tried: Sequence[Tried], k: int) -> str:
        """Return why it is not known whether this is the reason, as a sentence's last part. Parameters as in `why`."""
        if not self.trait.undone:
            return f"but {self._too_few}"
        if self.right_when_undone(tried, k):
            if self.trait.alike:
                return f"and it is right {self.trait.when}{self._by_some(tried, k)}, but {self._too_few}"
            right, of = self.wrong or (0, 0)
            so = f"but so are {out_of(right, of)} {self._wrong_images}, so this proves little"
            return f"and it is right {self.trait.when}, {so}"
        if self.blind_when_undone(tried, k):
            return f"and it is right {self.trait.when}, but {BLIND}"
        if (ways := self.ways(tried)) == 1:
            return f"but {self.trait.doing} does not make it right"
        return f"but it is not right in any of the {ways} ways of {self.trait.doing} that were tried"

    def sentence(self, tried: Sequence[Tried], k: int | None) -> str:
        """Return how the picture stands out and, if it is wrong, whether this may be why.

        tried: the changes that were tried. k: the true class of a picture that is wrong; else None.
        """
        lead = f"The picture {self.words}"
        if k is None:
            return f"{lead}."
        if why := self._shown(tried, k, self._costs):
            return f"{lead}, and {why}: this may be why it is misclassified.{self._undone_by(tried, k)}"
        return f"{lead}, {self.doubt(tried, k)}."

    def _undone_by(self, tried: Sequence[Tried], k: int) -> str:
        """Return under which changes that undo this the picture is right, in a sentence; "" if nothing undoes it."""
        found = [(one, one.surely_right(k)) for one in self.undoing(tried)]
        places = [f"{one.title}, {one.at(right)}" for one, right in found if right.any()]
        return f" It is right under {'; '.join(places)}." if places else ""

    def to_json(self, tried: Sequence[Tried], k: int | None) -> dict[str, Any]:
        """Return the trait, how many of how many images the picture exceeds in it, and whether undoing it helps.

        The latter is None unless the picture is wrong and something can undo the trait. Parameters as in `sentence`.
        """
        helps = None if k is None or not self.trait.undone else self.right_when_undone(tried, k)
        counts: dict[str, int | float] = {"exceeded": self.exceeded, "images": self.images, "unusual": self.unusual}
        wrong = None
        if self.wrong is not None:
            wrong = {"right": self.wrong[0], "images": self.wrong[1], "of_class": self.wrong_of_class}
        lost = None if self.lost is None else asdict(self.lost) | {"explains": self.explains}
        if self.off_centre is not None:
            counts["pixels"] = round(self.off_centre, 2)
        tests = {"wrong_images_right_when_undone": wrong, "right_images_wrong_when_made_alike": lost}
        return {"trait": self.look, **counts, "right_when_undone": helps, **tests}

    def undoing(self, tried: Sequence[Tried]) -> list[Tried]:
        """Return the changes that would undo this."""
        return [one for one in tried if (one.family.name, one.above) in self.trait.undone]


def unusual_in(found: Sequence[Standing], measure: Callable[[NDArray[Any]], Values] | None) -> Standing | None:
    """Return the trait with this measure in which a picture stands out; None if there is none."""
    return next((one for one in found if one.unusual and one.trait.measure is measure), None)


def stands_out(exceeded: int, images: int) -> bool:
    """Return whether an ordinary picture would rarely exceed so many of the images."""
    return exceeded >= UNUSUAL * (images + 1)
