"""What `assess` leaves behind beside the folders of its clips: the combined plan, and all results as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from knee_track import __version__
from knee_track.pose.skeleton import Leg
from knee_track.protocol.assessment import Assessment, AssessmentRecord, ClipName
from knee_track.protocol.markdown import protocol_markdown
from knee_track.protocol.plan import build_protocol
from knee_track.results import Analysis, Protocol

PLAN, RECORD = "protocol.md", "assessment.json"


def combined_plan(assessment: Assessment, natural: Analysis) -> Protocol:
    """The plan of all findings; what the tests left open stands first among its notes."""
    plan = build_protocol(assessment.findings, filmed=natural.source.filmed)
    return plan.model_copy(update={"notes": [*_sentences(assessment.open_ends), *plan.notes]})


def documents(
    assessment: Assessment,
    clips: Mapping[ClipName, Analysis],
    knee_to_wall_cm: Mapping[Leg, float],
    plan: Protocol,
) -> dict[str, str]:
    """The texts of `assessment.json` and `protocol.md` by file name."""
    natural = clips["natural"]
    combined = natural.model_copy(update={"findings": list(assessment.findings), "protocol": plan})
    record = AssessmentRecord(
        software_version=__version__,
        client=natural.client,
        clips={name: analysis.source for name, analysis in clips.items()},
        knee_to_wall_cm=dict(knee_to_wall_cm),
        results=assessment.results,
        route=assessment.route,
        notes=list(assessment.notes),
        findings=list(assessment.findings),
        protocol=plan,
        disclaimer=natural.disclaimer,
    )
    return {RECORD: record.model_dump_json(indent=2) + "\n", PLAN: protocol_markdown(plan, combined)}


def _sentences(texts: list[str]) -> list[str]:
    return [text if text.endswith(".") else f"{text}." for text in texts]
