"""What `assess` leaves behind beside the folders of its clips: the combined plan, and all results as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from knee_track import __version__
from knee_track.pose.skeleton import Leg
from knee_track.protocol.assessment import Assessment, AssessmentRecord, ClipName
from knee_track.results import Analysis, Protocol

RECORD = "assessment.json"


def with_open_ends(plan: Protocol, assessment: Assessment) -> Protocol:
    """The plan of all findings; what the tests left open stands first among its notes.

    The assessment has to be in the plan's language (see `protocol.addon.assess`).
    """
    if plan.language != assessment.language:
        raise ValueError(f"a plan in {plan.language} with tests told in {assessment.language}")
    return plan.model_copy(update={"notes": [*_sentences(assessment.open_ends), *plan.notes]})


def combined(natural: Analysis, assessment: Assessment, plan: Protocol) -> Analysis:
    """The natural clip's analysis with the findings of all clips and the plan built from them."""
    return natural.model_copy(update={"findings": list(assessment.findings), "protocol": plan})


def record_json(
    assessment: Assessment,
    clips: Mapping[ClipName, Analysis],
    knee_to_wall_cm: Mapping[Leg, float],
    plan: Protocol,
) -> str:
    """The text of `assessment.json`."""
    natural = clips["natural"]
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
    return record.model_dump_json(indent=2) + "\n"


def _sentences(texts: list[str]) -> list[str]:
    return [text if text.endswith(".") else f"{text}." for text in texts]
