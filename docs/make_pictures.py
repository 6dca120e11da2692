"""Make the pictures of this folder with the program itself: `python docs/make_pictures.py [FOLDER [WHAT...]]`.

WHAT is `charts`, `terminal` or `handbook`; all of them if none is named. Those of the handbook need Chromium with its
driver and Selenium, and are left as they are where these are not installed.
"""

from __future__ import annotations

import base64
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CHARTS = ("pipeline", "timeline", "survival")
TERMINAL = {
    "terminal-list": (("list",), 80),
    "terminal-show": (("show", "car-t"), 40),
    "terminal-compare": (("compare", "virotherapy", "suicide-gene"), 40),
}
"""Name of the picture to what is typed, and how many lines of the answer are shown at most."""

HANDBOOK = {
    "handbook-start": ("_start", 1280, 860, False),
    "handbook-therapy": ("car-t", 1280, 860, False),
    "handbook-trials": ("_trials", 1280, 860, True),
    "handbook-compare": ("_compare=virotherapy,suicide-gene", 1280, 860, False),
    "handbook-phone": ("car-t", 390, 844, False),
}
"""Name of the picture to the page, the width and height of the screen, and whether it is dark."""

COLUMNS = 120
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars")


def charts(folder: Path) -> None:
    """Each chart as SVG."""
    for name in CHARTS:
        mesoref("chart", name, "-o", str(folder / f"{name}.svg"))


def terminal(folder: Path) -> None:
    """What the terminal shows, as SVG that loads no typeface from elsewhere."""
    import io

    from rich.console import Console
    from rich.text import Text

    for name, (words, lines) in TERMINAL.items():
        shown = mesoref(*words, "--format", "table", FORCE_COLOR="1", COLUMNS=str(COLUMNS)).splitlines()
        if len(shown) > lines:
            shown = shown[:next(place for place in range(lines, 0, -1) if not re.search(r"\w", shown[place]))]
        console = Console(record=True, file=io.StringIO(), width=COLUMNS, force_terminal=True)
        for each in shown:
            console.print(Text.from_ansi(each), overflow="crop", no_wrap=True)
        svg = console.export_svg(title=f"mesoref {' '.join(words)}", unique_id=name)
        own = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
        (folder / f"{name}.svg").write_text(own, encoding="utf-8", newline="\n")


def handbook(folder: Path) -> None:
    """Pages of the handbook as PNG."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver or not importlib.util.find_spec("selenium"):
        print("the handbook keeps its pictures: no chromium, chromedriver or selenium here")  # noqa: T201 - its answer
        return
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "handbook.html"
        mesoref("export", str(file))
        options = webdriver.ChromeOptions()
        options.binary_location = browser
        for each in (*FLAGS, f"--user-data-dir={place}/profile"):
            options.add_argument(each)
        reader = webdriver.Chrome(options=options, service=Service(driver))
        try:
            for name, (page, width, height, dark) in HANDBOOK.items():
                shot = picture(reader, f"{file.as_uri()}#{page}", width, height, dark=dark)
                (folder / f"{name}.png").write_bytes(shot)
        finally:
            reader.quit()


def picture(reader: Any, address: str, width: int, height: int, *, dark: bool) -> bytes:
    """A page as a screen of this size shows it."""
    reader.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1 if width > height else 1.5, "mobile": width < height})
    reader.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    reader.get("about:blank")
    reader.get(address)
    reader.execute_async_script("const done = arguments[0];"
                                "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200)))")
    return base64.b64decode(reader.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"])


def mesoref(*args: str, **environment: str) -> str:
    """What the program prints; raises CalledProcessError where it fails."""
    return subprocess.run([sys.executable, "-m", "mesoref", *args], check=True, stdout=subprocess.PIPE,  # noqa: S603
                          encoding="utf-8", env=os.environ | environment).stdout


def main() -> None:
    """Make the pictures that are asked for."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for each in (charts, terminal, handbook):
        if len(sys.argv) < 3 or each.__name__ in sys.argv[2:]:
            each(folder)


if __name__ == "__main__":
    main()
