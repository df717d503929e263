"""Limits on what is read from files of unknown origin: each is defined once, here, with the reason for its size."""

# --- error messages (tfstab.errors) ---

# Maximum number of characters of a message. The longest message without a long value in it has 400.
SENTENCE = 1000
# Number of known names among which the one most similar to an unknown name is sought. Each comparison takes 0.1 ms.
NAMES_COMPARED = 2000

# --- model files (tfstab.models, tfstab.classifier) ---

# Maximum ratio between the unpacked size of a .keras file and its size on disk, and between the declared and the stored
# size of its weights. Deflate reaches about 1000; trained weights compressed by LZMA unpack to 3 to 5 times their size.
MODEL_EXPANSION = 100
# Bytes that any file may unpack to, whatever the ratio: untrained weights are zeros and compress to almost nothing.
MODEL_SMALL = 64 << 20
# Maximum bytes of a config or metadata file. The largest networks of keras.applications have 1 MB, ensembles of five
# 6 MB. Parsed JSON takes up to 30 times its size in memory.
MODEL_CONFIG = 12 << 20
# Maximum bytes of a model card. The bundled cards have 10 kB; the names of ImageNet's 21,000 classes take 0.5 MB.
MODEL_CARD = 4 << 20
# Maximum characters of a class name: long enough for a sentence, short enough for every table.
CLASS_NAME = 1000
LAYER_NAME = 1000  # characters of a layer's name in an explanation
MOST_LAYERS = 5_000  # in an explanation; the deepest networks of keras.applications have 800, and each gets a table row
# Maximum numbers in one image that a model's input layer may ask for: 16,384 x 16,384 pixels of one channel.
MODEL_IMAGE = 1 << 28
# Maximum bytes of a tensor that a model computes. For one image: four times the output of a network's first layer for
# 1024 x 1024 pixels. For a batch, which must fit into a workstation's memory: an EfficientNet-B7 that enlarges 256
# images from 32 x 32 to 600 x 600 pixels needs 6 GB.
TENSOR_OF_IMAGE, TENSOR_OF_BATCH = 1 << 30, 8 << 30
# Maximum numbers in all noise fields of a smoothed model: 64 copies of 416 x 416 pixels of three channels.
NOISE_FIELDS = 1 << 25
# Weights that a model's layers may have beyond those in its file, because Keras creates some, such as dropout seeds.
SPARE_WEIGHTS = 1 << 20

# --- weights in HDF5, which a child process reads (tfstab.models.hdf5_child) ---

# Maximum groups, data sets and attributes. An ensemble of five EfficientNetV2-L has 20,000; each takes 0.1 ms.
HDF5_OBJECTS = 30_000
# Maximum depth of groups. Keras uses four levels, and two more for each model nested in another.
HDF5_DEPTH = 64
# Bytes of memory that the child may use to decompress chunks, beyond the weights and what it needs when idle.
HDF5_MEMORY = 256 << 20
# Seconds of CPU time for any file, and the number of bytes that earn another second: 1 % of the speed of a disk.
HDF5_SECONDS, HDF5_BYTES_A_SECOND = 4, 16 << 20
# Seconds of elapsed time for each second of CPU time, to allow for a busy machine or a slow disk or network.
HDF5_PATIENCE = 15

# --- ONNX and TFLite models, which a child process tries (tfstab.models.onnx_child, tflite_child) ---

# Maximum bytes of a file: the maximum of Google's protocol buffers and flatbuffers.
ONNX_FILE = (2 << 30) - 1
# Bytes of memory that the child may use to score four images of noise, beyond the weights; and how often the weights
# may be in memory, as read, parsed, serialised again and loaded by onnxruntime.
ONNX_MEMORY, ONNX_COPIES = 2 << 30, 10
# Bytes that the weights and tensors of all ONNX models in a process may take: twice those of the largest tensor of a
# batch, since an operator takes one and returns another.
ONNX_TENSORS = 2 * TENSOR_OF_BATCH
# Seconds of CPU time to score them. The largest networks of keras.applications take 10.
ONNX_SECONDS = 60


def cpu_seconds(size: int) -> int:
    """Return the CPU time in seconds that may be spent on the weights in a file of `size` bytes."""
    return HDF5_SECONDS + size // HDF5_BYTES_A_SECOND


# --- data sets and run folders ---

# Names
MOST_CLASSES = 32_768  # half as many again as ImageNet-21k has; a part of a sweep stores a class in 16 bits
SPARE_CLASSES = 1_000  # class names of a run beyond its scores; data may name classes that the model does not have
LONGEST_TEXT = 10_000  # characters of any other text in run.json; the longest that a run writes is a path of 4,096
LONGEST_NOTE = 2_000_000  # characters of the note on the inputs in assessment.json, which can name 2,000 classes
LONGEST_PATH = 4_096  # characters; the maximum on Linux
LONGEST_FILE_NAME = 255  # bytes of one name in a path; the maximum of nearly every file system
IMAGE_NAME = 300  # characters of an image's file name in a run; NumPy gives each of N names the longest one's memory
GROUP_NAME = 300  # characters of the name of a group of images, for the same reason

