"""`python -m viewer` is `plumbline`."""

from viewer.cli import main

if __name__ == "__main__":
    main()
