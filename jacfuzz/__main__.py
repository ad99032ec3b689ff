"""``python -m jacfuzz``: the command line where its script is not on the path."""

from jacfuzz.cli import main

if __name__ == "__main__":
    main()
