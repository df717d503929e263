"""What is said wherever figures of several degradations stand: that each was applied alone."""

ALONE = "Each degradation was applied alone. Several at once may do far more harm; the guide says how to measure that."
COMPARED_ALONE = (
    "Each degradation was applied alone. On images with several at once, the other network may be better; the guide "
    "says how to measure that."
)
