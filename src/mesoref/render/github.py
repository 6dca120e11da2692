"""Problems as the annotations that GitHub shows beside the lines of a change."""

from __future__ import annotations

from typing import TextIO

from mesoref.views import Problems, View


def write_github(view: View, stream: TextIO) -> None:
    """One workflow command a problem."""
    assert isinstance(view, Problems)
    for each in view.problems:
        place = f"file={_property(each.file)},line={each.line},col={each.column},title={_property(each.rule)}"
        stream.write(f"::error {place}::{_data(each.message)}\n")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
