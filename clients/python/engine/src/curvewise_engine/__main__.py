"""``python -m curvewise_engine`` is the command line."""

from . import main

main()
