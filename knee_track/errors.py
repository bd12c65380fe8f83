"""Errors a person can act on: one sentence that says what is wrong, which file, and what to do."""

from __future__ import annotations


class KneeTrackError(Exception):
    """Base of every error caused by input, environment or usage; `str(error)` is the whole message."""

    exit_code = 1


class UsageError(KneeTrackError):
    """The command or its options are wrong."""

    exit_code = 2


class VideoError(KneeTrackError):
    """A video cannot be read, holds nothing usable, or cannot be written."""


class ModelError(KneeTrackError):
    """A pose model bundle is missing, damaged or cannot be fetched."""


class PoseError(KneeTrackError):
    """Landmarks could not be estimated: nobody in the picture, or the pose process failed."""


class PoseFileError(KneeTrackError):
    """A file of landmarks made elsewhere cannot be read, or holds nothing usable."""


class OutputError(KneeTrackError):
    """The output place cannot be written."""


class SettingsError(UsageError):
    """A settings file or flag names an unknown threshold or an impossible value."""


class ProtocolError(SettingsError):
    """The exercise library or the rules cannot be used; the message names file, line and field."""


class MarkerError(KneeTrackError):
    """A file of markers cannot be read, or lacks markers that are needed."""


class ClusterError(KneeTrackError):
    """The machines that were to work cannot be reached, or cannot do it."""


class StoreError(KneeTrackError):
    """The store of clients and clips cannot be opened, read or written, or lacks what was asked for."""
