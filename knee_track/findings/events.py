"""Valgus events: the spans in which a knee stays medial of its third-toe line.

Rules: docs/measurement.md §3. An event opens where the deviation rises through T_on = max(enter, noise factor
times σ) and closes where it falls through T_on − hysteresis, both interpolated between frames so that the
frame rate does not bias durations. It lives inside one rep's loaded window; hidden or missing frames count as
below. Events closer than the merge gap become one, then those that are too short are dropped. Lateral events
follow the same rule on the other side of the line; they never enter `analysis.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import cast

import numpy as np
from numpy.typing import NDArray

from knee_track.curves import Curves, Floats
from knee_track.findings.severity import grade_of
from knee_track.pose.skeleton import ANKLE, FOOT_INDEX, HIP, KNEE, Leg
from knee_track.results import Event, Phase
from knee_track.settings import Settings

Mask = NDArray[np.bool_]
PHASES: tuple[Phase, ...] = ("descent", "bottom", "early_ascent", "late_ascent")
_TIME_TOLERANCE_S = 1e-9  # durations are differences of floats


@dataclass(frozen=True)
class Span:
    """A stretch of time, seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class LateralEvent:
    """A span in which the knee stayed lateral of its line; the peak is negative."""

    leg: Leg
    rep: int
    start_s: float
    end_s: float
    peak_deviation_deg: float


def spans_above(
    time_s: Floats, value: Floats, usable: Mask, *, enter: float, leave: float, merge_gap_s: float
) -> list[Span]:
    """Spans from rising through `enter` to falling through `leave` (≤ enter), merged over short gaps.

    All arrays have length n. Where a neighbour frame is not usable, the span is cut at the last usable frame.
    """
    good = usable & np.isfinite(value)
    spans: list[Span] = []
    for first, last in _runs(good & (value > leave)):
        above = np.flatnonzero(value[first : last + 1] >= enter)
        if above.size == 0:
            continue
        opening = first + int(above[0])
        start = _crossing(time_s, value, good, opening, opening - 1, enter)
        end = _crossing(time_s, value, good, last, last + 1, leave)
        if spans and start - spans[-1].end_s <= merge_gap_s + _TIME_TOLERANCE_S:
            start = spans.pop().start_s
        spans.append(Span(start, end))
    return spans


def find_events(
    curves: Curves,
    leg: Leg,
    visibility: Floats,
    settings: Settings,
    *,
    sigma_deg: float = 0.0,
    static: bool = False,
    trust: float = 1.0,
) -> list[Event]:
    """Valgus events of one leg, in order of time.

    An event whose 95th-percentile deviation stays below T_on (a lone spike) is dropped. `phase` is the one at
    the peak's moment, see `peak_frame`. The confidence is the product of the leg's mean visibility, the
    probability that the true peak reaches T_on (normal error, the band as 1.96 SD), and `trust`.

    Parameters
    ----------
    visibility : (n,) 0 to 1, see `leg_visibility`
    sigma_deg : noise of the deviation in quiet standing, see `standing_noise_deg`
    static : the leg is knock-kneed in standing already, see `severity.is_static`
    trust : factor of the clip's quality, see `quality.trust`
    """
    rules = settings.events
    enter = max(rules.enter_deg, rules.noise_factor * sigma_deg)
    curve = curves.legs[leg]
    usable = visibility >= rules.min_visibility
    found = []
    for number, span in _spans_per_rep(curves, curve.deviation_deg, usable, enter, settings):
        inside = _inside(curves, span, usable & np.isfinite(curve.deviation_deg))
        peak = float(np.percentile(curve.deviation_deg[inside], settings.grade.percentile))
        if peak < enter:
            continue
        sure = _probability_above(enter, peak, float(np.median(curve.band_deg[inside])))
        confidence = min(1.0, float(np.mean(visibility[inside])) * sure * trust)
        found.append(_event(curves, leg, number, span, inside, static, confidence, settings))
    return found


def find_lateral_events(
    curves: Curves, leg: Leg, visibility: Floats, settings: Settings, *, sigma_deg: float = 0.0
) -> list[LateralEvent]:
    """Lateral events of one leg: the rule of `find_events` mirrored, from `grade.lateral_enter_deg`."""
    enter = max(-settings.grade.lateral_enter_deg, settings.events.noise_factor * sigma_deg)
    lateral = -curves.legs[leg].deviation_deg
    usable = visibility >= settings.events.min_visibility
    found = []
    for number, span in _spans_per_rep(curves, lateral, usable, enter, settings):
        inside = _inside(curves, span, usable & np.isfinite(lateral))
        peak = float(np.percentile(lateral[inside], settings.grade.percentile))
        if peak >= enter:
            found.append(LateralEvent(leg, number, span.start_s, span.end_s, -peak))
    return found


