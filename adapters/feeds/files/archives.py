"""Zips, read in memory and with a limit: nothing is ever unpacked to disk, so a name inside one leads nowhere."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from adapters.feeds.files.tables import MAX_BYTES
from nodes.vocabulary.errors import DataError, EdgeError


def zipped_tables(path: Path) -> list[tuple[str, bytes]]:
    """The name and the bytes of every file in a zip.

    What the zip says of their size is checked before one is unpacked, and none is unpacked beyond it.

    Raises:
        EdgeError: the zip cannot be read.
        DataError: it is no zip, is damaged or encrypted, or holds too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            size = sum(info.file_size for info in members)
            if size > MAX_BYTES:
                message = f"holds {size} bytes, expected at most {MAX_BYTES}; split it"
                raise DataError(message)
            return [(info.filename, archive.read(info)) for info in members]
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}; give a file that this user may read"
        raise EdgeError(message) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        message = f"is no sound zip: {error}; download it again"
        raise DataError(message) from error
    except RuntimeError as error:  # what the library says of an encrypted one
        message = f"is a zip that cannot be read: {error}; give it without a password"
        raise DataError(message) from error


def zipped_table(path: Path) -> bytes:
    """The bytes of the one file in a zip. Raises as `zipped_tables`, and when it holds another number of files."""
    tables = zipped_tables(path)
    if len(tables) != 1:
        sizes = {name: len(text) for name, text in tables[:5]}
        message = f"holds {len(tables)} files, e.g. {sizes}, expected one table; download it again"
        raise DataError(message)
    return tables[0][1]
