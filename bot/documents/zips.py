"""Zips in which the same files are always the same bytes."""

from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

STAMP = (1980, 1, 1, 0, 0, 0)  # of every file: when it was made would make each zip another


def put(files: ZipFile, name: str, content: str | bytes) -> None:
    """Put a file into the zip."""
    entry = ZipInfo(name, STAMP)
    entry.compress_type = ZIP_DEFLATED
    files.writestr(entry, content)
