"""Kinds of change: degradations that do much the same to an image, which keeps sentences about many of them short."""

NOISE = frozenset({"gaussian_noise", "salt_and_pepper", "poisson", "speckle", "uniform_noise"})
SMOOTHING = frozenset({"gaussian_blur", "motion_blur", "defocus_blur", "pixelate", "jpeg"})
MOVING = frozenset({"rotation", "translation", "scaling", "centring"})
OTHERS = "of other kinds"
# What severities below and above the neutral one do, where this differs.
_DIRECTIONS = {
    "brightness": ("that darken it", "that brighten it"),
    "underexposure": ("that brighten it", "that darken it"),
    "gamma": ("that brighten it", "that darken it"),
    "contrast": ("that lower its contrast", "that raise its contrast"),
}


def kind_of(name: str, above: bool) -> str:
    """Return what a degradation does, as in "all 25 that smooth it".

    Parameters
    ----------
    name : str
        The degradation's name.
    above : bool
        Whether its severities are above the neutral one.

    Examples
    --------
    >>> from tfstab.explanation.kinds_of_change import kind_of
    >>> kind_of("jpeg", above=False), kind_of("gamma", above=True)
    ('that smooth it', 'that darken it')
    """
    if name in _DIRECTIONS:
        return _DIRECTIONS[name][above]
    kinds = (
        (NOISE, "that add noise"),
        (SMOOTHING, "that smooth it"),
        (MOVING, "that turn, shift or scale it"),
        ({"fog"}, "that lower its contrast"),
    )
    return next((words for names, words in kinds if name in names), OTHERS)
