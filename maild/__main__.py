"""`python -m maild` is the command `maild`, for where its script is not on the PATH."""

from maild.cli.main import main

if __name__ == "__main__":
    main()
