"""The command line; heavy imports happen inside the commands, so that ``--help`` answers at once."""

from jacfuzz.cli.main import main as main
