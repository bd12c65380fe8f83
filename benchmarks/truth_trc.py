"""Write the joints of rendered truth as OpenSim markers.

    python benchmarks/truth_trc.py CLIP.truth.npz [OUT.trc]

The names are those of the preset "joints" (left_hip, left_knee ...), the axes OpenSim's: X forward, Y up, Z
to the right.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final, Literal

import numpy as np

# Run as a script, Python looks for modules in this file's folder; `benchmarks` lies in the one above.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.truth import POINTS, Truth, load_truth
from knee_track.pose.skeleton import LEGS

Unit = Literal["mm", "cm", "m"]
PER_METRE: Final[dict[Unit, float]] = {"mm": 1000.0, "cm": 100.0, "m": 1.0}


def write_truth_trc(path: Path, truth: Truth, unit: Unit = "mm") -> None:
    """Write all joints of both legs as a `.trc` file."""
    n = len(truth.times_s)
    names = [f"{leg}_{name}" for leg in LEGS for name in POINTS]
    # world (forward, left, up) to OpenSim (forward, up, right)
    points = PER_METRE[unit] * truth.p3d_m.reshape(n, len(names), 3)[..., [0, 2, 1]] * [1.0, 1.0, -1.0]
    rate = f"{(n - 1) / (truth.times_s[-1] - truth.times_s[0]):.6g}"
    axes = "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, len(names) + 1))
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate}\t{rate}\t{n}\t{len(names)}\t{unit}\t{rate}\t1\t{n}",
        "Frame#\tTime\t" + "\t\t\t".join(names),
        f"\t\t{axes}",
        "",
    ]
    for number, (time_s, row) in enumerate(zip(truth.times_s, points, strict=True), start=1):
        cells = "\t".join(f"{value:.7g}" for value in np.ravel(row))
        lines.append(f"{number}\t{time_s:.6f}\t{cells}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def trc_name(truth_path: Path) -> str:
    """Name of the marker file of a truth file: CLIP.trc."""
    return f"{truth_path.name.partition('.truth')[0]}.trc"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth", type=Path, help="CLIP.truth.npz or CLIP.truth.json.gz")
    parser.add_argument("out", type=Path, nargs="?", help="default: CLIP.trc beside it")
    arguments = parser.parse_args()
    out = arguments.out or arguments.truth.with_name(trc_name(arguments.truth))
    write_truth_trc(out, load_truth(arguments.truth))


if __name__ == "__main__":
    main()
