"""Thresholds of events, records and findings: another value, another result."""

import numpy as np
import pytest
from made_curves import FRONT, GOOD, curves, leg_curves, leg_summary, rep, rep_leg, summaries

from knee_track.findings.events import LateralEvent, find_events, find_lateral_events
from knee_track.findings.findings import list_findings
from knee_track.findings.per_rep import rep_leg as record_of
from knee_track.findings.whole_set import WholeSet
from knee_track.results import Frontal
from knee_track.settings import Settings, load_settings

TIME_S = np.arange(90) / 30
VISIBLE = np.ones(90)


def within(*spans_s, high_deg=8.0):
    """Deviation at `high_deg` inside the spans, 0 outside."""
    inside = [np.abs(TIME_S - (start + end) / 2) <= (end - start) / 2 for start, end in spans_s]
    return np.where(np.any(inside, axis=0), high_deg, 0.0)


def events_of(deviation, settings, **options):
    return find_events(curves(TIME_S, deviation), "left", VISIBLE, settings, **options)


def in_noise(settings):
    return len(events_of(within((1.0, 2.0), high_deg=4.5), settings, sigma_deg=2.0))


def in_two_parts(settings):
    return len(events_of(within((0.5, 1.0), (1.2, 2.0)), settings))


def phases_touched(settings):
    made = curves(TIME_S, within((1.0, 2.0)), phase=np.where(TIME_S < 1.3, "descent", "bottom"))
    return find_events(made, "left", VISIBLE, settings)[0].phases


def moment_of_a_slanting_peak(settings):
    """Of a deviation that rises 10° in 3 s.

    It passes its 95th percentile at 2.82 s and 1° less at 2.52 s, and ends at 2.97 s: the middle of the top
    is 2.74 s, and 2.59 s when the top begins 2° below the peak.
    """
    record = record_of(curves(TIME_S, TIME_S * 10 / 3), "left", 1, settings.grade)
    return record.peak_s


def lateral_events(settings):
    made = curves(TIME_S, within((1.0, 2.0), high_deg=-5.0))
    return len(find_lateral_events(made, "left", VISIBLE, settings))


def shallow(settings):
    made = curves(TIME_S, leg_curves(np.zeros(90), flexion_deg=70.0))
    return record_of(made, "left", 1, settings.grade).shallow


def measured_in_part(settings):
    deviation = np.where(TIME_S < 1.8, np.nan, 5.0)
    return record_of(curves(TIME_S, deviation), "left", 1, settings.grade).grade


def finding_ids(settings, frontal=None, lateral_deg=None, **summary):
    """What is found in a clean set with one thing changed."""
    reps = [
        rep(i, rep_leg(1.0, "none"), rep_leg(1.0, "none"), frontal=frontal or Frontal()) for i in (1, 2, 3)
    ]
    lateral = [LateralEvent("left", i, 0.0, 1.0, lateral_deg) for i in (1, 2, 3)] if lateral_deg else []
    legs = summaries(left=leg_summary(**summary))
    result = WholeSet(
        movement="squat", view=FRONT, reps=reps, events=[], legs=legs, quality=GOOD, lateral_events=lateral
    )
    return {finding.id for finding in list_findings(result, settings)} - {"good_tracking"}


def swaying(settings, **values):
    return finding_ids(settings, Frontal(**values))


CHANGES = [
    ("events.noise_factor=2", in_noise, 0, 1),
    ("events.merge_gap_s=0.3", in_two_parts, 2, 1),
    ("events.phase_share=0.4", phases_touched, ["descent", "bottom"], ["bottom"]),
    ("events.hka_band_deg=13", lambda s: finding_ids(s, standing_hka_deg=12.0), {"static_alignment"}, set()),
    ("grade.peak_within_deg=2", moment_of_a_slanting_peak, 2.74, 2.59),
    ("grade.lateral_enter_deg=-6", lateral_events, 1, 0),
    (
        "grade.lateral_deg=-10",
        lambda s: finding_ids(s, lateral_deg=-9.0),
        {"lateral_knee"},
        {"lateral_drift"},
    ),
    ("grade.shallow_flexion_deg=80", shallow, False, True),
    ("grade.min_measured_share=0.3", measured_in_part, "unknown", "mild"),
    (
        "grade.pelvic_drop_deg=9",
        lambda s: swaying(s, pelvic_drop_deg=8.0, pelvic_drop_band_deg=6.0),
        {"pelvic_drop"},
        set(),
    ),
    (
        "grade.trunk_lean_deg=9",
        lambda s: swaying(s, trunk_lean_deg=8.0, trunk_lean_band_deg=2.0),
        {"trunk_lean"},
        set(),
    ),
    (
        "grade.hip_shift_pct=20",
        lambda s: swaying(s, hip_shift_pct_hips=15.0, hip_shift_band_pct_hips=6.0),
        {"hip_shift"},
        set(),
    ),
    ("grade.toe_out_deg=40", lambda s: finding_ids(s, toe_out_deg=35.0), {"toe_out_wide"}, set()),
]


@pytest.mark.parametrize(("flag", "decide", "before", "after"), CHANGES, ids=[case[0] for case in CHANGES])
def test_another_threshold_gives_another_result(flag, decide, before, after):
    found = [decide(Settings()), decide(load_settings(None, [flag]))]
    for value, wanted in zip(found, [before, after], strict=True):
        assert value == (pytest.approx(wanted, abs=0.05) if isinstance(wanted, float) else wanted)
