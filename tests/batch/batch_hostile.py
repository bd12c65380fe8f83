"""Files that lie beside clips and are none, or none that can be analysed."""

import os
import shutil

import av
import numpy as np


def hostile(root, short):
    """What lies in folders beside clips; the names of those that must end as failures."""
    root.mkdir()
    (root / "empty.mp4").touch()
    (root / "text.mp4").write_text("no video")
    (root / "truncated.mp4").write_bytes(short["good"].read_bytes()[:500])
    (root / "not there.mp4").symlink_to(root / "nowhere.mp4")
    (root / "loop.mp4").symlink_to(root / "loop.mp4")
    (root / "folder loop").symlink_to(root)
    (root / "secret.mp4").write_bytes(b"x")  # for root, who may read everything, it is no video
    (root / "secret.mp4").chmod(0)
    os.mkfifo(root / "pipe.mp4")
    write_sound(root / "sound.mp4")
    write_frames(root / "one frame.mp4", 320, 240, 1)
    write_frames(root / "nobody 8K.mp4", 7680, 4320, 2)
    shutil.copy(short["good"], root / 'a "quoted" 🦵\nname.mp4')
    shutil.copy(short["valgus"], root / "wrong ending.dat")
    (root / ".hidden.mp4").write_text("not looked at")
    (root / "notes.txt").write_text("no clip")
    unreadable = {"empty", "text", "truncated", "not there", "loop", "secret", "pipe", "sound"}
    return unreadable | {"one frame", "nobody 8K"}


def write_frames(path, width, height, count):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(count):
            grey = np.full((height * 3 // 2, width), 128, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="yuv420p")))
        container.mux(stream.encode(None))


def write_sound(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100, layout="mono")
        for start_at in range(0, 44100, 1024):
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            sound.rate, sound.pts = 44100, start_at
            container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
