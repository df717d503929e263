"""An orthonormal basis of images in which the slopes of classifiers are unevenly spread: few coefficients hold most.

The image is cut into blocks, and each block has a discrete cosine transform of its own, as in JPEG; the colours are
transformed to brightness and two opponent colours. So each coefficient has a place, a frequency and a colour, which
say more about its slope than the place of a single pixel does.
"""

import numpy as np
from numpy.typing import NDArray

BLOCKS = 4  # along each axis: one block an image knows no places, and many small ones know no low frequencies
OPPONENT = ((1, 1, 1), (1, 0, -1), (1, -2, 1))  # brightness, red against blue, red and blue against green
# The energy expected of a slope's coefficient: 1 / (1 + FALL * cycles a pixel), and less of colours than of brightness.
FALL = 6.0
COLOURED = 0.4


class Basis:
    """A block-wise cosine transform of opponent colours for images of one shape.

    Coefficients are in the order colour, vertical and horizontal; G = H * W * C.

    Parameters
    ----------
    shape : tuple of int
        Height, width and channels (H, W, C) of an image. Three channels count as red, green and blue; the channels of
        other images are not transformed.

    Attributes
    ----------
    frequency : ndarray
        Each coefficient's frequency (G,), cycles an image, float64.
    place : ndarray
        The number of its block (G,), 0 to `places` - 1, int64.
    colour : ndarray
        The number of its colour (G,), 0 to C - 1, int64.
    places : int
        The number of blocks.
    opponent : bool
        Whether the colours are brightness (0) and opponent colours; otherwise they are the image's channels.
    prior : ndarray
        The relative energies (G,), float64, that are expected of a slope's coefficients in any image.

    References
    ----------
    Ahmed, Natarajan and Rao, *Discrete Cosine Transform* (1974). Ohta, Kanade and Sakai, *Color Information for Region
    Segmentation* (1980), found these colours to be nearly the principal components of photographs. Guo et al., *Simple
    Black-box Adversarial Attacks* (2019), search in the cosine basis of the whole image.

    Examples
    --------
    >>> import numpy as np
    >>> from tfstab.search.basis import Basis
    >>> basis = Basis((28, 28, 1))
    >>> image = np.zeros(784, np.float32)
    >>> image[300] = 255
    >>> coefficients = basis.coefficients(image)
    >>> float(np.abs(basis.images(coefficients) - image).max()) < 1e-3
    True
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        height, width, channels = self.shape = shape
        self._down, down_place, down_frequency = _axis(height)
        self._across, across_place, across_frequency = _axis(width)
        self._colours, self.opponent = _colours(channels), channels == len(OPPONENT)
        # For `patches`: each coefficient's pixels in an image, and its wave there.
        down_pixels, across_pixels = _pixels(down_place), _pixels(across_place)
        self._down_places = down_pixels * (width * channels)
        self._across_places = (across_pixels[:, :, None] * channels + np.arange(channels)).reshape(width, -1)
        self._down_waves = np.take_along_axis(self._down, down_pixels, axis=1)
        waves = np.take_along_axis(self._across, across_pixels, axis=1)
        self._across_waves = (waves[:, None, :, None] * self._colours[:, None]).reshape(width, channels, -1)
        self.places = int((down_place[-1] + 1) * (across_place[-1] + 1))
        place = down_place[:, None] * (across_place[-1] + 1) + across_place
        self.place = np.tile(place.reshape(-1), channels)
        self.frequency = np.tile(np.hypot(down_frequency[:, None], across_frequency).reshape(-1), channels)
        self.colour = np.repeat(np.arange(channels), height * width)
        self.prior = 1 / (1 + FALL * self.frequency / max(height, width))
        if self.opponent:
            self.prior[self.colour > 0] *= COLOURED

    def coefficients(self, images: np.ndarray) -> NDArray[np.float32]:
        """Return the coefficients (..., G), float32, of images, noise or gradients (..., G)."""
        height, width, channels = self.shape
        pixels = images.reshape(-1, height * width, channels).swapaxes(1, 2).astype(np.float32, copy=False)
        planes = np.matmul(self._colours, pixels).reshape(-1, height, width)
        return np.asarray(np.matmul(np.matmul(self._down, planes), self._across.T).reshape(images.shape), np.float32)

    def images(self, coefficients: np.ndarray) -> NDArray[np.float32]:
        """Return the images (..., G), float32, that have these coefficients (..., G)."""
        height, width, channels = self.shape
        planes = coefficients.reshape(-1, height, width).astype(np.float32, copy=False)
        planes = np.matmul(np.matmul(self._down.T, planes), self._across)
        colours = planes.reshape(-1, channels, height * width)
        return np.asarray(np.matmul(colours.swapaxes(1, 2), self._colours).reshape(coefficients.shape), np.float32)

    def share(self, free: np.ndarray) -> NDArray[np.float64]:
        """Return the share (G,), 0 to 1, of each atom's squared length that lies in the free pixels (G,), bool."""
        height, width, channels = self.shape
        planes = (self._colours**2 @ free.reshape(-1, channels).T).reshape(channels, height, width)
        return np.asarray((self._down**2 @ planes @ self._across.T**2).reshape(-1), np.float64)

    def atoms(self, picks: np.ndarray) -> NDArray[np.float32]:
        """Return the images (B, G), float32, whose coefficient picks[b] (B,) is 1 and whose others are 0."""
        images = np.zeros((len(picks), len(self.place)), np.float32)
        places, values = self.patches(picks)
        np.put_along_axis(images, places, values, axis=1)
        return images

    def patches(self, picks: np.ndarray) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return where in an image the atoms of coefficients (B,) are not 0: places (B, n), and their values (B, n).

        Where blocks differ in size, some places of the smaller ones come twice.
        """
        colour, down, across = np.unravel_index(picks, (self.shape[2], *self.shape[:2]))
        places = self._down_places[down][:, :, None] + self._across_places[across][:, None]
        values = self._down_waves[down][:, :, None] * self._across_waves[across, colour][:, None]
        return places.reshape(len(picks), -1), values.reshape(len(picks), -1)


def _axis(length: int) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]:
    """Return an orthonormal basis of one axis: rows (L, L), and each row's block and frequency in cycles an image."""
    rows = np.zeros((length, length), np.float32)
    place, frequency = np.zeros(length, np.int64), np.zeros(length)
    for block, pixels in enumerate(np.array_split(np.arange(length), min(BLOCKS, length))):
        count = len(pixels)
        order = np.arange(count)
        waves = np.cos(np.pi / count * order[:, None] * (order + 0.5)) * np.sqrt(2 / count)
        waves[0] /= np.sqrt(2)
        rows[np.ix_(pixels, pixels)] = waves
        place[pixels], frequency[pixels] = block, order * length / (2 * count)
    return rows, place, frequency


def _pixels(place: np.ndarray) -> NDArray[np.int64]:
    """Return the pixels (L, n) of each coefficient's block, given its number (L,); some twice in smaller blocks."""
    first, after = np.searchsorted(place, place), np.searchsorted(place, place, side="right")
    return np.minimum(first[:, None] + np.arange((after - first).max()), after[:, None] - 1)


def _colours(channels: int) -> NDArray[np.float32]:
    """Return an orthonormal basis (C, C) of the colours."""
    if channels != len(OPPONENT):
        return np.eye(channels, dtype=np.float32)
    colours = np.array(OPPONENT, np.float32)
    return np.asarray(colours / np.linalg.norm(colours, axis=1, keepdims=True), np.float32)
