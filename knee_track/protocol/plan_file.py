"""`protocol.json`: the plan for other programs, and the schema that it follows."""

from __future__ import annotations

import json
from typing import Any, Literal

from knee_track.protocol.records import Protocol


class PlanFile(Protocol):
    """A `Protocol` in a file of its own; keys are added, never renamed, and `schema_version` counts up."""

    schema_version: Literal[1] = 1


def protocol_json(plan: Protocol) -> str:
    """The plan as the text of protocol.json."""
    data = {"schema_version": PlanFile.model_fields["schema_version"].default, **plan.model_dump(mode="json")}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def protocol_schema() -> dict[str, Any]:
    """The JSON Schema of protocol.json (docs/protocol.schema.json)."""
    schema = PlanFile.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "knee-track plan"}
