"""What all answers have in common: the values in them, and how a schema is made of a model."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""RFC 3339 in UTC with `Z`, whole seconds."""

Number = Annotated[int, Field(ge=0)]
Place = Annotated[int, Field(ge=1)]
"""A number that counts from 1."""

Free = dict[str, Any]
"""An object with any members."""

ABSENT: Any = Field(default_factory=lambda: None)
"""The default of a member that an answer may leave out."""


class Output(BaseModel):
    """An answer has exactly its members, in their order; one that is ABSENT may be left out.

    Models describe answers and make none: they are for schemas and tests alone.
    """

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Untitled(GenerateJsonSchema):
    """Schemas without a title for every member, which would repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Never."""
        return False
