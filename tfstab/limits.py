"""Budgets for everything that is read from files of strangers. Each limit is defined here, once."""

# --- model files (tfstab.models, tfstab.classifier) ---

# How often its own size a .keras file may unpack to, and its weights may declare. Deflate reaches about 1000; weights
# that were compressed with LZMA after training unpack to 3 to 5 times their size.
MODEL_EXPANSION = 100
# Bytes that a smaller file may unpack to nevertheless: untrained weights, which are zeros, shrink to almost nothing.
MODEL_SMALL = 64 << 20
# Bytes of a config or metadata. keras.applications' largest networks have 1 MB, ensembles of five 6 MB. As Python
# objects JSON takes up to 30 times its size.
MODEL_CONFIG = 12 << 20
# Bytes of a model card. The bundled ones have 10 kB; the names of ImageNet's 21,000 classes are 0.5 MB.
MODEL_CARD = 4 << 20
# Characters of a class's name. Long enough for a sentence, short enough for every table.
CLASS_NAME = 1000
# Numbers in one image that a model's input layer may ask for: 16,384 x 16,384 grey levels.
MODEL_IMAGE = 1 << 28
# Bytes of the largest tensor that a model computes of one image: 1024 x 1024 x 64 features in float32, as the first
# layer of a network for large images has them; and of a whole batch, which must fit into a workstation's memory.
TENSOR_OF_IMAGE, TENSOR_OF_BATCH = 1 << 28, 8 << 30
# Weights that layers may have more than the file holds: those that Keras makes anew, such as seeds of dropout.
SPARE_WEIGHTS = 1 << 20

# --- weights in HDF5, which a child process reads (tfstab.models.hdf5_child) ---

# Groups, data sets and attributes. An ensemble of five EfficientNetV2-L has 20,000; each costs 0.1 ms.
HDF5_OBJECTS = 30_000
# Levels of groups. Keras needs two for each model within a model, and four.
HDF5_DEPTH = 64
# Bytes of memory above an idle child and the weights themselves: what decompressing a chunk takes.
HDF5_MEMORY = 256 << 20
# Seconds of CPU time, and bytes of the file for each further second: a hundredth of what a disk gives.
HDF5_SECONDS, HDF5_BYTES_A_SECOND = 4, 16 << 20
# Seconds on the clock for each second of CPU time: other work on the machine, a slow disk or network.
HDF5_PATIENCE = 15


def cpu_seconds(size: int) -> int:
    """Seconds of CPU time for the weights in a file of this many bytes."""
    return HDF5_SECONDS + size // HDF5_BYTES_A_SECOND
