"""`python -m knee_track` is the same as `knee-track`."""

from knee_track.cli import main

main()
