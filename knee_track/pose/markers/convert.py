"""From named markers to joint centres in upright axes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knee_track.errors import MarkerError
from knee_track.pose.joints import NEEDED, PARTS, Joints, level_unit, square_to
from knee_track.pose.markers.data import Markers, Up
from knee_track.pose.markers.hips import hip_centres
from knee_track.pose.markers.mapping import Mapping
from knee_track.pose.skeleton import LEGS, Leg

Floats = NDArray[np.float64]

LEAST_UPRIGHT: Final = 0.9
"""Share of the way from ankles to hips that the upward axis must hold in standing: within 26°."""
LEAST_UP: Final = 0.5
"""The same for an axis that was said: within 60°, for a recording that holds no standing."""
STRAIGHTEST: Final = 90.0
"""Percentile of the hip-ankle distance from which a frame counts as standing."""
ORDER: Final[dict[str, list[int]]] = {"x": [1, 2, 0], "y": [2, 0, 1], "z": [0, 1, 2]}
"""Axes in an order that keeps handedness and puts the named one last."""


def joints_of(markers: Markers, mapping: Mapping, up: Up | None = None) -> Joints:
    """Joint centres of the client.

    Parameters
    ----------
    markers : everything that `mapping` needs must be there, see `mapping.choose_mapping`
    up : the laboratory's axis that points up; None: what the file says, else read from how the joints are
        stacked in standing

    Raises MarkerError when the upward axis cannot be told, or cannot be the one said, or a marker is never
    seen.
    """
    points = np.stack([_leg_points(markers, mapping, leg) for leg in LEGS], axis=1)
    if "hip" not in mapping.points:
        points[:, :, PARTS.index("hip")] = _regressed_hips(markers, mapping, points)
    _refuse_empty(points)
    up = up or markers.up
    if up is not None:
        _refuse_lying(points, up)
    points = upright(points, up or find_up(points))
    joints = Joints(
        markers.times_s,
        points,
        None if mapping.placement_sd_mm is None else mapping.placement_sd_mm / 1000.0,
        mapping.toe_axis_sd_deg,
        mapping.notes,
    )
    return _turned_toes(_moved_inward(joints, mapping), mapping.third_toe_lateral_deg)


def find_up(points: Floats) -> Up:
    """The axis that points from ankles to hips where the legs are longest, from (n, 2, 6, 3) points."""
    share = _standing(points)
    axis = int(np.abs(share).argmax())
    if abs(share[axis]) < LEAST_UPRIGHT:
        raise MarkerError(
            "Which axis points up cannot be told from how the client stands; say it with --up x, y or z."
        )
    name = "xyz"[axis]
    found: dict[str, Up] = {"x": "x", "y": "y", "z": "z", "-x": "-x", "-y": "-y", "-z": "-z"}
    return found[name if share[axis] > 0 else f"-{name}"]


def _standing(points: Floats) -> Floats:
    """(3,) unit direction from ankles to hips where the legs are longest."""
    middle = points.mean(axis=1)
    along = middle[:, PARTS.index("hip")] - middle[:, PARTS.index("ankle")]
    length = np.linalg.norm(along, axis=1)
    seen = np.isfinite(length)
    if not seen.any():
        raise MarkerError("No frame shows both hips and both ankles; say which axis points up with --up.")
    tall = seen & (length >= np.percentile(length[seen], STRAIGHTEST))
    return np.asarray(np.median(along[tall] / length[tall, None], axis=0))


def _refuse_lying(points: Floats, up: Up) -> None:
    """Raise MarkerError when the client lies or stands on the head with this axis pointing up."""
    if upright(_standing(points), up)[2] < LEAST_UP:
        raise MarkerError(
            f"With {up} pointing up the client does not stand; leave out --up, or say another axis."
        )


def upright(points: Floats, up: Up) -> Floats:
    """Points (..., 3) turned so that Z points up; a rotation, so left and right stay what they are."""
    turned = points[..., ORDER[up[-1]]]
    if up.startswith("-"):
        turned = turned[..., [1, 0, 2]] * [1.0, 1.0, -1.0]
    return np.asarray(turned)


def _leg_points(markers: Markers, mapping: Mapping, leg: Leg) -> Floats:
    """(n, 6, 3) points of one leg in the laboratory's axes; NaN for those that the file lacks."""
    points = np.full((len(markers.times_s), len(PARTS), 3), np.nan)
    for index, part in enumerate(PARTS):
        weights = mapping.weights(leg, part)
        columns = {name: markers.find(name) for name in weights}
        if weights and None not in columns.values():
            points[:, index] = sum(
                share * markers.points_m[:, columns[name]] for name, share in weights.items()
            )
    return points


def _regressed_hips(markers: Markers, mapping: Mapping, points: Floats) -> Floats:
    """(n, 2, 3) hip joint centres from the iliac spines."""
    spines = [[markers.points_m[:, markers.find(name)] for name in mapping.spines(leg) or ()] for leg in LEGS]
    front, back = np.stack(spines).transpose(1, 2, 0, 3)
    knees = points[:, :, PARTS.index("knee")].mean(axis=1)
    return hip_centres(front, back, knees - front.mean(axis=1))


def _refuse_empty(points: Floats) -> None:
    """Raise MarkerError when a needed point never is seen, or never all of them together."""
    needed = [PARTS.index(part) for part in NEEDED]
    if np.isfinite(points[:, :, needed]).all(axis=(1, 2, 3)).any():
        return
    for side, leg in enumerate(LEGS):
        for part in NEEDED:
            if not np.isfinite(points[:, side, PARTS.index(part)]).all(axis=-1).any():
                raise MarkerError(f"The {leg} {part.replace('_', ' ')} is in no frame of the recording.")
    raise MarkerError("No frame holds hips, knees, ankles and toes of both legs together.")


def _moved_inward(joints: Joints, mapping: Mapping) -> Joints:
    """Skin markers of the outer side moved toward the body's middle, square to the foot.

    The foot's own line, heel to toe marker, gives the direction: both lie on the foot's middle, so it does
    not depend on the ankle marker that is being moved.
    """
    points = joints.points_m.copy()
    for part, inward_mm in mapping.inward_mm.items():
        for side, leg in enumerate(LEGS):
            foot = level_unit(joints.of(leg, "third_toe") - joints.of(leg, "heel"))
            medial = square_to(foot, _across(joints, leg))
            points[:, side, PARTS.index(part)] += inward_mm / 1000.0 * medial
    return replace(joints, points_m=points)


def _turned_toes(joints: Joints, lateral_deg: float) -> Joints:
    """The toe points turned outward about the vertical through the ankle, to where the third toe lies."""
    points, angle = joints.points_m.copy(), np.radians(lateral_deg)
    for side, leg in enumerate(LEGS):
        ankle, toe = joints.of(leg, "ankle"), joints.of(leg, "third_toe")
        medial = square_to(level_unit(toe - ankle), _across(joints, leg))
        level = np.linalg.norm((toe - ankle)[:, :2], axis=1, keepdims=True)
        ahead = level * level_unit(toe - ankle)
        moved = (np.cos(angle) - 1.0) * ahead - np.sin(angle) * level * medial
        points[:, side, PARTS.index("third_toe")] = toe + moved
    return replace(joints, points_m=points)


def _across(joints: Joints, leg: Leg) -> Floats:
    """(n, 3) from a leg's own hip to the other's."""
    other: Leg = "right" if leg == "left" else "left"
    return joints.of(other, "hip") - joints.of(leg, "hip")
