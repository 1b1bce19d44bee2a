"""`python -m wordvec` is `wordvec`."""

from wordvec.cli.app import main

if __name__ == "__main__":
    main()
