"""The options that stand on every command, after its arguments or before it."""

from __future__ import annotations

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


def settings_of(ctx: Any) -> Settings:
    """The common options of a command: what stands after it, else what stands before it."""
    before = (ctx.parent.obj or ctx.parent.params) if ctx.parent else {}

    def given(name: str, unset: Any) -> Any:
        return next((each[name] for each in (ctx.params, before) if each.get(name) not in (None, unset, [], ())), unset)

    return Settings(_path(given("data", None)), tuple(_path(each) for each in given("extra", ())),
                    given("format", ""), _path(given("output", None)), given("pager", True))


def _path(value: Any) -> Any:
    return None if value is None else Path(value)
