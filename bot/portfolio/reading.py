"""Reads what somebody brings: the JSON, Leap2A, or a zip that has one of them in it."""

import io
import zipfile

from storage.portfolio import document as doc
from storage.portfolio import notation
from storage.portfolio.notation import NotAPortfolio

LARGEST = 30 * 1024 * 1024  # bytes of what is brought
LARGEST_INSIDE = 60 * 1024 * 1024  # bytes of what is read out of a zip
LEAP2A = ("leap2a.xml", "leap2.xml", "leap.xml")  # as Mahara names it


def read(brought: bytes) -> doc.Portfolio:
    """The portfolio in this file. Raises `NotAPortfolio`, which says what is wrong with it."""
    if not brought:
        raise NotAPortfolio("it is empty")
    if len(brought) > LARGEST:
        raise NotAPortfolio(f"it is larger than {LARGEST // 1024**2} MB")
    if brought.startswith(b"PK\x03\x04"):
        return read_one(_in_zip(brought))
    return read_one(brought)


def read_one(brought: bytes) -> doc.Portfolio:
    """The portfolio in a file that is no zip."""
    begins = brought.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if begins == b"<":
        from bot.portfolio import leap2a_reader

        return leap2a_reader.read(brought)
    if begins == b"{":
        return notation.from_json(brought)
    raise NotAPortfolio("it is neither JSON nor Leap2A: bring the .json, the leap2a.xml, or the zip that holds them")


def _in_zip(brought: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(brought)) as files:
            named = [one for one in files.infolist() if not one.is_dir()]
            wanted = [one for one in named if one.filename.lower().endswith(".json")]
            wanted += [one for one in named if one.filename.lower().endswith(LEAP2A)]
            if not wanted:
                raise NotAPortfolio("there is neither JSON nor Leap2A in that zip")
            with files.open(wanted[0]) as inside:
                content = inside.read(LARGEST_INSIDE + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        if isinstance(error, NotAPortfolio):
            raise
        raise NotAPortfolio("the zip cannot be opened: it may have been cut off on its way") from None
    if len(content) > LARGEST_INSIDE:
        raise NotAPortfolio(f"what is in the zip is larger than {LARGEST_INSIDE // 1024**2} MB")
    return content
