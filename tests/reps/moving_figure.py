"""A stick figure seen by a pinhole camera: pose tracks of movements whose truth is known.

Body axes in metres: forward, left, up from the floor. The camera looks level, `camera_height` above it.
"""

from __future__ import annotations

import numpy as np

from knee_track.pose import skeleton as sk
from knee_track.pose.track import PoseTrack

FPS = 30
STAND = 0.82  # mid-hip above the ankles, standing
ANKLE_UP = 0.08
THIGH = SHANK = 0.42
TRUNK, HIP_HALF, SHOULDER_HALF, ARM = 0.50, 0.10, 0.18, 0.55
UP = np.array([0.0, 0.0, 1.0])
FORWARD = np.array([1.0, 0.0, 0.0])
SIDE = {"left": np.array([0.0, 1.0, 0.0]), "right": np.array([0.0, -1.0, 0.0])}


def min_jerk(times, start, end):
    """0 before `start`, 1 after `end`, least jerk between (Flash and Hogan 1985)."""
    x = np.clip((times - start) / (end - start), 0, 1)
    return 10 * x**3 - 15 * x**4 + 6 * x**5


def there_and_back(times, start, end, hold=0.0):
    """0 to 1 and back to 0 between `start` and `end`, `hold` seconds at 1 in the middle."""
    middle = (start + end) / 2
    return min_jerk(times, start, middle - hold / 2) - min_jerk(times, middle + hold / 2, end)


def clock(duration_s, fps=FPS):
    """Frame times, (n,) s."""
    return np.arange(round(duration_s * fps)) / fps


class Figure:
    """Pose of the body over time; every attribute may be changed before `film`."""

    def __init__(self, times):
        n = len(times)
        self.times = times
        self.depth = np.zeros(n)
        self.lean_deg = np.zeros(n)
        self.hips_back = np.zeros(n)  # m behind the middle of the feet
        self.travel = np.zeros((n, 3))  # m, moves hips and feet
        self.foot = {leg: np.zeros((n, 3)) + 0.15 * SIDE[leg] + ANKLE_UP * UP for leg in sk.LEGS}
        self.arm_deg = {leg: np.zeros(n) for leg in sk.LEGS}  # 0 hanging, 180 overhead, sideways

    def squat(self, depth):
        """Sink by `depth` (n,), trunk and hips as people do."""
        self.depth = self.depth + depth
        self.lean_deg = self.lean_deg + 90 * depth
        self.hips_back = self.hips_back + 0.4 * depth
        return self

    def hinge(self, share):
        """Bend from the hips, `share` (n,) of the way to a level trunk."""
        self.depth = self.depth + 0.22 * share
        self.lean_deg = self.lean_deg + 80 * share
        self.hips_back = self.hips_back + 0.35 * share
        return self

    def joints(self):
        """Landmark number → (n, 3) m in body axes; the others stay missing."""
        base = (self.foot["left"] + self.foot["right"]) / 2
        hips = self.travel + base * [1, 1, 0]
        hips = hips + np.outer(ANKLE_UP + STAND * (1 - self.depth), UP) - np.outer(self.hips_back, FORWARD)
        lean = np.radians(self.lean_deg)
        chest = hips + TRUNK * (np.outer(np.sin(lean), FORWARD) + np.outer(np.cos(lean), UP))
        points = {}
        for leg in sk.LEGS:
            ankle = self.foot[leg] + self.travel
            hip = hips + HIP_HALF * SIDE[leg]
            shoulder = chest + SHOULDER_HALF * SIDE[leg]
            arm = np.radians(self.arm_deg[leg])
            points[sk.SHOULDER[leg]] = shoulder
            points[sk.HIP[leg]] = hip
            points[sk.KNEE[leg]] = _knee(hip, ankle)
            points[sk.ANKLE[leg]] = ankle
            points[sk.HEEL[leg]] = ankle - 0.05 * FORWARD - 0.05 * UP
            points[sk.FOOT_INDEX[leg]] = ankle + 0.18 * FORWARD - 0.06 * UP
            points[sk.WRIST[leg]] = shoulder + ARM * (
                np.outer(np.sin(arm), SIDE[leg]) - np.outer(np.cos(arm), UP)
            )
        return points

    def film(self, *, yaw_deg=0.0, distance=3.0, camera_height=0.8, noise_px=1.0, seed=0):
        """Pose track of a 720 × 1280 camera of 1300 px focal length; `distance` may change over time (n,)."""
        yaw = np.radians(yaw_deg)
        to_camera = np.array([np.cos(yaw), np.sin(yaw), 0.0])
        right = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
        n = len(self.times)
        image, world = np.full((n, 33, 2), np.nan), np.full((n, 33, 3), np.nan)
        points = self.joints()
        middle = (points[sk.HIP["left"]] + points[sk.HIP["right"]]) / 2
        for index, point in points.items():
            away = np.broadcast_to(distance, n) - point @ to_camera
            image[:, index, 0] = 360 + 1300 * (point @ right) / away
            image[:, index, 1] = 640 + 1300 * (camera_height - point @ UP) / away
            own = point - middle
            world[:, index] = np.stack([own @ right, -(own @ UP), -(own @ to_camera)], axis=1)
        image += np.random.default_rng(seed).normal(0, noise_px, image.shape)
        return PoseTrack(self.times, _smooth(image), world, np.ones((n, 33)), 720, 1280)


def _knee(hip, ankle):
    """Knee of two links that bends forward, (n, 3)."""
    axis = hip - ankle
    length = np.linalg.norm(axis, axis=1, keepdims=True)
    axis = axis / length
    pole = FORWARD - axis * (axis @ FORWARD)[:, None]
    pole = pole / np.linalg.norm(pole, axis=1, keepdims=True)
    reach = np.minimum(length / 2, SHANK)
    return ankle + axis * reach + pole * np.sqrt(np.maximum(SHANK**2 - reach**2, 0))


def _smooth(image):
    """The noise that is left after cleaning: a running mean of five frames."""
    padded = np.pad(image, ((2, 2), (0, 0), (0, 0)), mode="edge")
    return np.mean([padded[k : k + len(image)] for k in range(5)], axis=0)
