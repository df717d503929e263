"""Reads the unpacked sizes of a Parquet file's pages from their headers, by which pyarrow allocates memory.

The file's metadata has sums of these sizes, but nothing compares them with the pages: a file of 12 kB whose metadata
says 40 bytes can have a page of 2 GB. pyarrow does not expose page headers, so the fields needed here are decoded from
Thrift's compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from tfstab import limits

UNCOMPRESSED, COMPRESSED = 2, 3  # fields of a page header: sizes of the page
INTEGERS, BINARY, STRUCT = range(3, 7), 8, 12  # types of fields; 1 and 2 are truth values, which have no content


def unpacked_bytes(path: Path, described: pq.FileMetaData) -> int:
    """Return the bytes that all pages of a file unpack to. Raises ArrowInvalid if a page has no valid header."""
    total = 0
    with path.open("rb") as file:
        for group in map(described.row_group, range(described.num_row_groups)):
            for column in map(group.column, range(group.num_columns)):
                start = column.data_page_offset
                if column.has_dictionary_page and column.dictionary_page_offset:
                    start = min(start, column.dictionary_page_offset)
                total += _of_chunk(file, start, start + column.total_compressed_size)
    return total


def _of_chunk(file: BinaryIO, place: int, end: int) -> int:
    """Return the same for the consecutive pages between two offsets."""
    total = 0
    while place < end:
        file.seek(place)
        header = file.read(limits.PAGE_HEADER)
        try:
            fields, length = _fields(header, 0)
            unpacked, packed = fields[UNCOMPRESSED], fields[COMPRESSED]
        except (IndexError, KeyError, ValueError, RecursionError) as error:
            raise pa.ArrowInvalid("a page has no header") from error
        if unpacked < 0 or packed < 0 or place + length + packed > end:
            raise pa.ArrowInvalid("a page is larger than its column")
        total += unpacked
        place += length + packed
    return total


def _fields(data: bytes, place: int) -> tuple[dict[int, int], int]:
    """Decode a struct; return its whole numbers by field id, and the offset after it."""
    fields: dict[int, int] = {}
    number = 0
    while data[place]:
        step, kind = divmod(data[place], 16)
        place += 1
        if step:
            number += step
        else:
            number, place = _integer(data, place)
        if kind in INTEGERS:
            fields[number], place = (data[place], place + 1) if kind == 3 else _integer(data, place)
        elif kind == BINARY:
            length, place = _varint(data, place)
            place += length
        elif kind == STRUCT:
            _, place = _fields(data, place)
        elif kind not in (1, 2):
            raise ValueError(f"a field of type {kind}")
    return fields, place + 1


def _integer(data: bytes, place: int) -> tuple[int, int]:
    """Decode a signed number in zigzag encoding; return it and the offset after it."""
    value, place = _varint(data, place)
    return (value >> 1) ^ -(value & 1), place


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """Decode an unsigned number of variable length; return it and the offset after it."""
    value = shift = 0
    while shift < 64:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("a number of more than 64 bits")