# Arrays: npz and npy files
MOST_ARRAY_EXPANSION = 200  # ratio of an array's size to its size on disk; images compress at most 20-fold
SMALL_ARRAY = 64 << 20  # bytes; arrays up to this size may have any ratio
SMALL_RUN = 256 << 20  # bytes; the same for the arrays of a run, whose images may be blank and compress very well
LARGEST_ARRAY_HEADER = 64 << 10  # bytes; headers of arrays of numbers have 128
LARGEST_ARRAY = 8 << 30  # bytes of an array in an npz file, which is read into memory

# Tables of files and labels
LARGEST_TABLE = 256 << 20  # bytes of a CSV file
MOST_TABLE_ROWS = 2_000_000  # ImageNet has 1.3 million images; each row takes about 200 bytes of memory

# Folders that TensorFlow Datasets has prepared
LARGEST_FEATURES = 1 << 20  # bytes of features.json; for image classification it has 2 kB
LARGEST_NAMES = 8 << 20  # bytes of a file of class names; those of ImageNet-21k take 0.5 MB
LARGEST_RECORD = 256 << 20  # bytes of a record, which contains one image file and is read into memory
SMALLEST_RECORD = 16  # bytes; an image and a label need more, and a sparse file could contain endless empty records

# Official archives
LARGEST_CIFAR_BATCH = 64 << 20  # bytes; the official files have 31 MB
LARGEST_CIFAR_ARCHIVE = 256 << 20  # bytes, unpacked; the official archive has 186 MB
LARGEST_GTSRB_MEMBER = 16 << 20  # bytes, unpacked; the largest official members are tables of 0.4 MB

# Image files
MOST_PIXELS = 2 * 89_478_485  # of a file; Pillow's default, beyond which it assumes a decompression bomb

# run.json and log.jsonl
LARGEST_RUN_JSON = 64 << 20  # bytes; a run of a million images has 25 MB
MOST_RUN_VALUES = 2_500_000  # numbers, texts, lists and objects in run.json; each takes about 60 bytes of memory
MOST_PARTS = 2_000_000  # of a run, all of which run.json names; a search has one for each image
LARGEST_LOG = 64 << 20  # bytes of log.jsonl, which are 500,000 parts; the rest of a longer log is ignored
LONGEST_LOG_LINE = 10_000  # bytes; the line of a part has 120

# Parts of a sweep
MOST_COPIES = 32_767  # of an image at a severity; a part stores a copy's number in 16 bits
MOST_SEVERITIES = 1_000  # the measures keep arrays of severities x classes x classes
MOST_ROWS_PER_IMAGE = 1 << 22  # severities x copies, which take 130 MB; the largest number of copies at 128 severities
PART_BYTES_PER_VALUE, PART_BYTES_PER_COLUMN = 16, 1 << 20  # unpacked; a value takes 1 to 4, a column's pages 100
PAGE_HEADER = 1 << 16  # bytes of the header of a Parquet page; with the statistics of numbers it has 100
MOST_ROWS_OF_PART = 450_000  # or the rows of one image, if more; ten times the plan, as other versions may differ

# Parts of a search
MOST_QUERIES = 10**12  # also of generations; more would take decades on the fastest network
LONGEST_REASON = 100  # characters of stop_reason, which may come from an engine of another package
COURSE = 1 << 20  # bytes of the noises that are kept of a search so that it can be replayed

# Trainings
LARGEST_TRAINING_JSON = 16 << 20  # bytes of training.json and of a training's card; the figures of an epoch take 200

# Results of the paper's experiments
LARGEST_RESULTS = 2 << 20  # bytes of results.json; the file that comes with tfstab has about 100 kB
MOST_RESULTS_VALUES = 200_000  # in it; they have 20,000

# Reports
LARGEST_REPORT_LIST = 4 << 20  # bytes of .report.json, which are 80,000 files; a report of ten runs has 200

# Jobs, marks and settings of the viewer
KNOWN_MODEL = 1 << 20  # bytes of the place and options of a model; names of 21,000 outputs take 0.5 MB
JOBS = 4 << 20  # bytes of the list of a window's unfinished jobs; each takes 300
LARGEST_VIEWPOINT = 1 << 20  # characters of a saved view; an outline drawn by hand takes 20,000
LARGEST_VIEWS = 16 << 20  # bytes of a file of saved views; a view takes 1,000, or 20,000 with an outline
LARGEST_MARKS = 256 << 20  # bytes, which are 5 million marks, more than a person makes
MOST_MARK_VALUES = 20_000_000  # in a file of marks, four for each; empty lists alone would take 1.5 GB of memory
LARGEST_MARK = (
    1 << 37
)  # image, severity or copy; its product with MOST_SEVERITIES and MOST_COPIES still fits into 64 bits
