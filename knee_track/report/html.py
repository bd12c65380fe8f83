"""`report.html`: one page that plays beside its video, prints to A4 and loads nothing from anywhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from knee_track.curves import Curves, Floats
from knee_track.pose.skeleton import LEGS, Leg
from knee_track.protocol.catalogue import load_catalogue
from knee_track.protocol.safety import safety_in
from knee_track.protocol.sentences import dose_words
from knee_track.report import words
from knee_track.report.annotate import Still
from knee_track.report.facts import changed_settings, limits, method, other_measures, run_facts
from knee_track.report.plan import exercises, week_table
from knee_track.report.plots import MAX_POINTS, make_chart
from knee_track.report.summary import headline, leg_sentences, measured_legs, verdict
from knee_track.results import Analysis

WORDS = {
    "count": words.count,
    "signed": words.signed,
    "signed_band": words.signed_band,
    "measure": words.measure,
    "grades": words.GRADES,
    "phases": words.PHASES,
    "toes": words.TOES,
    "dose_words": lambda dose: dose_words(dose, load_catalogue()),
}


def render_report(analysis: Analysis, curves: Curves, stills: Sequence[Still], video: str | None) -> str:
    """The whole report as HTML text.

    `video` is what the player loads: a relative URL (`video_url`), a data URI (`data_uri`), or None.
    """
    page = environment().get_template("template.html.j2")
    legs = measured_legs(analysis)
    return page.render(
        a=analysis,
        title=f"{words.TITLES[analysis.movement]} report",
        clip_name=Path(analysis.source.path).name,
        headline=headline(analysis),
        cards=[_card(analysis, leg) for leg in legs],
        advice=[] if legs else load_catalogue().lines("film" if analysis.source.filmed else "record"),
        stills=[{"moment": still.moment, "uri": data_uri("image/jpeg", still.jpeg)} for still in stills],
        video=video,
        chart=make_chart(analysis, curves),
        chart_label="Curves over time" if not legs else "Deviation of each knee and depth, over time",
        table_legs=legs,
        any_borderline=any(
            leg and leg.borderline for rep in analysis.reps for leg in (rep.legs.left, rep.legs.right)
        ),
        others=other_measures(analysis),
        method=method(analysis),
        limits=limits(analysis, pictures=bool(stills or video)),
        run_facts=run_facts(analysis),
        changed=changed_settings(analysis),
        series=_series(curves),
    )


def with_plan(page: str, analysis: Analysis) -> str:
    """A report with the plan of `analysis` in the place of the one that it holds."""
    section = environment().get_template("protocol.html.j2").render(a=analysis)
    old = re.compile(r'<section id="protocol".*?</section>', re.DOTALL)
    return old.sub(lambda _: section.strip(), page, count=1)


def video_url(name: str) -> str:
    """Relative URL of a file beside the report, whatever characters its name holds.

    The fragment makes Safari show the first picture instead of a black field.
    """
    return f"./{quote(name)}#t=0.001"


def data_uri(mime: str, data: bytes) -> str:
    """A file's bytes as a URL that needs no file."""
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"


def environment(*packages: str) -> Environment:
    """Templates of the report and of other packages of knee_track ("store"), with its words and its style."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("knee_track", name) for name in ("report", *packages)]),
        autoescape=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    own = resources.files("knee_track.report")
    environment.globals |= WORDS | {
        "week_table": week_table,
        "exercises": exercises,
        "safety_in": safety_in,
        "style": Markup(own.joinpath("style.css").read_text(encoding="utf-8")),
        "script": Markup(own.joinpath("report.js").read_text(encoding="utf-8")),
    }
    return environment


def _card(analysis: Analysis, leg: Leg) -> dict[str, Any]:
    return {
        "leg": leg,
        "result": getattr(analysis.legs, leg),
        "verdict": verdict(analysis, leg),
        "sentences": leg_sentences(analysis, leg),
    }


def _series(curves: Curves) -> dict[str, Any]:
    """What the page reads out at the cursor, thinned as the curves are."""
    step = -(-len(curves.time_s) // MAX_POINTS)

    def rounded(values: Floats, digits: int) -> list[float | None]:
        return [None if value != value else round(value, digits) for value in values[::step].tolist()]

    return {
        "time": rounded(curves.time_s, 3),
        "depth": rounded(curves.depth, 2),
        "rep": curves.rep[::step].tolist(),
        "phase": [words.PHASES.get(phase, phase) for phase in curves.phase[::step].tolist()],
        "legs": {
            leg: {
                "deviation": rounded(curves.legs[leg].deviation_deg, 1),
                "band": rounded(curves.legs[leg].band_deg, 1),
            }
            for leg in LEGS
        },
    }
