"""The program's way in: `mesoref` and `python -m mesoref`."""

import gc

# A process that lives for a tenth of a second has no garbage worth a search; looking for it takes a sixth of the time.
gc.disable()

from mesoref.cli import main  # noqa: E402 - after the line above

if __name__ == "__main__":
    main()
