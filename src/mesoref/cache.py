"""Where the sources and the compiled bases live, and when a base must be compiled again.

A compiled base is good while the stamp that was taken of its sources still fits: paths, sizes, times of change and
inodes of the files, the version of the program and the stamp of the code that compiles. Files that changed less than
two seconds before they were compiled could change again without a trace, so for them the content is compared as well.

It is sealed with a checksum over all of it, so that no damage can change an answer. The checksum stands where SQLite
keeps a number for applications (`user_version`): the file is an ordinary SQLite file.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mesoref import __version__
from mesoref.errors import BaseError
from mesoref.sources import change, is_source, read, source_files
from mesoref.store import LAYOUT, Store
from mesoref.store.sqlite import ONE_THREAD, Progress, in_memory

if TYPE_CHECKING:
    from mesoref.loader import Sources

SETTLED = 2.0
INSTALLED_WITHIN = 60.0
COMPILED = "base.sqlite"
ATTEMPTS = 3
SEAL = slice(60, 64)
LARGE = 16_000_000
ABANDONED = 3600.0
PACKAGE = Path(__file__).parent
CODE = ("model.py", "schema.py", "sources.py", "notes.py", "reading.py", "loader.py", "derive.py", "rows.py",
        "store/sqlite.py", "store/writing.py", "store/fulltext.py", "fold.py")
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


def open_store(path: Path | None = None, extra: tuple[Path, ...] = (), progress: Progress | None = None) -> Store:
    """The compiled base of these sources; compiles it if need be.

    A compiled base that is missing, old, damaged or somebody else's is made again; where it cannot be kept it is
    made in memory. Raises BaseError, with every problem, where the sources cannot be read or are invalid.
    """
    folder = path or data_folder()
    paths = [(folder, False), *((each, True) for each in extra)]
    with contextlib.suppress(OSError):
        if not path and not extra and (shipped := _open(folder / COMPILED, shipped_stamp(folder), own=False)):
            return Store(shipped, progress=progress)
    mark = stamp(paths)
    file = _file(paths)
    state = _state(file) if file else ""
    if file and mark and (kept := _open(file, mark)):
        store = Store(kept, partial(_keep, file, state), progress)
        meta = store.meta()
        with contextlib.suppress(OSError):
            if meta.get("settled") == "yes" or _has_settled(file, paths, mark, meta.get("hash")):
                return store
        store.close()
    connection = compile_base(paths, mark, progress)
    if not file:
        return Store(connection, progress=progress)
    _keep(file, _state(file), connection)
    return Store(connection, partial(_keep, file, _state(file)), progress)


def _state(file: Path) -> str:
    """What changes when a file is replaced; empty where there is none."""
    try:
        return change(os.lstat(file))
    except OSError:
        return ""


def _keep(file: Path, state: str, connection: sqlite3.Connection) -> None:
    """Keep a compiled base, unless another run has kept one there since its file was in this state."""
    # Whatever hinders it, the base in memory answers.
    with contextlib.suppress(OSError, sqlite3.Error):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_guarded(file.parent) and _state(file) == state:
            save(connection, file)


def compile_base(paths: Paths, mark: str, progress: Progress | None = None) -> sqlite3.Connection:
    """Compile sources into memory, all but full text; raises BaseError where they are invalid or keep changing."""
    from mesoref.derive import complete
    from mesoref.store.writing import write

    begun = time.time()
    sources, digest = _load(paths, progress)
    if sources.problems:
        count = len(sources.problems)
        raise BaseError(f"the base cannot be used: {count} problem{'s' * (count != 1)}", sources.problems)
    newest = _newest(paths)
    meta = {"layout": str(LAYOUT), "version": __version__, "as_of": sources.as_of, "hash": digest, "stamp": mark,
            "settled": "yes" if begun - newest > SETTLED else "no"}
    connection = in_memory()
    try:
        write(connection, complete((each.kind, each.body, each.local) for each in sources.entries.values()), meta,
              progress)
    except BaseException:
        connection.close()
        raise
    return connection


def _load(paths: Paths, progress: Progress | None) -> tuple[Sources, str]:
    """The sources with the hash of their contents, all as they were at one moment; where they are bad, with places."""
    from mesoref.loader import load

    for _ in range(ATTEMPTS):
        before = stamp(paths)
        sources = load(paths, places=False, progress=progress)
        if sources.problems:
            sources = load(paths)
        with contextlib.suppress(OSError):
            digest = "" if sources.problems else content_hash(paths)
            if stamp(paths) == before:
                return sources, digest
    raise BaseError("the sources changed while they were read; try again")


def _has_settled(file: Path, paths: Paths, mark: str, digest: str | None) -> bool:
    """Whether sources are still what was compiled, although they had just been changed then.

    Their content is compared each time until they have been left alone for a while, which a note tells from then on.
    """
    note = file.with_name(f"{file.name}.settled")
    with contextlib.suppress(OSError):
        if note.read_text("utf-8", "surrogateescape") == mark:
            return True
    left_alone = time.time() - _newest(paths) > SETTLED
    if digest != content_hash(paths):
        return False
    if left_alone:
        with contextlib.suppress(OSError), _aside(note) as part:
            part.write_text(mark, "utf-8", "surrogateescape")
    return True


def _newest(paths: Paths) -> float:
    return max(each.stat().st_mtime for path, _ in paths for each in source_files(path))


def stamp(paths: Paths) -> str:
    """What would change if the sources or the code changed; empty where the sources cannot be listed."""
    code = (PACKAGE / name for name in CODE)
    try:
        return "\n".join([f"{LAYOUT} {__version__}",
                          *(f"{os.path.abspath(each)} {change(os.stat(each))}"
                            for path, _ in paths for each in source_files(path)),
                          *(change(os.stat(each)) for each in code if each.exists())])
    except OSError:
        return ""


def shipped_stamp(folder: Path) -> str:
    """The stamp of a base that is compiled when the package is built: files move, so only names and sizes count.

    A source that changed a minute or more after the compiled base was installed gives a stamp that fits none.
    """
    files = {entry.name: entry.stat() for entry in os.scandir(folder)
             if is_source(entry.name) or entry.name == COMPILED}
    compiled = files.pop(COMPILED, None)
    edited = compiled and any(each.st_mtime > compiled.st_mtime + INSTALLED_WITHIN for each in files.values())
    return "\n".join([f"{LAYOUT} {__version__}{' edited' if edited else ''}",
                      *(f"{name} {info.st_size}" for name, info in sorted(files.items()))])


def content_hash(paths: Paths) -> str:
    """SHA-256 over names and contents of the sources, in order; raises OSError where one cannot be read."""
    import hashlib

    total = hashlib.sha256()
    for path, _ in paths:
        for file in source_files(path):
            total.update(file.name.encode("utf-8", "surrogateescape") + b"\0")
            total.update(hashlib.sha256(read(file)).digest())
    return total.hexdigest()


def _file(paths: Paths) -> Path | None:
    """The file of a compiled base; its name is a checksum of the paths, which the stamp inside repeats in full."""
    import zlib

    try:
        key = "\0".join(f"{os.path.abspath(path)}{local}" for path, local in paths)
        folder = cache_folder()
    except (OSError, RuntimeError, ValueError):
        return None
    # Without a home the folder begins with a tilde that means nothing, and would be made where the user happens to be.
    return None if str(folder).startswith("~") else \
        folder / f"base-{zlib.crc32(key.encode('utf-8', 'surrogateescape')):08x}.sqlite"


def _open(file: Path, mark: str, own: bool = True) -> sqlite3.Connection | None:
    """A connection to a compiled base if it is whole, fits its sources and, for a cache, is the user's own file."""
    connection = None
    try:
        info = os.lstat(file) if own else os.stat(file)
        usable = stat.S_ISREG(info.st_mode) and (not own or (_is_own(info) and _is_guarded(file.parent)))
        if not usable or not _is_whole(file, info):
            return None
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True,
                                     check_same_thread=ONE_THREAD)
        if Store(connection).meta().get("stamp") == mark:
            return connection
    except (OSError, sqlite3.Error, BaseError):
        pass
    if connection:
        connection.close()
    return None


