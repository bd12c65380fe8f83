"""The tables. Columns of reps, legs and events are named as the fields of `results` that they hold.

Everything hangs on a clip, which hangs on a session, which hangs on a client: deleting a client deletes all.
What has no column of its own stands in `clips.facts`, so that a clip's analysis can be put together again.
"""

from __future__ import annotations

import json
import zlib
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Constraints with fixed names can be changed by later migrations on every database.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class PackedJson(TypeDecorator[dict[str, Any]]):
    """JSON, packed with zlib: a plan repeats itself and shrinks from 98 to 7 kB, most of a clip's rows."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> bytes | None:
        """Pack what goes in."""
        return None if value is None else zlib.compress(json.dumps(value, ensure_ascii=False).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> dict[str, Any] | None:
        """Unpack what comes out."""
        return None if value is None else json.loads(zlib.decompress(value))


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        str: Text,
        float: Double,
        date: Date,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
    }


class ClientRow(Base):
    """A person. `number` 1 is "c001", never given twice; `folder` is what their clips' folder is called."""

    __tablename__ = "clients"
    __table_args__ = {"sqlite_autoincrement": True}
    number: Mapped[int] = mapped_column(primary_key=True)
    folder: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    height_m: Mapped[float | None]
    notes: Mapped[str | None]


class SessionRow(Base):
    """A client's clips of one day."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("client_number", "day"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    client_number: Mapped[int] = mapped_column(ForeignKey("clients.number", ondelete="CASCADE"))
    day: Mapped[date]


class ClipRow(Base):
    """One analysed clip. Its result lies in `folder` inside `place`; an empty place is that of the store."""

    __tablename__ = "clips"
    __table_args__ = (
        UniqueConstraint(
            "sha256", "settings_digest", "model_sha256", "software_version", name="uq_clips_key"
        ),
        Index(None, "session_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    sha256: Mapped[str]
    settings_digest: Mapped[str]
    model_sha256: Mapped[str]
    software_version: Mapped[str]
    source: Mapped[str]
    recorded_at: Mapped[str | None]
    place: Mapped[str]
    folder: Mapped[str]
    movement: Mapped[str]
    view: Mapped[str]
    quality: Mapped[str]
    facts: Mapped[dict[str, Any]]
    added_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


class OfClip:
    """Part of a clip's result; goes with it."""

    clip_id: Mapped[int] = mapped_column(
        ForeignKey("clips.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )


class LegResultRow(OfClip, Base):
    """A leg over all reps of a clip: `results.LegSummary`."""

    __tablename__ = "leg_results"
    leg: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[str]
    worst_grade: Mapped[str]
    reps_with_events: Mapped[int]
    median_peak_deviation_deg: Mapped[float | None]
    band_deg: Mapped[float | None]
    borderline: Mapped[bool]
    standing_deviation_deg: Mapped[float | None]
    standing_hka_deg: Mapped[float | None]
    standing_hka_band_deg: Mapped[float | None]
    toe_out_deg: Mapped[float | None]
    toe_out_band_deg: Mapped[float | None]


class RepRow(OfClip, Base):
    """A rep with its other frontal measures: `results.Rep` and `results.Frontal`."""

    __tablename__ = "reps"
    index: Mapped[int] = mapped_column("rep", primary_key=True, autoincrement=False)
    start_s: Mapped[float]
    bottom_s: Mapped[float]
    end_s: Mapped[float]
    depth: Mapped[float]
    depth_band: Mapped[float | None]
    knee_flexion_deg: Mapped[float | None]
    knee_flexion_band_deg: Mapped[float | None]
    working_leg: Mapped[str]
    kasr: Mapped[float | None]
    kasr_expected: Mapped[float | None]
    kasr_band: Mapped[float | None]
    pelvic_drop_deg: Mapped[float | None]
    pelvic_drop_band_deg: Mapped[float | None]
    trunk_lean_deg: Mapped[float | None]
    trunk_lean_band_deg: Mapped[float | None]
    hip_shift_pct_hips: Mapped[float | None]
    hip_shift_band_pct_hips: Mapped[float | None]


class RepLegRow(Base):
    """One leg in one rep: `results.RepLeg`."""

    __tablename__ = "rep_legs"
    __table_args__ = (
        ForeignKeyConstraint(["clip_id", "rep"], ["reps.clip_id", "reps.rep"], ondelete="CASCADE"),
    )
    clip_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rep: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leg: Mapped[str] = mapped_column(primary_key=True)
    peak_deviation_deg: Mapped[float | None]
    band_deg: Mapped[float | None]
    excursion_deg: Mapped[float | None]
    peak_offset_pct_shank: Mapped[float | None]
    peak_offset_mm: Mapped[float | None]
    toe: Mapped[str | None]
    ray_angle_deg: Mapped[float | None]
    peak_phase: Mapped[str | None]
    peak_s: Mapped[float | None]
    grade: Mapped[str]
    borderline: Mapped[bool]
    shallow: Mapped[bool]
    fppa_deg: Mapped[float | None]
    fppa_band_deg: Mapped[float | None]


class EventRow(OfClip, Base):
    """A valgus event: `results.Event`, counted from 1."""

    __tablename__ = "events"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leg: Mapped[str]
    rep: Mapped[int]
    phase: Mapped[str]
    phases: Mapped[list[str]]
    start_s: Mapped[float]
    end_s: Mapped[float]
    peak_s: Mapped[float]
    peak_deviation_deg: Mapped[float]
    band_deg: Mapped[float]
    mean_deviation_deg: Mapped[float]
    peak_offset_pct_shank: Mapped[float]
    grade: Mapped[str]
    static: Mapped[bool]
    confidence: Mapped[float]


class FindingRow(OfClip, Base):
    """A statement that steers the protocol: `results.Finding`, counted from 1."""

    __tablename__ = "findings"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column("finding")
    leg: Mapped[str | None]
    text: Mapped[str]
    evidence: Mapped[dict[str, Any]]


class ProtocolRow(OfClip, Base):
    """The corrective plan as a whole: `records.Protocol`."""

    __tablename__ = "protocols"
    status: Mapped[str]
    summary: Mapped[str]
    plan: Mapped[dict[str, Any]] = mapped_column(PackedJson)


class FailureRow(Base):
    """A file that could not be analysed; `tries` counts how often."""

    __tablename__ = "failures"
    __table_args__ = (Index(None, "client_number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(unique=True)
    client_number: Mapped[int | None] = mapped_column(ForeignKey("clients.number", ondelete="CASCADE"))
    reason: Mapped[str]
    remedy: Mapped[str]
    tries: Mapped[int]
