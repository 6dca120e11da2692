"""Comma- and tab-separated values."""

from __future__ import annotations

import csv
from typing import TextIO

from mesoref.render.clean import line, spreadsheet
from mesoref.render.grid import grid
from mesoref.views import View


def write_csv(view: View, stream: TextIO) -> None:
    """RFC 4180, for spreadsheets: nothing in it is taken for a formula."""
    header, rows = grid(view)
    out = csv.writer(stream, lineterminator="\n")
    out.writerow(header)
    out.writerows([spreadsheet(each) for each in row] for row in rows)


def write_tsv(view: View, stream: TextIO) -> None:
    """A line a record, fields between tabs, nothing quoted: for cut, sort and awk."""
    header, rows = grid(view)
    stream.write("".join("\t".join(line(each) for each in row) + "\n" for row in (header, *rows)))
