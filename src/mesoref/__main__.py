"""The program's way in: `mesoref` and `python -m mesoref`."""

import gc
import os
import sys

# A process that lives for a tenth of a second has no garbage worth a search; looking for it takes a sixth of the time.
gc.disable()


def main() -> None:
    """Load the program and run it."""
    if "_MESOREF_COMPLETE" in os.environ:
        # Typer would read titles as Rich's markup, which drops what stands in brackets and doubles the time.
        sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        from mesoref.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # Nor does Python look for any as it ends.
        gc.freeze()


if __name__ == "__main__":
    main()
