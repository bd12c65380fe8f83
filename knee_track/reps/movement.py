"""Which movement the reps are, which leg works in each, and what is no rep of it.

Image landmarks tell what the feet do. World landmarks give the trunk's inclination, the rough bends of knee
and hip and which foot is in front: too biased to measure with, but the movements lie far apart in them.
Without world landmarks the picture gives rougher ones (picture.py), and a lunge is told by its low rear knee.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from knee_track.geometry import anatomy
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HIP, KNEE, LEGS, SHOULDER, WRIST, Leg
from knee_track.pose.track import PoseTrack
from knee_track.reps import picture
from knee_track.reps.depth import foot_step_px, hip_bend_deg, hip_height_px, knee_bend_deg
from knee_track.reps.segmentation import STARTS_INSIDE, RepSpan, Segments
from knee_track.results import Attempt, Movement, Working
from knee_track.settings import RepSettings

Floats = NDArray[np.float64]
Known = Literal["squat", "single_leg_squat", "lunge", "deadlift"]
Kind = Known | Literal["bending", "leaning", "stepping"]

MOVEMENTS: Final[tuple[Known, ...]] = ("squat", "single_leg_squat", "lunge", "deadlift")
STEPPED: Final = "both feet moved: stepping or jumping"
BENT: Final = "bending down from the hips"
LEANT: Final = "the hips sank, but the knees hardly bent"
ODD_FOOT: Final = "one foot stepped or left the floor, unlike in the other reps"
LOOKS_LIKE: Final = "but looks like"
"""Words of a note on a declaration that the picture does not bear out."""


@dataclass(frozen=True)
class Recognition:
    """What the reps of a clip are.

    working: per rep the leg or legs that carry it, None when that cannot be told. attempts: everything that
    was not counted, in order of time. notes: what the reader should be warned of, plain sentences.
    """

    movement: Movement
    reps: list[RepSpan]
    working: list[Working | None]
    attempts: list[Attempt]
    notes: list[str]


def recognise_movement(
    track: PoseTrack,
    depth: Floats,
    segments: Segments,
    settings: RepSettings,
    *,
    movement: Movement | None = None,
    leg: Leg | None = None,
) -> Recognition:
    """Name the movement and the working leg of each rep, and take out what is no rep of it.

    Parameters
    ----------
    track : cleaned pose track, n frames
    depth : (n,) fraction, from `depth_signal`
    segments : what `find_reps` found in it
    movement, leg : what the user declares; believed, and noted when the picture looks otherwise
    """
    spans = sorted([*segments.reps, *segments.attempts], key=lambda span: span.start_s)
    standing_px = hip_height_px(track, settings) / (1.0 - depth)
    kinds = [_kind(track, span, float(np.nanmedian(standing_px[span.frames])), settings) for span in spans]
    seen = _most_common_movement(spans, kinds)
    named = movement or seen
    judged = [_judge(span, kind, seen, named, settings) for span, kind in zip(spans, kinds, strict=True)]
    reps = [span for span in judged if span.reason is None]
    working = [leg or _working_leg(track, span, named, settings) for span in reps]
    attempts = [
        Attempt(start_s=span.start_s, end_s=span.end_s, reason=span.reason)
        for span in judged
        if span.reason is not None
    ]
    notes = [
        f"Rep {number}: which leg is in front cannot be told; declare it with --leg."
        for number, legs in enumerate(working, start=1)
        if legs is None
    ]
    if reps and named != seen != "unknown":
        notes.append(f"The movement was declared as {_words(named)}, {LOOKS_LIKE} {_words(seen)}.")
    elif leg and named == "single_leg_squat":
        stance = Counter(_stance_leg(track, span) for span in reps)
        other: Leg = "right" if leg == "left" else "left"
        if stance[other] and stance[other] >= stance[leg]:  # single reps may look so by mistake
            share = f"in {stance[other]} of {len(reps)} reps"
            notes.append(f"The working leg was declared as {leg}, {LOOKS_LIKE} {other} {share}.")
    return Recognition(named, reps, working, attempts, notes)


def _kind(track: PoseTrack, span: RepSpan, leg_px: float, settings: RepSettings) -> Kind:
    """What one movement looks like, its bottom against its start; `leg_px` is the standing hip height."""
    ankles = _ankles_px(track) / leg_px
    moved = np.linalg.norm(ankles[span.bottom_i] - ankles[span.start_i], axis=1)
    parted = np.linalg.norm(np.diff(ankles[span.bottom_i] - ankles[span.start_i], axis=0))
    if parted > settings.stepped and moved.min() > settings.stepped:
        return "stepping"
    hinges = _hinges(track, span, settings)
    if _knee_bend_deg(track, span) < settings.min_knee_bend_deg and not hinges:
        return "leaning"
    front = _front_leg(track, span.bottom_i, settings)
    if front and not _rear_foot_is_up(track, span.bottom_i, front, leg_px, settings):
        return "lunge"
    if _lifts_a_foot(track, span, leg_px, settings):
        return "single_leg_squat"
    if hinges:
        return "deadlift" if _hands_are_down(track, span.bottom_i) else "bending"
    return "squat"


def _rear_foot_is_up(track: PoseTrack, i: int, front: Leg, leg_px: float, settings: RepSettings) -> bool:
    """Whether the toe of the leg with the low knee is in the air: that is a single-leg squat.

    Asked of the picture alone, where a low knee is all that tells a rear leg; world landmarks know better.
    """
    if track.has_world:
        return False
    toe_y = track.image_px[:, FOOT_INDEX["right" if front == "left" else "left"], 1]
    return bool(np.median(_seen(toe_y)) - toe_y[i] > settings.lifted_foot * leg_px)


def _lifts_a_foot(track: PoseTrack, span: RepSpan, leg_px: float, settings: RepSettings) -> bool:
    """Whether one ankle rises over the other, against how the two lie in the picture with both feet down.

    Both feet are down where the ankles come nearest to one height in the whole clip.
    """
    step = foot_step_px(track) / leg_px
    planted = np.clip(0.0, *np.percentile(_seen(step), [5, 95]))
    lift = np.abs(np.percentile(_seen(step[span.frames]), [5, 95]) - planted)
    return bool(lift.max() > settings.lifted_foot)


def _hinges(track: PoseTrack, span: RepSpan, settings: RepSettings) -> bool:
    """Whether the trunk is nearly level and the hips bend much more than the knees."""
    i = span.bottom_i
    if track.has_world:
        world = track.world_m[i]
        trunk = np.sum([world[SHOULDER[leg]] - world[HIP[leg]] for leg in LEGS], axis=0)
        trunk_deg = np.degrees(np.arccos(-trunk[1] / np.linalg.norm(trunk)))
        excess_deg = np.mean([hip_bend_deg(track, leg)[i] - knee_bend_deg(track, leg)[i] for leg in LEGS])
    else:  # of the knee's bend the shank leans its share; trunk and thigh make up the hip's
        trunk_deg = picture.trunk_deg(track)[i]
        excess_deg = trunk_deg - anatomy.SHANK_SHARE * picture.knee_bend_of_depth_deg(span.depth)
    return bool(trunk_deg > settings.hinge_trunk_deg and excess_deg > settings.hinge_excess_deg)


def _knee_bend_deg(track: PoseTrack, span: RepSpan) -> float:
    """Rough flexion of the more bent knee at the bottom, degrees."""
    if not track.has_world:
        return picture.knee_bend_of_depth_deg(span.depth)
    return float(np.fmax(*(knee_bend_deg(track, leg)[span.bottom_i] for leg in LEGS)))


def _hands_are_down(track: PoseTrack, bottom_i: int) -> bool:
    """Whether both hands hang at the knees or lower, as they do on a bar; a hidden hand may."""
    image = track.image_px[bottom_i]
    return not any(image[WRIST[leg], 1] < image[KNEE[leg], 1] for leg in LEGS)


def _most_common_movement(spans: list[RepSpan], kinds: list[Kind]) -> Movement:
    """The movement that most of the spans look like; a deadlift may start on the floor."""
    votes: Counter[Kind] = Counter(
        kind
        for span, kind in zip(spans, kinds, strict=True)
        if span.reason is None or (span.reason == STARTS_INSIDE and kind == "deadlift")
    )
    best, count = max(((name, votes[name]) for name in MOVEMENTS), key=lambda vote: vote[1])
    return best if count else "unknown"


def _judge(span: RepSpan, kind: Kind, seen: Movement, named: Movement, settings: RepSettings) -> RepSpan:
    """The span as a rep of the movement `named` or, with its reason, as none."""
    pulled = named == "deadlift" and span.reason == STARTS_INSIDE and span.depth >= settings.min_depth
    if span.reason is not None and not pulled:
        return span
    return replace(span, reason=_refusal(kind, seen, named))


def _refusal(kind: Kind, seen: Movement, named: Movement) -> str | None:
    """Why a complete movement of this kind is no rep, None when it is one."""
    if kind == "stepping":
        return STEPPED
    if kind == "leaning":
        return LEANT
    if kind in ("bending", "deadlift") and "deadlift" not in (seen, named):
        return BENT
    both_feet_stay = {seen, named} <= {"squat", "deadlift"}
    if kind in ("single_leg_squat", "lunge") and both_feet_stay:
        return ODD_FOOT
    return None


def _working_leg(
    track: PoseTrack, span: RepSpan, movement: Movement, settings: RepSettings
) -> Working | None:
    """The leg or legs that carry a rep: the stance leg, the front leg, or both."""
    if movement == "single_leg_squat":
        return _stance_leg(track, span)
    if movement == "lunge":
        return _front_leg(track, span.bottom_i, settings, share=0.5)
    return "both"


def _front_leg(track: PoseTrack, i: int, settings: RepSettings, share: float = 1.0) -> Leg | None:
    """The leg in front in a frame; None when neither is by this share of what makes a lunge."""
    if track.has_world:
        lead, limit = _front_gap_m(track)[i], settings.lunge_gap_m
    else:
        lead, limit = picture.knee_lead(track)[i], settings.lunge_knee_lead
    if not abs(lead) > limit * share:
        return None
    return "left" if lead > 0 else "right"


def _stance_leg(track: PoseTrack, span: RepSpan) -> Working:
    """The leg whose ankle lies lower in the picture and moves less (measurement.md §2)."""
    lower = _seen(foot_step_px(track)[span.frames])
    left, right = (_seen(track.image_px[span.frames, ANKLE[leg], 1]) for leg in LEGS)
    return "left" if lower.mean() + np.ptp(right) - np.ptp(left) > 0 else "right"


def _front_gap_m(track: PoseTrack) -> Floats:
    """How far the left ankle is in front of the right one, (n,) m, from the world landmarks.

    Forward is level and square to the hip line: left hip minus right hip, crossed with up (world y is down).
    """
    world = track.world_m
    hip_line = world[:, HIP["left"]] - world[:, HIP["right"]]
    forward = np.cross(hip_line, [0.0, -1.0, 0.0])
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    return np.asarray(np.sum((world[:, ANKLE["left"]] - world[:, ANKLE["right"]]) * forward, axis=1))


def _ankles_px(track: PoseTrack) -> Floats:
    """(n, 2, 2) px: left and right ankle."""
    return np.asarray(track.image_px[:, [ANKLE[leg] for leg in LEGS]])


def _seen(values: Floats) -> Floats:
    """The values that are not missing; one 0 when all are."""
    known = values[np.isfinite(values)]
    return known if known.size else np.zeros(1)


def _words(movement: Movement) -> str:
    return movement.replace("_", " ").replace("single leg", "single-leg")
