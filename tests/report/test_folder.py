from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from report_fakes import make_analysis

from knee_track.errors import OutputError, VideoError
from knee_track.pose.track import PoseTrack
from knee_track.protocol.intake import Intake
from knee_track.protocol.plan import build_protocol
from knee_track.report.folder import check_output, write_outputs
from knee_track.report.plan_files import plan_files
from knee_track.results import Analysis, Finding

FILES = {
    "analysis.json",
    "frames.csv",
    "reps.csv",
    "events.csv",
    "landmarks.npz",
    "squat_annotated.mp4",
    "report.html",
    "protocol.md",
    "protocol.json",
    "handout.html",
}


def test_a_run_leaves_everything_beside_the_clip_or_where_told(clip: Path, tmp_path: Path) -> None:
    analysis = make_analysis(clip)
    folder = write_outputs(analysis, clip, tmp_path / "new" / "place")
    assert folder == tmp_path / "new" / "place" / "squat_kneetrack"
    assert {path.name for path in folder.iterdir()} == FILES
    assert check_output(clip) == clip.parent
    assert 'src="./squat_annotated.mp4#t=0.001"' in (folder / "report.html").read_text(encoding="utf-8")


def test_the_json_is_the_typed_result_and_fits_its_schema(clip: Path, tmp_path: Path) -> None:
    analysis = make_analysis(clip)
    folder = write_outputs(analysis, clip, tmp_path, video=False)
    text = (folder / "analysis.json").read_text(encoding="utf-8")
    assert Analysis.model_validate_json(text).model_dump() == analysis.model_dump()
    data = json.loads(text)
    jsonschema.validate(data, Analysis.model_json_schema(mode="serialization"))
    assert data["reps"][1]["legs"]["left"]["peak_deviation_deg"] == 8.0
    assert data["reps"][1]["legs"]["left"]["peak_offset_mm"] is None


def test_the_landmarks_are_enough_to_analyse_again(clip: Path, tmp_path: Path) -> None:
    analysis = make_analysis(clip)
    folder = write_outputs(analysis, clip, tmp_path, video=False)
    track = PoseTrack.load(folder / "landmarks.npz")
    assert (track.width_px, track.height_px) == (360, 640)
    np.testing.assert_array_equal(track.times_s, analysis.track.times_s)
    np.testing.assert_allclose(track.image_px, analysis.track.image_px, atol=1e-3)


def test_options_add_and_leave_out_files(clip: Path, tmp_path: Path) -> None:
    folder = write_outputs(make_analysis(clip), clip, tmp_path, video=False, trc=True)
    assert {path.name for path in folder.iterdir()} == FILES - {"squat_annotated.mp4"} | {"squat.trc"}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<video" not in page
    assert page.count("data:image/jpeg;base64,") == 2


def test_a_refused_clip_gets_the_filming_card_in_place_of_the_handout(clip: Path, tmp_path: Path) -> None:
    analysis = make_analysis(clip)
    refused = build_protocol([Finding(id="low_quality", leg=None, text="Too dark.")])
    analysis = analysis.model_copy(update={"protocol": refused})
    names = set(plan_files(analysis.protocol, analysis))
    assert names == {"protocol.md", "protocol.json", "filming_card.html"}


def test_a_plan_with_a_start_has_a_calendar_and_one_that_refers_has_none(clip: Path) -> None:
    analysis = make_analysis(clip)
    findings = [Finding(id="medial_knee", leg="left", text="In.")]
    plan = build_protocol(findings, start=date(2026, 11, 30))
    files = plan_files(plan, analysis, week=3, pdf=True)
    assert set(files) == {"protocol.md", "protocol.json", "handout.html", "handout.pdf", "sessions.ics"}
    assert b"Weeks 3 and 4 of 8" in files["handout.html"] and files["handout.pdf"].startswith(b"%PDF-")
    referred = build_protocol(findings, Intake(pain=8), start=date(2026, 11, 30))
    assert set(plan_files(referred, analysis)) == {"protocol.md", "protocol.json", "handout.html"}


def test_a_single_file_report_holds_a_small_video_and_only_names_a_large_one(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_outputs(make_analysis(clip), clip, tmp_path, single_file=True)
    assert 'src="data:video/mp4;base64,' in (folder / "report.html").read_text(encoding="utf-8")
    monkeypatch.setattr("knee_track.report.folder.MAX_EMBEDDED_BYTES", 1000)
    folder = write_outputs(make_analysis(clip), clip, tmp_path, single_file=True)
    assert 'src="./squat_annotated.mp4' in (folder / "report.html").read_text(encoding="utf-8")


def test_a_clip_that_cannot_be_read_again_leaves_no_folder(tmp_path: Path) -> None:
    gone = tmp_path / "gone.mp4"
    with pytest.raises(VideoError, match=r"gone\.mp4"):
        write_outputs(make_analysis(gone), gone, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_output_place_that_is_a_file_is_refused_before_the_work(clip: Path) -> None:
    with pytest.raises(OutputError, match="choose another folder with -o"):
        check_output(clip, clip)
