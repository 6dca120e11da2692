"""Make the pictures of this folder with the program itself: `python docs/make_pictures.py [FOLDER]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHARTS = ("pipeline", "timeline", "survival")


def charts(folder: Path) -> None:
    """Each chart as SVG."""
    for name in CHARTS:
        mesoref("chart", name, "-o", str(folder / f"{name}.svg"))


def mesoref(*args: str) -> None:
    """Run the program; raises CalledProcessError where it fails."""
    subprocess.run([sys.executable, "-m", "mesoref", *args], check=True)  # noqa: S603 - our own words


def main() -> None:
    """Make all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    charts(folder)


if __name__ == "__main__":
    main()
