"""BlazePose's 33 landmarks: names, indices, edges.

Source: MediaPipe's pose landmarker documentation; the names are the public ones. Left and right are the
client's own.
"""

from __future__ import annotations

from typing import Final, Literal

Leg = Literal["left", "right"]
LEGS: Final[tuple[Leg, Leg]] = ("left", "right")

LANDMARKS: Final = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)
N_LANDMARKS: Final = len(LANDMARKS)
INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(LANDMARKS)}

NOSE: Final = INDEX["nose"]
EYE: Final[dict[Leg, int]] = {"left": INDEX["left_eye"], "right": INDEX["right_eye"]}
EAR: Final[dict[Leg, int]] = {"left": INDEX["left_ear"], "right": INDEX["right_ear"]}
SHOULDER: Final[dict[Leg, int]] = {"left": INDEX["left_shoulder"], "right": INDEX["right_shoulder"]}
ELBOW: Final[dict[Leg, int]] = {"left": INDEX["left_elbow"], "right": INDEX["right_elbow"]}
WRIST: Final[dict[Leg, int]] = {"left": INDEX["left_wrist"], "right": INDEX["right_wrist"]}
HIP: Final[dict[Leg, int]] = {"left": INDEX["left_hip"], "right": INDEX["right_hip"]}
KNEE: Final[dict[Leg, int]] = {"left": INDEX["left_knee"], "right": INDEX["right_knee"]}
ANKLE: Final[dict[Leg, int]] = {"left": INDEX["left_ankle"], "right": INDEX["right_ankle"]}
HEEL: Final[dict[Leg, int]] = {"left": INDEX["left_heel"], "right": INDEX["right_heel"]}
FOOT_INDEX: Final[dict[Leg, int]] = {"left": INDEX["left_foot_index"], "right": INDEX["right_foot_index"]}

EDGES: Final[tuple[tuple[int, int], ...]] = tuple(
    (INDEX[a], INDEX[b])
    for a, b in (
        ("left_shoulder", "right_shoulder"),
        ("left_hip", "right_hip"),
        *(
            (f"{side}_{a}", f"{side}_{b}")
            for side in LEGS
            for a, b in (
                ("shoulder", "elbow"),
                ("elbow", "wrist"),
                ("shoulder", "hip"),
                ("hip", "knee"),
                ("knee", "ankle"),
                ("ankle", "heel"),
                ("heel", "foot_index"),
                ("ankle", "foot_index"),
            )
        ),
    )
)


def mirror_order() -> list[int]:
    """Index order that swaps every left landmark with its right twin (33 indices)."""
    swap = {"left": "right", "right": "left"}
    order = []
    for name in LANDMARKS:
        parts = [swap.get(part, part) for part in name.split("_")]
        order.append(INDEX["_".join(parts)])
    return order
