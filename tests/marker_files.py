"""Marker files and joints made for tests: a body whose angles are known by construction."""

from __future__ import annotations

import numpy as np

from knee_track.pose.joints import PARTS, Joints
from knee_track.pose.skeleton import LEGS

UP = np.array([0.0, 0.0, 1.0])
THIGH_M = SHANK_M = 0.42
FOOT_M, HIP_HALF_M, STANCE_HALF_M, ANKLE_UP_M = 0.2, 0.1, 0.17, 0.08


def joints(tilt_deg, medial_deg, toe_out_deg, times_s=None):
    """Joints (Z up, X forward, Y left) with shanks that tilt `tilt_deg` (n,) forward along the foot and lean
    `medial_deg` (n,) off it, over feet turned out; thighs lean back so that mid-hip stays over the ankles."""
    tilt, medial = np.broadcast_arrays(np.atleast_1d(tilt_deg), np.atleast_1d(medial_deg))
    n = len(tilt)
    lean, off, out = np.radians(medial)[:, None], np.radians(tilt)[:, None], np.radians(toe_out_deg)
    points = np.full((n, 2, len(PARTS), 3), np.nan)
    for side, leg in enumerate(LEGS):
        outward = 1.0 if leg == "left" else -1.0
        along = np.array([np.cos(out), outward * np.sin(out), 0.0])
        inward = np.array([np.sin(out), -outward * np.cos(out), 0.0])
        ankle = np.array([0.0, outward * STANCE_HALF_M, ANKLE_UP_M]) + np.zeros((n, 3))
        shank = np.cos(lean) * (np.sin(off) * along + np.cos(off) * UP) + np.sin(lean) * inward
        knee = ankle + SHANK_M * shank
        level = np.array([0.0, outward * HIP_HALF_M, 0.0]) - knee * [1.0, 1.0, 0.0]
        rise = np.sqrt(THIGH_M**2 - np.sum(level**2, axis=1, keepdims=True))
        hip = knee + level + rise * UP
        made = {
            "hip": hip,
            "knee": knee,
            "ankle": ankle,
            "third_toe": ankle + FOOT_M * along - 0.06 * UP,
            "heel": ankle - 0.05 * along - 0.05 * UP,
            "shoulder": hip + 0.5 * UP + outward * np.array([0.0, 0.08, 0.0]),
        }
        for part, values in made.items():
            points[:, side, PARTS.index(part)] = values
    return Joints(np.arange(n) / 60.0 if times_s is None else times_s, points)


def named(figure):
    """Names of the preset "joints" and points (n, 12, 3) in metres, Z up."""
    names = [f"{leg}_{part}" for leg in LEGS for part in PARTS]
    return names, figure.points_m.reshape(len(figure), -1, 3)


def trc_text(names, times_s, points, unit="m", *, gap="\t\t\t", blank_line=True, units_name="Units"):
    """A `.trc` file as text; NaN becomes an empty field."""
    head = ["DataRate", "CameraRate", "NumFrames", "NumMarkers", units_name, "OrigDataRate"]
    values = ["60", "60", str(len(times_s)), str(len(names)), unit, "60"]
    lines = ["PathFileType\t4\t(X/Y/Z)\tmade.trc", "\t".join(head), "\t".join(values)]
    lines.append("Frame#\tTime\t" + gap.join(names))
    lines.append("\t\t" + "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, len(names) + 1)))
    lines += [""] if blank_line else []
    for number, (time_s, row) in enumerate(zip(times_s, points, strict=True), start=1):
        cells = ["" if np.isnan(value) else f"{value:.9g}" for value in np.ravel(row)]
        lines.append("\t".join([str(number), f"{time_s:.6f}", *cells]))
    return "\n".join(lines) + "\n"
