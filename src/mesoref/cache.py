"""Where the sources and the compiled bases live, and when a base must be compiled again.

A compiled base is good while the stamp that was taken of its sources still fits: paths, sizes, times of change and
inodes of the files, the version of the program and the stamp of the code that compiles. Files that changed less than
two seconds before they were compiled could change again without a trace, so for them the content is compared as well.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mesoref import __version__
from mesoref.errors import BaseError
from mesoref.store import LAYOUT, Store, copy

SETTLED = 2.0
INSTALLED_WITHIN = 60.0
COMPILED = "base.sqlite"
PACKAGE = Path(__file__).parent
CODE = ("model.py", "schema.py", "loader.py", "derive.py", "store.py", "fold.py")
Progress = Callable[[int, int], None]
Paths = Sequence[tuple[Path, bool]]


def data_folder() -> Path:
    """The folder of the shipped base, in an installed package or in a checkout; raises BaseError if it is lost."""
    for folder in (PACKAGE / "data", PACKAGE.parents[1] / "data"):
        if folder.is_dir():
            return folder
    raise BaseError(f"the shipped base is missing beside {PACKAGE}; install mesoref again, or name a base with --data")


def cache_folder() -> Path:
    """The folder for compiled bases: `MESOREF_CACHE_DIR`, or the user's own cache folder."""
    if folder := os.environ.get("MESOREF_CACHE_DIR"):
        return Path(folder)
    import platformdirs

    return platformdirs.user_cache_path("mesoref", appauthor=False)


def connect(path: Path | None = None, extra: tuple[Path, ...] = (),
            progress: Progress | None = None) -> sqlite3.Connection:
    """A connection to the compiled base of these sources; compiles it if need be.

    A compiled base that is missing, old, damaged or somebody else's is made again; where it cannot be kept it is
    made in memory. Raises BaseError, with every problem, where the sources cannot be read or are invalid.
    """
    folder = path or data_folder()
    paths = [(folder, False), *((each, True) for each in extra)]
    if not path and not extra and (shipped := _open(folder / COMPILED, shipped_stamp(folder), own=False)):
        return shipped
    mark = stamp(paths)
    file = _file(paths)
    if file and mark and (kept := _open(file, mark)):
        meta = Store(kept).meta()
        if meta.get("settled") == "yes" or meta.get("hash") == content_hash(paths):
            return kept
        kept.close()
    connection = compile_base(paths, mark, progress)
    if file:
        # Whatever hinders keeping it, the base in memory answers.
        with contextlib.suppress(OSError, sqlite3.Error):
            save(connection, file)
    return connection


def compile_base(paths: Paths, mark: str, progress: Progress | None = None) -> sqlite3.Connection:
    """Compile sources into memory; raises BaseError where they are invalid."""
    from mesoref.derive import complete
    from mesoref.loader import load
    from mesoref.store import write

    begun = time.time()
    digest = content_hash(paths)
    sources = load(paths, places=False)
    if sources.problems:
        sources = load(paths)
        count = len(sources.problems)
        raise BaseError(f"the base cannot be used: {count} problem{'s' * (count != 1)}", sources.problems)
    newest = max((each.stat().st_mtime for each in _files(paths)), default=begun)
    connection = sqlite3.connect(":memory:")
    write(connection, complete((each.kind, each.body, each.local) for each in sources.entries.values()), {
        "layout": str(LAYOUT), "version": __version__, "as_of": sources.as_of, "hash": digest, "stamp": mark,
        "settled": "yes" if begun - newest > SETTLED else "no",
    }, progress)
    return connection


def stamp(paths: Paths) -> str:
    """What would change if the sources or the code changed; empty where the sources cannot be listed."""
    code = (PACKAGE / name for name in CODE)
    try:
        return "\n".join([f"{LAYOUT} {__version__}",
                          *(f"{each} {_change(each)}" for each in _files(paths)),
                          *(_change(each) for each in code if each.exists())])
    except OSError:
        return ""


def shipped_stamp(folder: Path) -> str:
    """The stamp of a base that is compiled when the package is built: files move, so only names and sizes count.

    A source that changed a minute or more after the compiled base was installed gives a stamp that fits none.
    """
    files = {entry.name: entry.stat() for entry in os.scandir(folder) if entry.name.endswith((".yaml", ".sqlite"))}
    compiled = files.pop(COMPILED, None)
    edited = compiled and any(each.st_mtime > compiled.st_mtime + INSTALLED_WITHIN for each in files.values())
    return "\n".join([f"{LAYOUT} {__version__}{' edited' if edited else ''}",
                      *(f"{name} {info.st_size}" for name, info in sorted(files.items()))])


def content_hash(paths: Paths) -> str:
    """SHA-256 over names and contents of the sources, in order; unreadable files count as empty."""
    import hashlib

    total = hashlib.sha256()
    for file in _files(paths):
        total.update(file.name.encode("utf-8", "surrogateescape") + b"\0")
        with contextlib.suppress(OSError):
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _change(file: Path) -> str:
    info = os.stat(file)
    return f"{info.st_size} {info.st_mtime_ns} {info.st_ino}"


def _files(paths: Paths) -> Iterator[Path]:
    """The files of sources, as the loader reads them; silent about what cannot be listed, for the loader will tell."""
    for path, _ in paths:
        try:
            if not path.is_dir():
                yield path
                continue
            for folder, folders, names in os.walk(path):
                folders.sort()
                yield from (Path(folder) / each for each in sorted(names)
                            if each.endswith((".yaml", ".yml")) and not each.startswith("."))
        except OSError:
            continue


def _file(paths: Paths) -> Path | None:
    """The file of a compiled base; its name is a checksum of the paths, which the stamp inside repeats in full."""
    import zlib

    try:
        key = "\0".join(f"{os.path.abspath(path)}{local}" for path, local in paths)
        return cache_folder() / f"base-{zlib.crc32(key.encode('utf-8', 'surrogateescape')):08x}.sqlite"
    except (OSError, RuntimeError, ValueError):
        return None


def _open(file: Path, mark: str, own: bool = True) -> sqlite3.Connection | None:
    """A connection to a compiled base if it is sound, fits its sources and, for a cache, is the user's own file."""
    try:
        info = os.lstat(file)
        if not stat.S_ISREG(info.st_mode) or (own and os.name == "posix" and info.st_uid != os.geteuid()):
            return None
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        if Store(connection).meta().get("stamp") == mark:
            return connection
        connection.close()
    except (OSError, sqlite3.Error):
        pass
    return None


def save(connection: sqlite3.Connection, file: Path) -> None:
    """Write a compiled base beside its place and move it there; raises OSError or sqlite3.Error where it cannot."""
    part = file.with_name(f"{file.name}.{os.getpid()}-{time.time_ns():x}")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        copy(connection, part)
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
