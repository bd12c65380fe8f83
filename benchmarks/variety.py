"""What the renderer has no switch for: mixed bodies, valgus in one phase only, feet set anew, a held camera.

Works on the renderer's own module (`make_squat`), which is handed in: nothing of it is copied here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Phase = Literal["all", "down", "up"]

BODIES = ("man", "woman", "heavy", "slimf", "teen")


@dataclass(frozen=True)
class Extras:
    """valgus_phase: the knee is off its line on the way down or up only. new_stance: stance [m] and toe-out
    [degrees] from the second rep on. hand_held_deg: largest turn of a camera held by hand.
    """

    valgus_phase: Phase = "all"
    new_stance: tuple[float, float] | None = None
    hand_held_deg: float = 0.0


def mixed_body(
    renderer: Any, folder: Path, name: str, shares: Floats, foot_scale: float, knock_knee_deg: float
) -> None:
    """Write a body that is a weighted mean of the five, with longer or shorter feet and bent legs.

    shares (5,): weights that add up to 1. foot_scale: foot length against the mean's. knock_knee_deg: how far
    the leg's bones are bent inward at the knee, seen from the front.
    """
    source = Path(renderer.__file__).parent / "bodies"
    target = folder / "bodies"
    target.mkdir(parents=True, exist_ok=True)
    if not (target / "topology.npz").exists():
        shutil.copyfile(source / "topology.npz", target / "topology.npz")
    parts = [np.load(source / f"{body}.npz") for body in BODIES]
    mean = {
        key: np.einsum("b,bij->ij", shares, [part[key] for part in parts]) for key in ("V", "heads", "coco")
    }
    topology = np.load(source / "topology.npz")
    labels = [str(label) for label in topology["labels"]]
    main_bone = topology["wi"][np.arange(len(mean["V"])), topology["ww"].argmax(axis=1)]
    for side, sign in ((".L", 1.0), (".R", -1.0)):
        ankle, knee, hip = (
            mean["heads"][labels.index(bone + side)].copy() for bone in ("foot", "lowerleg01", "upperleg01")
        )
        own = [(i, label) for i, label in enumerate(labels) if label.endswith(side)]
        bones = [i for i, label in own if label.startswith(("foot", "toe"))]
        for points, chosen in (
            (mean["V"], np.isin(main_bone, bones)),
            (mean["heads"], np.isin(np.arange(len(labels)), bones)),
        ):
            points[chosen, :2] = ankle[:2] + foot_scale * (points[chosen, :2] - ankle[:2])
        half = np.radians(knock_knee_deg) * (hip[2] - knee[2]) * (knee[2] - ankle[2]) / (hip[2] - ankle[2])
        for points in (mean["V"], mean["heads"]):
            own_side = (points[:, 1] * sign > 0.0) & (np.abs(points[:, 1]) < 0.35)
            height = points[:, 2]
            rise = np.where(
                height < knee[2],
                (height - ankle[2]) / (knee[2] - ankle[2]),
                (hip[2] - height) / (hip[2] - knee[2]),
            )
            points[:, 1] -= sign * half * np.clip(rise, 0.0, 1.0) * own_side
    np.savez(target / f"{name}.npz", coco_labels=parts[0]["coco_labels"], **mean)


def mover_with(renderer: Any, extras: Extras) -> type:
    """The renderer's movement with these extras."""

    class Mover(renderer.Mover):  # type: ignore[misc]
        def frames(self) -> Iterator[tuple[Any, ...]]:
            rows, self.events = self.timeline()
            scene = self.s
            for k, (t, phase, i, p, rep) in enumerate(rows):
                rep = rep or scene.reps[0]
                if extras.new_stance and phase == "down" and i == 1 and scene.stance != extras.new_stance[0]:
                    scene.stance, scene.toe_out = extras.new_stance
                    self.feet()
                flexion = scene.start_flexion + (rep.knee_flexion - scene.start_flexion) * p
                share = float(renderer.smooth(0.30, 0.95, p)) * share_in_phase(extras.valgus_phase, phase, p)
                valgus = {"left": rep.valgus_left * share, "right": rep.valgus_right * share}
                drop = float(renderer.smooth(0.30, 0.95, p))
                bones, points = self.pose(flexion, valgus, rep.pelvic_drop * drop, rep.shift * drop, t)
                yield k, t, phase, i, p, bones, points

    return Mover


def share_in_phase(only: Phase, phase: str, p: float) -> float:
    """Share of the deviation that shows when the movement is at `p` (1 = bottom): fades beyond the bottom."""
    beyond = min(1.0, 6.0 * (1.0 - p)) if phase == "up" else 0.0
    return {"all": 1.0, "down": 1.0 - beyond, "up": beyond}[only]


def painter_with(renderer: Any, extras: Extras, seed: int) -> type:
    """The renderer's picture, seen by a camera that a hand turns a little; it stays in its place."""
    generator = np.random.default_rng(seed)
    rates_hz, phases = generator.uniform(0.1, 0.7, (2, 3, 4))[0], generator.uniform(0, 2 * np.pi, (3, 4))

    class Renderer(renderer.Renderer):  # type: ignore[misc]
        def draw(self, bones: Floats, k: int = 0) -> NDArray[np.uint8]:
            camera = self.c
            steady = getattr(self, "steady", None)
            if steady is None:
                steady = self.steady = (camera.R.copy(), camera.t.copy())
            camera.R, camera.t = steady  # the renderer draws with the steady camera ...
            picture: NDArray[np.uint8] = super().draw(bones, k)
            if extras.hand_held_deg == 0.0:
                return picture
            t_s = k / self.s.fps
            waves = np.sin(2 * np.pi * rates_hz * t_s + phases) - np.sin(phases)
            angles = np.radians(extras.hand_held_deg) * waves.mean(axis=1) / 2.0
            turn = renderer.cv2.Rodrigues(angles * np.array([1.0, 1.0, 0.5]))[0]
            # ... and the truth is that of the turned one
            camera.R, camera.t = turn @ steady[0], turn @ steady[1]
            warp = camera.K @ turn @ np.linalg.inv(camera.K)
            size = (picture.shape[1], picture.shape[0])
            warped: NDArray[np.uint8] = renderer.cv2.warpPerspective(
                picture, warp, size, borderMode=renderer.cv2.BORDER_REPLICATE
            )
            return warped

    return Renderer
