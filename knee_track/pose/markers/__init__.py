"""Markers of a motion-capture laboratory, or 3-D keypoints in its formats, and what each of them marks."""
