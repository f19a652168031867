"""``python -m autoegg``: the command line where no console script is on PATH."""

from autoegg.command import main

main()
