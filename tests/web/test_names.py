"""Names that users give: what is shown, and what files are named after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knee_track.web.names import display_name, safe_stem, safe_suffix


@pytest.mark.parametrize(
    ("given_name", "shown", "stem"),
    [
        ("squat.mp4", "squat.mp4", "squat"),
        ("Übung 3 (links).MOV", "Übung 3 (links).MOV", "Übung_3_links"),
        ("../../etc/passwd", "passwd", "passwd"),
        (r"C:\Users\anna\squat.mp4", "squat.mp4", "squat"),
        ("/abs/olute.mp4", "olute.mp4", "olute"),
        ("..", "clip", "clip"),
        ("", "clip", "clip"),
        ("CON.mp4", "CON.mp4", "clip"),
        ("a\nb\x00c\u202egpj.mp4", "abcgpj.mp4", "abcgpj"),
        (".hidden", ".hidden", "hidden"),
        (
            '<img src=x onerror="alert(1)">.mp4',
            '<img src=x onerror="alert(1)">.mp4',
            "img_src_x_onerror_alert_1",
        ),
    ],
)
def test_names(given_name, shown, stem):
    assert display_name(given_name) == shown
    assert safe_stem(given_name) == stem


@given(st.text(max_size=400))
def test_no_name_leaves_its_folder(name):
    stem = safe_stem(name)
    assert stem and not set(stem) & set('/\\:*?"<>|.\0\n') and len(stem) <= 60
    assert 0 < len(display_name(name)) <= 100


def test_only_endings_of_videos_are_kept():
    assert safe_suffix("a.MP4") == ".mp4"
    assert safe_suffix("a.mp4.exe") == safe_suffix("a.html") == safe_suffix("mp4") == ""