def _is_own(info: os.stat_result) -> bool:
    return os.name != "posix" or info.st_uid == os.geteuid()


def _is_guarded(folder: Path) -> bool:
    """Whether nobody else can put a file of theirs in the place of one of the user's."""
    info = os.stat(folder)
    shared = info.st_mode & 0o022 and not info.st_mode & stat.S_ISVTX
    return os.name != "posix" or (info.st_uid in (os.geteuid(), 0) and not shared)


def _is_whole(file: Path, info: os.stat_result) -> bool:
    """Whether a compiled base is as it was sealed.

    All of it is read each time (4 MB take 2 ms). A large one is read only when it has changed since it was last found
    whole, which a note beside it tells.
    """
    note = file.with_name(f"{file.name}.whole")
    if info.st_size > LARGE:
        with contextlib.suppress(OSError):
            if note.read_text("ascii") == change(info):
                return True
    total, seal = _checksum(file)
    if total != seal:
        return False
    if info.st_size > LARGE:
        with contextlib.suppress(OSError), _aside(note) as part:
            part.write_text(change(info), "ascii")
    return True


def _checksum(file: Path) -> tuple[int, int]:
    """The checksum of a compiled base as it is, and the one it was sealed with."""
    import zlib

    buffer = bytearray(1 << 18)
    with open(file, "rb", buffering=0) as stream:
        head = stream.read(SEAL.stop)
        total = zlib.crc32(head[:SEAL.start])
        while size := stream.readinto(buffer):
            total = zlib.crc32(memoryview(buffer)[:size], total)
    return total, int.from_bytes(head[SEAL])


def save(connection: sqlite3.Connection, file: Path) -> None:
    """Write a compiled base beside its place and move it there; raises OSError or sqlite3.Error where it cannot."""
    from mesoref.store.writing import copy

    with _aside(file) as part:
        copy(connection, part)
        total, _ = _checksum(part)
        with open(part, "r+b") as stream:
            stream.seek(SEAL.start)
            stream.write(total.to_bytes(SEAL.stop - SEAL.start))
    for each in file.parent.glob(f"{file.name}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - each.lstat().st_mtime > ABANDONED:
                each.unlink()


@contextlib.contextmanager
def _aside(file: Path) -> Iterator[Path]:
    """A new file of the user's alone, moved into the place of another at the end."""
    part = file.with_name(f"{file.name}.{os.getpid()}-{time.time_ns():x}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
