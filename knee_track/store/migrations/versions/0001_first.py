"""Version 1: clients, sessions, clips, reps, legs, events, findings, protocols, failures.

A migration never changes once it is out; the tables of today stand in `store/tables.py`.
There is no way back to an earlier version: it could only lose data.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    _clients_and_failures()
    _sessions_and_clips()
    _reps()
    _results()


def _clients_and_failures() -> None:
    op.create_table(
        "clients",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("height_m", sa.Double(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_clients"),
        sa.UniqueConstraint("folder", name="uq_clients_folder"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("client_number", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_number"], ["clients.number"], name="fk_failures_client_number", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_failures"),
        sa.UniqueConstraint("file", name="uq_failures_file"),
    )
    op.create_index("ix_failures_client_number", "failures", ["client_number"], unique=False)


def _sessions_and_clips() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_number"], ["clients.number"], name="fk_sessions_client_number", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("client_number", "day", name="uq_sessions_client_number_day"),
    )
    op.create_table(
        "clips",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("settings_digest", sa.Text(), nullable=False),
        sa.Column("model_sha256", sa.Text(), nullable=False),
        sa.Column("software_version", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("movement", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_clips_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clips"),
        sa.UniqueConstraint(
            "sha256", "settings_digest", "model_sha256", "software_version", name="uq_clips_key"
        ),
    )
    op.create_index("ix_clips_session_id", "clips", ["session_id"], unique=False)


def _reps() -> None:
    op.create_table(
        "reps",
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("rep", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("bottom_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("depth", sa.Double(), nullable=False),
        sa.Column("depth_band", sa.Double(), nullable=True),
        sa.Column("knee_flexion_deg", sa.Double(), nullable=True),
        sa.Column("knee_flexion_band_deg", sa.Double(), nullable=True),
        sa.Column("working_leg", sa.Text(), nullable=False),
        sa.Column("kasr", sa.Double(), nullable=True),
        sa.Column("kasr_expected", sa.Double(), nullable=True),
        sa.Column("kasr_band", sa.Double(), nullable=True),
        sa.Column("pelvic_drop_deg", sa.Double(), nullable=True),
        sa.Column("pelvic_drop_band_deg", sa.Double(), nullable=True),
        sa.Column("trunk_lean_deg", sa.Double(), nullable=True),
        sa.Column("trunk_lean_band_deg", sa.Double(), nullable=True),
        sa.Column("hip_shift_pct_hips", sa.Double(), nullable=True),
        sa.Column("hip_shift_band_pct_hips", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name="fk_reps_clip_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_id", "rep", name="pk_reps"),
    )
    op.create_table(
        "rep_legs",
        sa.Column("clip_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rep", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("peak_deviation_deg", sa.Double(), nullable=True),
        sa.Column("band_deg", sa.Double(), nullable=True),
        sa.Column("excursion_deg", sa.Double(), nullable=True),
        sa.Column("peak_offset_pct_shank", sa.Double(), nullable=True),
        sa.Column("peak_offset_mm", sa.Double(), nullable=True),
        sa.Column("toe", sa.Text(), nullable=True),
        sa.Column("ray_angle_deg", sa.Double(), nullable=True),
        sa.Column("peak_phase", sa.Text(), nullable=True),
        sa.Column("peak_s", sa.Double(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("borderline", sa.Boolean(), nullable=False),
        sa.Column("shallow", sa.Boolean(), nullable=False),
        sa.Column("fppa_deg", sa.Double(), nullable=True),
        sa.Column("fppa_band_deg", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clip_id", "rep"],
            ["reps.clip_id", "reps.rep"],
            name="fk_rep_legs_clip_id_rep",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clip_id", "rep", "leg", name="pk_rep_legs"),
    )


def _results() -> None:
    op.create_table(
        "leg_results",
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("worst_grade", sa.Text(), nullable=False),
        sa.Column("reps_with_events", sa.Integer(), nullable=False),
        sa.Column("median_peak_deviation_deg", sa.Double(), nullable=True),
        sa.Column("band_deg", sa.Double(), nullable=True),
        sa.Column("borderline", sa.Boolean(), nullable=False),
        sa.Column("standing_deviation_deg", sa.Double(), nullable=True),
        sa.Column("standing_hka_deg", sa.Double(), nullable=True),
        sa.Column("standing_hka_band_deg", sa.Double(), nullable=True),
        sa.Column("toe_out_deg", sa.Double(), nullable=True),
        sa.Column("toe_out_band_deg", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name="fk_leg_results_clip_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_id", "leg", name="pk_leg_results"),
    )
    op.create_table(
        "events",
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("rep", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("phases", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("peak_s", sa.Double(), nullable=False),
        sa.Column("peak_deviation_deg", sa.Double(), nullable=False),
        sa.Column("band_deg", sa.Double(), nullable=False),
        sa.Column("mean_deviation_deg", sa.Double(), nullable=False),
        sa.Column("peak_offset_pct_shank", sa.Double(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("static", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name="fk_events_clip_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_id", "number", name="pk_events"),
    )
    op.create_table(
        "findings",
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name="fk_findings_clip_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_id", "number", name="pk_findings"),
    )
    op.create_table(
        "protocols",
        sa.Column("clip_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clips.id"], name="fk_protocols_clip_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("clip_id", name="pk_protocols"),
    )
