"""Request bodies as they come from outside in JSON, and those of participants.

The models say which members there are; limits are those of `vocabulary`, so that a body and
a set of options fail alike. What else is asked of a participant stands in `inputs_interactions`.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from gamify_cli.domain import jsontext
from gamify_cli.domain.input_values import Attributes, AvatarUrl, DisplayName, ParticipantId
from gamify_cli.errors import UsageError, nearest

Members = dict[str, Any]

_TYPES = {
    "string_type": "text",
    "dict_type": "a JSON object",
    "list_type": "a list",
    "bool_type": "true or false",
}
"""What a member must be, by the name of pydantic's fault."""


class Body(BaseModel):
    """A body takes its documented members and no others, and converts nothing.

    `written`: numbers keep the text that they were written as (see `jsontext.loads`).
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    written: ClassVar[bool] = False

    def members(self) -> Members:
        """The members given."""
        return {name: value for name, value in self if name in self.model_fields_set}


class UpdateParticipant(Body):
    """PATCH /participants/{pid} (source: seed); null clears a member."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    display_name: DisplayName | None = None
    avatar_url: AvatarUrl | None = None
    attributes: Attributes | None = None


class CreateParticipant(Body):
    """POST /participants (source: seed); null clears a member."""

    participant_id: ParticipantId
    display_name: DisplayName | None = None
    avatar_url: AvatarUrl | None = None
    attributes: Attributes | None = None


Model = TypeVar("Model", bound=Body)


def read(model: type[Model], text: bytes) -> Members:
    """The members given in a JSON body; raises UsageError that names the first bad one."""
    return read_value(model, jsontext.loads(text, "the body", written=model.written))


def read_value(model: type[Model], value: Any, what: str = "the body") -> Members:
    """The members given in JSON that was read already; `what` names it in the UsageError."""
    if not isinstance(value, dict):
        raise UsageError(f"{what} must be a JSON object")
    try:
        return model.model_validate(value).members()
    except ValidationError as error:
        raise _refusal(model, error, what) from None


def _refusal(model: type[Body], error: ValidationError, what: str) -> UsageError:
    fault = error.errors(include_url=False, include_input=False)[0]
    member = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        known = list(model.model_fields)
        return UsageError(
            f'unknown field "{member}" in {what}',
            hint=nearest(member, known) or f"the fields are {', '.join(known)}",
        )
    if fault["type"] == "missing":
        return UsageError(f'{what} lacks "{member}"')
    if fault["type"] in _TYPES:
        return UsageError(f"{member} must be {_TYPES[fault['type']]}")
    return UsageError(f"{member}: {fault['msg'][0].lower()}{fault['msg'][1:]}")
