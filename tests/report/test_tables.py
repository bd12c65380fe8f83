from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from report_fakes import BAND_DEG, GRADES, PEAKS_DEG, STANDING_DEG, make_analysis, rep_times

from knee_track.report.tables import write_events_csv, write_frames_csv, write_reps_csv


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_frames_hold_every_curve_with_unit_and_leave_missing_empty(tmp_path: Path) -> None:
    analysis = make_analysis()
    write_frames_csv(tmp_path / "frames.csv", analysis.curves)
    rows = read(tmp_path / "frames.csv")
    assert list(rows[0])[:5] == ["frame", "time_s", "depth", "phase", "rep"]
    assert {"left_deviation_deg", "right_band_deg", "left_offset_pct_shank", "kasr"} <= set(rows[0])
    assert rows[0]["rep"] == ""  # standing before the first rep
    assert rows[0]["left_fppa_deg"] == ""  # not measured
    assert float(rows[0]["left_deviation_deg"]) == STANDING_DEG
    second_bottom = rows[round(rep_times(2)[1] * 30)]
    assert second_bottom["rep"] == "2"
    assert second_bottom["phase"] == "bottom"
    assert float(second_bottom["left_deviation_deg"]) == pytest.approx(PEAKS_DEG["left"][1])
    assert [float(row["time_s"]) for row in rows] == pytest.approx(np.arange(len(rows)) / 30)


def test_reps_hold_both_legs_side_by_side(tmp_path: Path) -> None:
    write_reps_csv(tmp_path / "reps.csv", make_analysis().reps)
    rows = read(tmp_path / "reps.csv")
    assert [row["rep"] for row in rows] == ["1", "2", "3"]
    for side, peaks in PEAKS_DEG.items():
        assert [float(row[f"{side}_peak_deviation_deg"]) for row in rows] == list(peaks)
        assert [row[f"{side}_grade"] for row in rows] == list(GRADES[side])
    assert rows[0]["left_fppa_deg"] == rows[0]["kasr"] == ""
    assert rows[0]["left_borderline"] == "false"


def test_refused_knees_are_empty_cells_and_never_zero(tmp_path: Path) -> None:
    write_reps_csv(tmp_path / "reps.csv", make_analysis(knees=False).reps)
    for row in read(tmp_path / "reps.csv"):
        assert row["left_peak_deviation_deg"] == row["right_band_deg"] == ""
        assert float(row["depth"]) == 0.4


def test_events_count_from_one(tmp_path: Path) -> None:
    write_events_csv(tmp_path / "events.csv", make_analysis().events)
    rows = read(tmp_path / "events.csv")
    assert [(row["event"], row["leg"], row["rep"]) for row in rows] == [
        ("1", "left", "2"),
        ("2", "left", "3"),
        ("3", "right", "3"),
    ]
    assert [float(row["peak_deviation_deg"]) for row in rows] == [8.0, 12.0, 5.0]
    assert {float(row["band_deg"]) for row in rows} == {BAND_DEG}
    assert [float(row["start_s"]) for row in rows] == [4.5, 7.5, 7.5]


def test_the_phases_of_an_event_share_a_cell(tmp_path: Path) -> None:
    event = make_analysis().events[0].model_copy(update={"phases": ["descent", "bottom"]})
    write_events_csv(tmp_path / "events.csv", [event])
    assert read(tmp_path / "events.csv")[0]["phases"] == "descent bottom"
