"""The loop that people write first: read, find one person, draw landmarks and lines, write; no measures.

`speed.py` runs it as a whole process, to compare with. It uses nothing of knee_track.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import cv2
import mediapipe as mp
import numpy as np
from numpy.typing import NDArray

VISION: Final = mp.tasks.vision
BONES: Final = [(bone.start, bone.end) for bone in VISION.PoseLandmarksConnections.POSE_LANDMARKS]


def main(video: str, model: str, target: str) -> None:
    options = VISION.PoseLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=model),
        running_mode=VISION.RunningMode.VIDEO,
        num_poses=1,
    )
    capture = cv2.VideoCapture(video)
    fps = capture.get(cv2.CAP_PROP_FPS)
    size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    writer = cv2.VideoWriter(target, cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    index = 0
    with VISION.PoseLandmarker.create_from_options(options) as landmarker:
        while (read := capture.read())[0]:
            picture = read[1]
            image = mp.Image(mp.ImageFormat.SRGB, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            found = landmarker.detect_for_video(image, round(index * 1000 / fps))
            for person in found.pose_landmarks:
                draw(picture, person)
            writer.write(picture)
            index += 1
    writer.release()
    capture.release()


def draw(picture: NDArray[np.uint8], landmarks: Any) -> None:
    height, width = picture.shape[:2]
    points = [(round(point.x * width), round(point.y * height)) for point in landmarks]
    for start, end in BONES:
        cv2.line(picture, points[start], points[end], (255, 255, 255), 2)
    for point in points:
        cv2.circle(picture, point, 4, (0, 0, 255), -1)


if __name__ == "__main__":
    main(*sys.argv[1:])
