"""The terminal: which module draws a view on it.

Records, comparisons, hits and sources are prose, and charts are drawn in letters: wrapping them with the standard
library takes a tenth of the time that Rich takes to be imported and to lay them out. Tables, trees and the rest are
Rich's.
"""

from __future__ import annotations

from typing import TextIO

from mesoref.views import Bibliography, Chart, Comparison, Hits, Profiles, View


def write_table(view: View, stream: TextIO) -> None:
    """Write a view for a person at a terminal: coloured, fitted to the width, wrapped, never cut."""
    if isinstance(view, Profiles | Comparison | Hits | Bibliography):
        from mesoref.render import prose

        prose.write(view, stream)
    elif isinstance(view, Chart):
        from mesoref.render import plot

        plot.write(view, stream)
    else:
        from mesoref.render import terminal

        terminal.write(view, stream)
