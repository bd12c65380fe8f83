"""A front-view squatter made of 33 moving points, and MediaPipe's built-in filter to smooth them with."""

from dataclasses import replace

import numpy as np

from knee_track.pose.skeleton import HIP, INDEX, LANDMARKS, mirror_order
from knee_track.pose.track import PoseTrack

LEGS = [i for name, i in INDEX.items() if name.endswith(("hip", "knee", "ankle", "heel", "foot_index"))]
EVERYTHING = list(range(33))

# x away from the midline (to the client's left), height; hip width 1, in hundreds of pixels
_PLACES = {
    "hip": (0.5, 4.5),
    "knee": (0.8, 2.4),
    "ankle": (0.9, 0.3),
    "heel": (0.9, 0.1),
    "foot_index": (1.2, 0.0),
    "shoulder": (0.9, 7.0),
    "elbow": (1.2, 5.8),
    "wrist": (1.1, 4.6),
    "pinky": (1.15, 4.4),
    "index": (1.1, 4.3),
    "thumb": (1.0, 4.4),
    "ear": (0.4, 8.2),
}
_SQUAT_SHARE = {"ankle": 0.0, "heel": 0.0, "foot_index": 0.0, "knee": 0.3}


def squat_track(seconds=6.0, fps=30.0, squat_s=2.0, noise_px=0.0, seed=0):
    """Track of squats, 1.5 hip widths deep, the knees moving outward and down."""
    times = np.arange(round(seconds * fps)) / fps
    depth = 0.75 * (1 - np.cos(2 * np.pi * times / squat_s))
    image = np.empty((len(times), len(LANDMARKS), 2))
    for i, name in enumerate(LANDMARKS):
        side = 1 if "left" in name else -1 if "right" in name else 0
        x, height = _PLACES.get(name.removeprefix("left_").removeprefix("right_"), (0.15, 8.3))
        share = next((s for part, s in _SQUAT_SHARE.items() if name.endswith(part)), 1.0)
        image[:, i, 0] = 360 + 100 * side * (x + (0.2 * depth if name.endswith("knee") else 0))
        image[:, i, 1] = 1100 - 100 * (height - share * depth)
    image += np.random.default_rng(seed).normal(0, noise_px, image.shape) if noise_px else 0.0
    world = np.concatenate(
        [(image - image[:, 23:25].mean(axis=1, keepdims=True)) / 500, image[..., :1] * 0], -1
    )
    return PoseTrack(times, image, world, np.full(image.shape[:2], 0.99), 720, 1280)


def one_euro(times_s, values, scale, min_cutoff, beta):
    """MediaPipe's OneEuroFilter::Apply on (n, ...) values, value_scale = 1 / scale, frame by frame."""
    out = np.empty_like(values)
    last_time = last_raw = last_out = speed = None
    for i, value in enumerate(values):
        if i == 0 and times_s[0] == 0:  # refused: not later than the initial last time
            out[i] = value
            continue
        rate = 30.0 if last_time is None else 1 / (times_s[i] - last_time)

        def alpha(cutoff, rate=rate):
            return 1 / (1 + rate / (2 * np.pi * cutoff))

        if last_raw is None:
            speed, out[i] = np.zeros_like(value), value
        else:
            change = (value - last_raw) / scale[i] * rate
            speed = alpha(1.0) * change + (1 - alpha(1.0)) * speed
            weight = alpha(min_cutoff + beta * np.abs(speed))
            out[i] = weight * value + (1 - weight) * last_out
        last_time, last_raw, last_out = times_s[i], value, out[i]
    return out


def smoothed_by_mediapipe(track):
    """The track as VIDEO mode with num_poses=1 gives it."""
    hips = track.image_px[:, list(HIP.values())].mean(axis=1, keepdims=True)
    roi_side = 2.5 * np.linalg.norm(track.image_px - hips, axis=-1).max(axis=1)
    visibility = track.visibility.copy()
    for i in range(1, len(track)):
        visibility[i] = 0.1 * visibility[i] + 0.9 * visibility[i - 1]
    return replace(
        track,
        image_px=one_euro(track.times_s, track.image_px, roi_side, 0.05, 80.0),
        world_m=one_euro(track.times_s, track.world_m, np.ones(len(track)), 0.1, 40.0),
        visibility=visibility,
    )


def swap(track, frames, landmarks=LEGS):
    """Track with left and right of some landmarks exchanged in some frames."""
    twins = np.array(mirror_order())[landmarks]
    image, visibility = track.image_px.copy(), track.visibility.copy()
    image[np.ix_(frames, landmarks)] = track.image_px[np.ix_(frames, twins)]
    visibility[np.ix_(frames, landmarks)] = track.visibility[np.ix_(frames, twins)]
    return replace(track, image_px=image, visibility=visibility)
