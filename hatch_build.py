"""Compiles the shipped base when a wheel is built, with the code that compiles any other; an install never has to."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledBase(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `mesoref/data/base.sqlite` to a wheel; an editable install compiles for itself when its sources change."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before the wheel is put together."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from mesoref.cache import COMPILED, compile_base, save, shipped_stamp
        from mesoref.store.fulltext import with_full_text

        target = root / "build" / COMPILED
        target.parent.mkdir(exist_ok=True)
        with contextlib.closing(compile_base([(root / "data", False)], shipped_stamp(root / "data"))) as connection:
            save(with_full_text(connection), target)
        build_data["force_include"][str(target)] = f"mesoref/data/{COMPILED}"
