import gc
from pathlib import Path

from knee_track.video.decoder import Decoder
from knee_track.video.reader import VideoReader


def test_a_clip_left_early_keeps_no_pictures(samples_dir: Path) -> None:
    """Without waiting for Python's search for circles, which may come minutes later."""
    gc.collect()
    gc.disable()
    try:
        before = {id(thing) for thing in gc.get_objects() if isinstance(thing, Decoder)}
        with VideoReader(samples_dir / "side_squat.mp4", long_side_px=160) as reader:
            next(iter(reader))
        del reader
        left = [t for t in gc.get_objects() if isinstance(t, Decoder) and id(t) not in before]
        assert left == []
    finally:
        gc.enable()
