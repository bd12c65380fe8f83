"""Hip joint centres from the four iliac spines, where no marker stands for them.

Source: Harrington et al. 2007, J Biomech 40:595-602, regression on MRI of 32 people (8 adults): from the
middle of the front spines, with PW their distance and PD the distance of the front from the back middle (mm),
0.24 PD + 9.9 back, 0.30 PW + 10.9 down and 0.33 PW + 7.3 to the side, in pelvis axes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def hip_centres(front: Floats, back: Floats, down: Floats) -> Floats:
    """Left and right hip joint centre (n, 2, 3) in metres.

    Parameters
    ----------
    front, back : (n, 2, 3) left and right anterior and posterior superior iliac spine
    down : (n, 3) any direction that is rather down, e.g. from hips to knees; only its side is used
    """
    middle = front.mean(axis=1)
    across = front[:, 0] - front[:, 1]  # to the left
    width = np.linalg.norm(across, axis=-1, keepdims=True)
    left = across / width
    forward = middle - back.mean(axis=1)
    depth = np.linalg.norm(forward, axis=-1, keepdims=True)
    forward = forward - np.sum(forward * left, axis=-1, keepdims=True) * left
    forward = forward / np.linalg.norm(forward, axis=-1, keepdims=True)
    below = np.cross(left, forward)
    below = below * np.where(np.sum(below * down, axis=-1, keepdims=True) < 0.0, -1.0, 1.0)
    centre = middle - (0.24 * depth + 0.0099) * forward + (0.30 * width + 0.0109) * below
    beside = (0.33 * width + 0.0073) * left
    return np.stack([centre + beside, centre - beside], axis=1)
