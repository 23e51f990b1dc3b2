"""`python -m bot` is `learnbot`."""

from bot.cli import main

main()
