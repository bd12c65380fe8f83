"""Render squats by random bodies in random stances before random cameras, with their truth.

    python benchmarks/random_clips.py FOLDER [--count 40] [--first 0]

Clip number i is always the same clip. From number 100 on bodies are mixed, feet are longer or shorter, and
some clips have knock-knees, a knee that falls in on the way down or up only, a foot set anew, a hand-held
camera, more roll, or another frame rate. Needs the renderer of the shared folder (`KNEETRACK_SHARED`, default
`../shared`) and the ffmpeg program; about 20 s a clip. `benchmarks/accuracy.py FOLDER` scores them.
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

# Run as a script, Python looks for modules in this file's folder; `benchmarks` lies in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.variety import BODIES, Extras, mixed_body, mover_with, painter_with

SHARED = Path(os.environ.get("KNEETRACK_SHARED", Path(__file__).parents[2] / "shared"))
ARMS = ("front", "chest", "overhead", "hips")
ROOMS = ("gym", "plain", "outdoor")
VARIED_FROM = 100
SHORTS = ("#24262b", "#5a2a2a", "#888888")
SPECIALS = {
    1: "more roll",
    2: "24 fps",
    3: "knee off its line on the way down only",
    4: "knee off its line on the way up only",
    5: "feet set anew",
    6: "hand-held camera",
    7: "knock-knees or bow-legs",
    8: "more roll",
    9: "30 or 60 fps",
}
"""What `render_varied` makes special, by the last digit of the clip's number."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    sys.path.insert(0, str(SHARED / "render"))
    import make_squat  # type: ignore[import-not-found]

    arguments.folder.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.first, arguments.first + arguments.count):
        render(make_squat, arguments.folder / f"{clip_name(number)}.mp4", number)


def clip_name(number: int) -> str:
    """Name of clip `number`, without an ending."""
    return f"r{number:02d}"


def special(name: str) -> str:
    """What is special about a random clip of this name; "" when nothing is, or for other clips."""
    digits = name.removeprefix("r")
    if not digits.isdecimal() or clip_name(int(digits)) != name or int(digits) < VARIED_FROM:
        return ""
    return SPECIALS.get(int(digits) % 10, "")


def render(renderer: Any, clip: Path, number: int) -> None:
    """One clip and its truth file; nothing when the truth is there already."""
    target = clip.with_suffix(".truth.json.gz")
    if target.exists():
        return
    chosen = scene(renderer, number)
    if number >= VARIED_FROM:
        with tempfile.TemporaryDirectory() as folder:
            render_varied(renderer, chosen, clip, number, Path(folder))
    else:
        renderer.render(chosen, str(clip))
    plain = clip.with_suffix(".json")
    target.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()


def render_varied(renderer: Any, chosen: Any, clip: Path, number: int, folder: Path) -> None:
    """A clip with a body of its own and perhaps one of the extras."""
    generator = np.random.default_rng(5000 + number)
    shares = generator.dirichlet(np.full(len(BODIES), 0.7))
    knock_knee_deg = generator.uniform(-5.0, 6.0) if number % 10 == 7 else 0.0
    foot_scale = 1.0 + 0.04 * float(np.clip(generator.normal(), -2.0, 2.0))
    mixed_body(renderer, folder, "mixed", shares, foot_scale, knock_knee_deg)
    chosen.body = "mixed"
    extras = Extras(
        valgus_phase={3: "down", 4: "up"}.get(number % 10, "all"),  # type: ignore[arg-type]
        new_stance=(generator.uniform(0.26, 0.5), generator.uniform(5, 34)) if number % 10 == 5 else None,
        hand_held_deg=generator.uniform(0.5, 2.0) if number % 10 == 6 else 0.0,
    )
    chosen.roll = generator.uniform(-4.0, 4.0) if number % 10 in (1, 8) else chosen.roll
    chosen.fps = {2: 24, 9: 30}.get(number % 10, 20) if number % 20 != 19 else 60
    kept = renderer.HERE, renderer.Mover, renderer.Renderer
    renderer.HERE = folder
    renderer.Mover = mover_with(renderer, extras)
    renderer.Renderer = painter_with(renderer, extras, number)
    try:
        renderer.render(chosen, str(clip))
    finally:
        renderer.HERE, renderer.Mover, renderer.Renderer = kept


def scene(renderer: Any, number: int) -> Any:
    """Parameters of clip `number`: every second camera within 12° of the front, the others within 30°."""
    generator = np.random.default_rng(1000 + number)

    def between(low: float, high: float) -> float:
        return float(generator.uniform(low, high))

    yaw = between(-12, 12) if number % 2 == 0 else between(-30, 30)
    height = between(0.4, 1.3) if number % 3 else between(0.4, 1.7)
    distance, view = between(2.3, 4.2), between(42, 66)
    width_px, height_px = (960, 540) if number % 6 == 5 else (540, 960)
    look = between(0.7, 1.0)
    distance = max(distance, 1.02 / (np.tan(np.radians(view / 2)) * 0.86))  # the whole body in the picture
    reps = [rep(renderer, between) for _ in range(2)]
    if number % 4 == 0:
        for one in reps:
            one.valgus_right = one.valgus_left
    return renderer.Scene(
        body=BODIES[number % len(BODIES)],
        fps=20,
        width=width_px,
        height=height_px,
        stance=between(0.26, 0.5),
        toe_out=between(5, 34),
        yaw=yaw,
        cam_height=height,
        cam_distance=distance,
        look_z=look,
        vfov=view,
        roll=between(-2, 2) if number % 3 == 0 else 0.0,
        arms=ARMS[number % len(ARMS)],
        lead_in=0.8,
        ss=1,
        seed=number,
        reps=reps,
        tights=bool(number % 2),
        shoes=number % 7 != 3,
        shank_share=between(0.26, 0.34),
        room=ROOMS[number % len(ROOMS)],
        shorts=SHORTS[number % len(SHORTS)],
    )


def rep(renderer: Any, between: Any) -> Any:
    """One rep of random depth, deviation and speed."""
    return renderer.Rep(
        knee_flexion=between(70, 115),
        valgus_left=max(-0.03, between(-0.04, 0.09)),
        valgus_right=max(-0.03, between(-0.04, 0.09)),
        down=between(0.9, 1.3),
        hold=0.2,
        up=between(0.8, 1.1),
        pause=0.4,
    )


if __name__ == "__main__":
    main()
