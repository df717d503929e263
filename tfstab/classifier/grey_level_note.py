"""What is said if the values of all images are small: in another unit than grey levels, or black."""

# Grey levels. Photographs of the night have a light or a bright pixel in some image; values in another unit, such as
# those of 4 or 5 bits, stay below it in all images.
DARK = 32
FEW_LEVELS = "The images use only grey levels "  # how a note on dark images begins


def unscaled_text(most: int) -> str:
    """Return a sentence on images whose grey levels were scaled to 0..1 and then rounded, "" on all others.

    most: largest value in the images.
    """
    if most != 1:
        return ""
    return (
        "The largest value in the images is 1, but grey levels 0..255 are expected, in which such images are black: "
        "multiply their values by 255."
    )


def dark_text(most: int) -> str:
    """Return a sentence on images that use only a small part of the grey levels, "" on all others.

    most: largest value in the images.
    """
    if not 0 < most < DARK:
        return ""
    return (
        f"{FEW_LEVELS}0..{most} of 0..255, and severities such as the sigma of noise are in these "
        "grey levels, so they are very strong on such images. If the model expects grey levels up to 255, multiply "
        f"the values of the images by 255/{most}."
    )
