"""protocol.json: the schema in docs/ is current, plans of every status follow it, and it reads back."""

import json
from datetime import date

import pytest
from jsonschema import Draft202012Validator, ValidationError
from plan_cases import build_protocol, found
from shared_clips import REPOSITORY

from knee_track.protocol.intake import Intake
from knee_track.protocol.plan_file import protocol_json, protocol_schema
from knee_track.results import Protocol

SCHEMA = json.loads((REPOSITORY / "docs" / "protocol.schema.json").read_text(encoding="utf-8"))
MEDIAL = [found("medial_knee", "both"), found("pelvic_drop", "right")]
PLANS = {
    "corrective": build_protocol(MEDIAL, start=date(2026, 11, 30)),
    "maintenance": build_protocol([found("good_tracking", "both")]),
    "refused": build_protocol([found("low_quality")]),
    "referred": build_protocol(MEDIAL, Intake(red_flags=frozenset({"locked_knee"}))),
}


def test_the_schema_in_the_repository_is_current():
    assert protocol_schema() == SCHEMA, "write it anew: docs/protocol.md says how"


@pytest.mark.parametrize("name", PLANS)
def test_plans_of_every_status_follow_the_schema_and_read_back(name):
    text = protocol_json(PLANS[name])
    data = json.loads(text)
    Draft202012Validator(SCHEMA).validate(data)
    assert data["schema_version"] == 1 and text.endswith("}\n") and '\n  "status"' in text
    assert Protocol.model_validate({key: data[key] for key in data if key != "schema_version"}) == PLANS[name]


def test_the_schema_refuses_what_is_no_plan():
    data = json.loads(protocol_json(PLANS["corrective"]))
    for broken in (data | {"surprise": 1}, data | {"status": "good"}, {"weeks": []}):
        with pytest.raises(ValidationError):
            Draft202012Validator(SCHEMA).validate(broken)
