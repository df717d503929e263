"""Budgets for everything that is read from files of strangers. Each limit is defined here, once."""

# --- what is said of them (tfstab.errors) ---

# Characters of an error's sentence. The longest that holds no long value has 400.
SENTENCE = 1000
# Names that an unknown one is compared with to suggest the nearest, which takes 0.1 ms each.
NAMES_COMPARED = 2000

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
# Bytes of the largest tensor that a model computes of one image: four times what the first layer of a network gives for
# 1024 x 1024 pixels. And of a batch, which must fit into a workstation's memory: an EfficientNet-B7 that enlarges 256
# images of 32 x 32 to 600 x 600 needs 6 GB.
TENSOR_OF_IMAGE, TENSOR_OF_BATCH = 1 << 30, 8 << 30
# Numbers in all noise fields of a smoothed model: 64 copies of 416 x 416 colours.
NOISE_FIELDS = 1 << 25
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

# --- what the viewer keeps (tfstab.gui) ---

# Bytes of the orders of a window's jobs; one has 300.
JOBS = 4 << 20


def cpu_seconds(size: int) -> int:
    """Seconds of CPU time for the weights in a file of this many bytes."""
    return HDF5_SECONDS + size // HDF5_BYTES_A_SECOND


# --- data sets and run folders ---

# Names
MOST_CLASSES = 100_000  # four times ImageNet-21k; a name is made and kept for each
SPARE_CLASSES = 1_000  # names in a run beyond its scores: data may name classes that they and the model do not have
LONGEST_TEXT = 10_000  # characters of any other text in run.json; the longest that a run writes is a path of 4,096
LONGEST_PATH = 4_096  # characters; Linux takes no longer one
LONGEST_FILE_NAME = 255  # bytes of one name in a path, in nearly every file system

# Arrays: npz and npy files
MOST_ARRAY_EXPANSION = 200  # times its size on the disk that an array may have; images are packed up to 20-fold
SMALL_ARRAY = 64 << 20  # bytes; smaller arrays may be packed as densely as their values allow
SMALL_RUN = 256 << 20  # bytes; the same for the arrays of a run, which packs any images, also blank ones
LARGEST_ARRAY_HEADER = 64 << 10  # bytes; those of arrays of numbers have 128
LARGEST_ARRAY = 8 << 30  # bytes of an array in an npz file, which is read into memory

# Tables of files and labels
LARGEST_TABLE = 256 << 20  # bytes of a CSV file
MOST_TABLE_ROWS = 2_000_000  # ImageNet has 1.3 million images; rows take about 200 bytes of memory each

# Folders that TensorFlow Datasets has prepared
LARGEST_FEATURES = 1 << 20  # bytes of features.json; those of image classification have 2 kB
LARGEST_NAMES = 8 << 20  # bytes of a file of class names; those of ImageNet-21k take 0.5 MB
LARGEST_RECORD = 256 << 20  # bytes of a record, which holds one image file; it is read into memory
SMALLEST_RECORD = 16  # bytes; less cannot hold an image and a label, and a sparse file would have records without end

# Official archives
LARGEST_CIFAR_BATCH = 64 << 20  # bytes; the official ones have 31 MB
LARGEST_CIFAR_ARCHIVE = 256 << 20  # bytes, unpacked; the official one has 186 MB
LARGEST_GTSRB_MEMBER = 16 << 20  # bytes, unpacked; the largest official ones, tables, have 0.4 MB

# Image files
MOST_PIXELS = 2 * 89_478_485  # of a file: where Pillow by default stops; a larger one is taken for a bomb

# run.json and log.jsonl
LARGEST_RUN_JSON = 64 << 20  # bytes; a run of a million images has 25 MB
MOST_RUN_VALUES = 2_500_000  # numbers, texts, lists and objects in run.json, which take about 60 bytes of memory each
MOST_PARTS = 2_000_000  # of a run, which names all in run.json; a search has one for each image
LARGEST_LOG = 64 << 20  # bytes of log.jsonl that are read, 500,000 parts; what lies beyond is left out
LONGEST_LOG_LINE = 10_000  # bytes; a part's line has 120

# Parts of a sweep
MOST_SEVERITIES = 1_000  # measures keep arrays of severities x classes x classes
MOST_ROWS_PER_IMAGE = 1 << 22  # severities x copies, 130 MB; the largest number of copies at 128 severities
MOST_ROWS_OF_PART = 450_000  # or those of one image; ten times what is planned, for other versions' plans

# Trainings
LARGEST_TRAINING_JSON = 16 << 20  # bytes of training.json and of a training's card; an epoch's figures have 200

# Reports
LARGEST_REPORT_LIST = 4 << 20  # bytes of .report.json, 80,000 files; a report of ten runs has 200

# Marks and settings of the viewer
LARGEST_MARKS = 256 << 20  # bytes; 5 million marks, which is more than a person makes
LARGEST_MARK = 1 << 40  # image, severity or copy; times MOST_ROWS_PER_IMAGE it still fits 64 bits
