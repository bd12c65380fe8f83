"""YAML files that people edit: read with line numbers, so that an error can point at the place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knee_track.errors import ProtocolError

ModelT = TypeVar("ModelT", bound=BaseModel)
Location = Sequence[str | int]


class Entry(BaseModel):
    """Base of everything read from YAML: unknown fields are errors, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice instead of keeping the last one silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for index, (key, _) in enumerate(node.value):
            if key.value in keys[:index]:
                raise yaml.MarkedYAMLError(
                    problem=f"'{key.value}' is given twice", problem_mark=key.start_mark
                )
        return super().construct_mapping(node, deep)


class Document:
    """One YAML file: its data, and where each part of it stands.

    Raises ProtocolError, naming file and line, when the file cannot be read or is not YAML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            self._root = loader.get_single_node()
            self.data: Any = loader.construct_document(self._root) if self._root else {}
        except (OSError, UnicodeDecodeError) as error:
            raise ProtocolError(f"{path}: cannot read this file ({reason(error)}).") from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ProtocolError(f"{path}:{line}: not valid YAML ({error.problem}).") from error
        except yaml.YAMLError as error:
            raise ProtocolError(f"{path}: not valid YAML ({error}).") from error

    def parse(self, model: type[ModelT]) -> ModelT:
        """Validate the whole file. Raises ProtocolError for the first field that is wrong."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            first = error.errors()[0]
            raise self.error(first["loc"], first["msg"].removeprefix("Value error, ")) from error

    def error(self, location: Location, message: str) -> ProtocolError:
        """An error at a place in the data, e.g. ("exercises", 3, "dosage", "sets")."""
        return ProtocolError(f"{self.path}:{self._line(location)}: '{self._name(location)}': {message}.")

    def _line(self, location: Location) -> int:
        """Line, from 1, of the deepest part of `location` that exists (a missing field: its parent)."""
        node = self._root
        for part in location:
            child = _child(node, part)
            if child is None:
                break
            node = child
        return node.start_mark.line + 1 if node else 1

    def _name(self, location: Location) -> str:
        """`location` in words: list entries by their own id where they have one, else counted from 1."""
        names, value = [], self.data
        for part in location:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                value = None
            own_id = value.get("id") if isinstance(value, dict) and isinstance(part, int) else None
            names.append(str(own_id or (part + 1 if isinstance(part, int) else part)))
        return ".".join(names) or "file"


def reason(error: OSError | UnicodeDecodeError) -> str:
    """Why a file could not be read, in words."""
    return "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error.strerror).lower()


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    """The node under a mapping's key or a sequence's index, None when there is none."""
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        found: yaml.Node = node.value[part]
        return found
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    return None