def loaded_window(curves: Curves, number: int, loaded_depth: float) -> Mask:
    """Mask (n,) of the frames of one rep that lie at `loaded_depth` or deeper."""
    return np.asarray((curves.rep == number) & (curves.depth >= loaded_depth))


def peak_frame(deviation_deg: Floats, within: Mask, peak_deg: float, close_deg: float) -> int:
    """Index of a peak's moment: the middle one of the masked frames that come within `close_deg` of the peak.

    On a flat top the largest value is a matter of noise; the middle of the top is not.
    """
    close = np.flatnonzero(within & (deviation_deg >= peak_deg - close_deg))
    return int(close[close.size // 2])


def leg_visibility(visibility: Floats, leg: Leg) -> Floats:
    """The least visible of hip, knee, ankle and foot index per frame (n,), from (n, 33)."""
    points = [HIP[leg], KNEE[leg], ANKLE[leg], FOOT_INDEX[leg]]
    return np.asarray(visibility[:, points].min(axis=1))


def standing_noise_deg(curves: Curves, leg: Leg) -> float:
    """σ of the deviation in quiet standing: 1.4826 · MAD, 0 without standing frames."""
    values = curves.legs[leg].deviation_deg[curves.phase == "standing"]
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _spans_per_rep(
    curves: Curves, value: Floats, usable: Mask, enter: float, settings: Settings
) -> list[tuple[int, Span]]:
    rules = settings.events
    found = []
    for number in (int(n) for n in np.unique(curves.rep) if n > 0):
        spans = spans_above(
            curves.time_s,
            value,
            usable & loaded_window(curves, number, settings.grade.loaded_depth),
            enter=enter,
            leave=enter - rules.hysteresis_deg,
            merge_gap_s=rules.merge_gap_s,
        )
        long_enough = rules.min_duration_s - _TIME_TOLERANCE_S
        found += [(number, span) for span in spans if span.end_s - span.start_s >= long_enough]
    return found


def _event(
    curves: Curves,
    leg: Leg,
    number: int,
    span: Span,
    inside: Mask,
    static: bool,
    confidence: float,
    settings: Settings,
) -> Event:
    curve = curves.legs[leg]
    deviation, labels = curve.deviation_deg[inside], curves.phase[inside]
    percentile = settings.grade.percentile
    peak = float(np.percentile(deviation, percentile))
    top = peak_frame(curve.deviation_deg, inside, peak, settings.grade.peak_within_deg)
    fair = settings.events.phase_share * labels.size
    return Event(
        leg=leg,
        rep=number,
        phase=cast(Phase, str(curves.phase[top])),
        phases=[phase for phase in PHASES if np.count_nonzero(labels == phase) >= fair],
        start_s=span.start_s,
        end_s=span.end_s,
        peak_s=float(curves.time_s[top]),
        peak_deviation_deg=peak,
        band_deg=float(np.median(curve.band_deg[inside])),
        mean_deviation_deg=float(np.mean(deviation)),
        peak_offset_pct_shank=float(np.percentile(curve.offset_pct_shank[inside], percentile)),
        grade=grade_of(peak, settings.grade),
        static=static,
        confidence=confidence,
    )


def _inside(curves: Curves, span: Span, good: Mask) -> Mask:
    within = (curves.time_s >= span.start_s) & (curves.time_s <= span.end_s)
    return np.asarray(within & good)


def _probability_above(threshold: float, peak: float, band: float) -> float:
    """Probability that the true peak lies above a threshold when the band is 1.96 SD of a normal error."""
    if not band > 0.0:
        return float(peak >= threshold)
    return NormalDist(0.0, band / 1.96).cdf(peak - threshold)


def _runs(mask: Mask) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(first), int(stop) - 1) for first, stop in zip(edges[::2], edges[1::2], strict=True)]


def _crossing(time_s: Floats, value: Floats, good: Mask, inner: int, outer: int, level: float) -> float:
    """Time at which the value passes `level` between a frame inside a span and its neighbour outside."""
    if not (0 <= outer < len(value) and good[outer]):
        return float(time_s[inner])
    share = (value[inner] - level) / (value[inner] - value[outer])
    return float(time_s[inner] + share * (time_s[outer] - time_s[inner]))
