"""The options that stand on every command, after its arguments or before it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mesoref.frozen import Frozen


class Settings(Frozen):
    """The options that stand on every command."""

    data: Path | None = None
    extra: tuple[Path, ...] = ()
    format: str = ""
    output: Path | None = None
    pager: bool = True

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of the options."""
        return cls._names


def settings_of(ctx: Any) -> Settings:
    """The common options of a command: what stands after it, else before it, else in the environment.

    Of what is laid over the base everything counts, wherever it stands.
    """
    above = ctx.parent or ctx
    before, after = above.obj or above.params, ctx.params if ctx.parent else {}

    def given(name: str, unset: Any) -> Any:
        return next((each[name] for each in (after, before) if each.get(name) not in (None, unset, [], ())), unset)

    extra = (*(before.get("extra") or ()), *(after.get("extra") or ()))
    return Settings(_path(given("data", None) or os.environ.get("MESOREF_DATA") or None), tuple(map(Path, extra)),
                    given("format", ""), _path(given("output", None)), given("pager", True))


def _path(value: Any) -> Any:
    return None if value is None else Path(value)
