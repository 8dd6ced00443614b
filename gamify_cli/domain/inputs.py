"""Request bodies as they come from outside in JSON.

The models say which members there are and of what type; limits are those of `vocabulary`,
checked where the command is decided, so that a body and a set of options fail alike.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from gamify_cli.domain import jsontext
from gamify_cli.errors import UsageError, nearest


class Body(BaseModel):
    """A body takes its documented members and no others, and converts nothing."""

    model_config = ConfigDict(extra="forbid", strict=True)


class UpdateParticipant(Body):
    """PATCH /participants/{pid} (source: seed)."""

    display_name: str | None = None
    avatar_url: str | None = None
    attributes: dict[str, Any] | None = None


class CreateParticipant(UpdateParticipant):
    """POST /participants (source: seed)."""

    participant_id: str


Model = TypeVar("Model", bound=Body)


def read(model: type[Model], text: bytes) -> dict[str, Any]:
    """The members given in a JSON body; raises UsageError that names the first bad one."""
    value = jsontext.loads(text, "the body")
    if not isinstance(value, dict):
        raise UsageError("the body must be a JSON object")
    try:
        return model.model_validate(value).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise _refusal(model, error) from None


def _refusal(model: type[Body], error: ValidationError) -> UsageError:
    fault = error.errors(include_url=False, include_input=False)[0]
    member = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        known = list(model.model_fields)
        return UsageError(
            f'unknown field "{member}" in the body',
            hint=nearest(member, known) or f"the fields are {', '.join(known)}",
        )
    if fault["type"] == "missing":
        return UsageError(f'the body lacks "{member}"')
    return UsageError(f"{member}: {fault['msg'][0].lower()}{fault['msg'][1:]}")
