from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from report_fakes import (
    BACKGROUND,
    FLOOR_Y,
    HEIGHT,
    PEAKS_DEG,
    WIDTH,
    grey,
    make_analysis,
    make_curves,
    rep_times,
    write_clip,
)

from knee_track.pose.skeleton import KNEE
from knee_track.report.annotate import Annotator
from knee_track.report.moments import key_moments
from knee_track.report.overlay import GRADE_COLOURS, LATERAL_COLOUR, LINE_COLOUR, Overlay
from knee_track.video.reader import VideoReader


def annotator(clip: Path, **options: bool) -> Annotator:
    analysis = make_analysis(clip, **options)
    return Annotator(clip, analysis, analysis.curves, analysis.track)


def has_colour(
    picture: np.ndarray, centre: tuple[float, float], colour: tuple[int, int, int], reach: int
) -> bool:
    x, y = (round(value) for value in centre)
    around = picture[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
    return bool((np.abs(around.astype(int) - colour).max(axis=2) < 8).any())


def test_the_video_plays_in_browsers_and_keeps_every_frame_and_time(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "squat_annotated.mp4"
    heard: list[float] = []
    stills = annotator(clip).write_video(target, key_moments(make_analysis(clip)), heard.append)

    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (WIDTH, HEIGHT)
        times = [frame.time for frame in container.decode(stream)]
    assert times == pytest.approx(make_curves().time_s.tolist(), abs=1e-3)
    assert heard[-1] == 1.0
    assert heard == sorted(heard)
    # Worst rep first: rep 3 reaches 12°, rep 2 reaches 8°.
    assert [still.moment.title for still in stills] == ["Rep 3, bottom", "Rep 2, bottom"]
    picture = cv2.imdecode(np.frombuffer(stills[0].jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(picture.astype(int) - BACKGROUND).max() > 100


def test_a_part_of_a_clip_starts_at_zero(clip: Path, tmp_path: Path) -> None:
    analysis = make_analysis(clip)
    curves, track = analysis.curves, analysis.track
    part = slice(60, 90)
    cut_curves = type(curves)(
        **{
            name: {leg: type(one)(**{k: v[part] for k, v in vars(one).items()}) for leg, one in value.items()}
            if name == "legs"
            else value[part]
            for name, value in vars(curves).items()
        }
    )
    cut_track = type(track)(
        track.times_s[part],
        track.image_px[part],
        track.world_m[part],
        track.visibility[part],
        WIDTH,
        HEIGHT,
    )
    target = tmp_path / "part.mp4"
    Annotator(clip, analysis, cut_curves, cut_track).write_video(target)
    with VideoReader(target) as reader:
        times = [frame.time_s for frame in reader]
    assert len(times) == 30
    assert times[0] == 0.0
    assert times[-1] == pytest.approx(29 / 30, abs=1e-3)


def test_stills_without_a_video_show_the_same_moments(clip: Path) -> None:
    moments = key_moments(make_analysis(clip))
    stills = annotator(clip).take_stills(moments)
    assert [still.moment for still in stills] == moments
    assert all(still.jpeg.startswith(b"\xff\xd8") for still in stills)


def test_line_and_deviation_are_drawn_where_they_lie() -> None:
    analysis = make_analysis()
    curves, track = analysis.curves, analysis.track
    index = round(rep_times(3)[1] * 30)
    picture = grey()
    Overlay(analysis, curves, track, WIDTH, HEIGHT).draw_body(picture, index)

    for leg in ("left", "right"):
        (near, far) = curves.legs[leg].toe_line_px[index]
        assert near[1] == FLOOR_Y
        assert has_colour(picture, tuple(near + 0.9 * (far - near)), LINE_COLOUR, 2)
    # 12° on the left is severe, 5° on the right mild: each knee's bar wears its own grade's colour.
    for leg, grade in (("left", "severe"), ("right", "mild")):
        knee, target = track.image_px[index, KNEE[leg]], curves.legs[leg].knee_target_px[index]
        assert PEAKS_DEG[leg][2] == pytest.approx(curves.legs[leg].deviation_deg[index])
        assert has_colour(picture, tuple(target), GRADE_COLOURS[grade], 3)
        assert np.linalg.norm(knee - target) > 10
    assert (picture[:60] == BACKGROUND).all()


def test_a_knee_too_far_out_is_not_drawn_as_good() -> None:
    analysis = make_analysis()
    curves = analysis.curves.legs["left"]
    index = round(rep_times(3)[1] * 30)
    for deviation, colour in ((-7.0, GRADE_COLOURS["none"]), (-9.0, LATERAL_COLOUR)):
        curves.deviation_deg[index] = deviation
        picture = grey()
        Overlay(analysis, analysis.curves, analysis.track, WIDTH, HEIGHT).draw_body(picture, index)
        assert has_colour(picture, tuple(curves.knee_target_px[index]), colour, 3)


def test_panels_leave_feet_and_edges_free() -> None:
    analysis = make_analysis()
    index = round(rep_times(1)[1] * 30)
    for leg in ("left", "right"):
        analysis.curves.legs[leg].deviation_deg[index] = -12.3
        analysis.curves.legs[leg].band_deg[index] = 10.4
    picture = grey()
    Overlay(analysis, analysis.curves, analysis.track, WIDTH, HEIGHT).draw_panels(picture, index)
    assert (picture[HEIGHT // 4 :] == BACKGROUND).all()
    margin = picture[: HEIGHT // 12, -WIDTH // 50 :]
    assert (margin == margin[0, -1]).all()


def test_drawing_scales_with_the_picture() -> None:
    analysis = make_analysis()
    index = round(rep_times(3)[1] * 30)
    for scale in (0.5, 3.0):
        width, height = round(WIDTH * scale), round(HEIGHT * scale)
        picture = np.full((height, width, 3), BACKGROUND, np.uint8)
        Overlay(analysis, analysis.curves, analysis.track, width, height).draw_body(picture, index)
        target = analysis.curves.legs["left"].knee_target_px[index] * scale
        assert has_colour(picture, tuple(target), GRADE_COLOURS["severe"], 3)


def test_an_event_puts_a_border_round_the_picture_and_its_absence_none() -> None:
    analysis = make_analysis()
    overlay = Overlay(analysis, analysis.curves, analysis.track, WIDTH, HEIGHT)
    for number, colour in ((1, None), (3, GRADE_COLOURS["severe"])):
        picture = grey()
        overlay.draw_panels(picture, round(rep_times(number)[1] * 30))
        middle_of_the_left_edge = picture[HEIGHT // 2, 0].tolist()
        assert middle_of_the_left_edge == list(colour or (BACKGROUND,) * 3)


def test_missing_landmarks_and_refused_knees_draw_nothing() -> None:
    analysis = make_analysis(knees=False)
    analysis.track.image_px[:] = np.nan
    picture = grey()
    Overlay(analysis, analysis.curves, analysis.track, WIDTH, HEIGHT).draw_body(picture, 60)
    assert (picture == BACKGROUND).all()


def test_a_mirrored_clip_is_turned_round(tmp_path: Path) -> None:
    left_half_white = grey()
    left_half_white[:, : WIDTH // 2] = 255
    clip = write_clip(tmp_path / "selfie.mp4", left_half_white)
    analysis = make_analysis(clip)
    for mirrored, brighter in ((False, "left"), (True, "right")):
        analysis.view.mirrored = mirrored
        still = Annotator(clip, analysis, analysis.curves, analysis.track).take_stills(key_moments(analysis))[
            0
        ]
        picture = cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        corners = {"left": picture[0, 0], "right": picture[0, -1]}
        assert max(corners, key=corners.__getitem__) == brighter


def test_stills_leave_the_head_out_and_survive_a_client_outside_the_picture(clip: Path) -> None:
    analysis = make_analysis(clip)
    track = analysis.track
    moments = key_moments(analysis)
    sizes = []
    for shift_px in (0, 5000):
        track.image_px[:] += shift_px
        still = Annotator(clip, analysis, analysis.curves, track).take_stills(moments)[0]
        sizes.append(cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_COLOR).shape[:2])
    index = round(moments[0].time_s * 30)
    from_shoulders_to_toes = 615 - (track.image_px[index, 11, 1] - 5000)
    assert sizes[0][0] == pytest.approx(min(1.1 * from_shoulders_to_toes, HEIGHT), abs=30)
    assert sizes[1] == (560, 315)  # the whole picture, shrunk
