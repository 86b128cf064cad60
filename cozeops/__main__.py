"""`python -m cozeops`."""

from cozeops.cli import main

main()
