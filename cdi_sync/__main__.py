"""`python -m cdi_sync` is the command `cdi`."""

from cdi_sync.cli import main

if __name__ == "__main__":
    main()
