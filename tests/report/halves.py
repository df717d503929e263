"""The size and the number of the images on which a tiny network is hardened, and the settings of its hardening."""

SIZE, COUNT = 8, 150
GIVEN = {"against": ["fog"], "degradations": ["fog", "brightness"], "minutes": 0.05}
