"""The files of a base: which they are, and their bytes, read so that nothing else is opened or waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import NoReturn

MAX_BYTES = 100_000_000
MAX_FOLDERS = 10_000
SUFFIXES = (".yaml", ".yml")


def source_files(path: Path) -> list[Path]:
    """The YAML files of a base, sorted; raises OSError where there are none or they cannot be listed.

    Hidden files are left out, and folders are not followed through links, so a loop of links ends nowhere.
    """
    if not path.is_dir():
        path.stat()
        return [path]
    found: list[Path] = []
    for count, (folder, _, names) in enumerate(os.walk(path, onerror=_raise)):
        if count == MAX_FOLDERS:
            raise OSError(None, f"more than {MAX_FOLDERS:,} folders", str(path))
        found += [Path(folder) / each for each in names if is_source(each)]
    if not found:
        raise FileNotFoundError(2, "no .yaml file in this folder", str(path))
    return sorted(found)


def is_source(name: str) -> bool:
    """Whether a file in a folder is one of a base; an editor's own files begin with a dot."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def read(file: Path) -> bytes:
    """The bytes of a source; raises OSError where it is no regular file, is too large or changes while it is read."""
    if not stat.S_ISREG(os.stat(file).st_mode):
        raise OSError(None, "not a regular file", str(file))
    # What was a file a moment ago may be a pipe now: opened without waiting, and looked at again.
    with open(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as stream:
        before = os.fstat(stream.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise OSError(None, "not a regular file", str(file))
        if before.st_size > MAX_BYTES:
            raise OSError(errno.EFBIG, f"{before.st_size:,} bytes; a file may have {MAX_BYTES:,}: split it", str(file))
        raw = stream.read(MAX_BYTES + 1)
        after = os.fstat(stream.fileno())
    if len(raw) != before.st_size or change(after) != change(before):
        raise OSError(None, "it changed while it was read: try again", str(file))
    return raw


def change(info: os.stat_result) -> str:
    """What is different after a file has been changed."""
    return f"{info.st_size} {info.st_mtime_ns} {info.st_ctime_ns} {info.st_ino}"


def _raise(error: OSError) -> NoReturn:
    raise error
