"""What is said wherever figures of several degradations stand: that they were applied one at a time."""

_HOW = 'to measure this, see "Several degradations at once" in the guide.'
_ONE = "The degradations were applied one at a time."
ALONE = f"{_ONE} Several at once may do far more harm; {_HOW}"
COMPARED_ALONE = f"{_ONE} With several at once, the comparison may come out differently; {_HOW}"
