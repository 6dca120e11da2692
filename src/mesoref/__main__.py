"""`python -m mesoref`."""

from mesoref.cli import main

main()
