"""Single values of request bodies: what `vocabulary` takes of each, and how a schema says so."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema

from gamify_cli.domain import jsontext, vocabulary
from gamify_cli.errors import UsageError

_NO_CONTROL = r"^[^\u0000-\u001f\u007f-\u009f]*$"
_NO_SPACE = r"\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_URL = (
    r"^[Hh][Tt][Tt][Pp][Ss]?://"
    rf"([^{_NO_SPACE}/?#\[\]]*@)?[^{_NO_SPACE}/?#@:\[\]]+(:([1-9][0-9]{{0,3}})?)?"
    rf"([/?#][^{_NO_SPACE}]*)?$"
)
"""What `vocabulary.avatar_url` takes, but for IPv6 addresses and high ports."""


def _text(
    most: int, *, least: int = 0, pattern: str = vocabulary.NO_NUL, **more: Any
) -> WithJsonSchema:
    size = {"minLength": least} if least else {}
    return WithJsonSchema({"type": "string", **size, "maxLength": most, "pattern": pattern, **more})


def _attributes(value: dict[str, Any]) -> dict[str, Any]:
    return jsontext.check_object(value, "attributes")


def _codes(values: list[str]) -> list[str]:
    for place, value in enumerate(values):
        try:
            vocabulary.reward_code(value)
        except UsageError as error:
            raise UsageError(f"codes.{place}: {error.message}") from None
    return values


_FREE = WithJsonSchema(
    {
        "type": "object",
        "description": f"At most {jsontext.MAX_BYTES // 1024} KiB of compact UTF-8 and "
        f"{jsontext.MAX_DEPTH} levels deep; U+0000 nowhere.",
        "propertyNames": {"pattern": vocabulary.NO_NUL},
    }
)

ParticipantId = Annotated[
    str,
    AfterValidator(vocabulary.participant_id),
    _text(vocabulary.MAX_ID, least=1, pattern=_NO_CONTROL, **{"not": {"enum": [".", ".."]}}),
]
DisplayName = Annotated[str, AfterValidator(vocabulary.display_name), _text(vocabulary.MAX_NAME)]
AvatarUrl = Annotated[
    str,
    AfterValidator(vocabulary.avatar_url),
    _text(vocabulary.MAX_URL, pattern=_URL),
]
Attributes = Annotated[dict[str, Any], AfterValidator(_attributes), _FREE]
Metadata = Annotated[dict[str, Any], AfterValidator(vocabulary.metadata), _FREE]
Properties = Annotated[dict[str, Any], AfterValidator(vocabulary.properties), _FREE]
Amount = Annotated[
    int,
    PlainValidator(vocabulary.amount),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": vocabulary.MAX_AMOUNT}),
]
Reason = Annotated[str, AfterValidator(vocabulary.reason), _text(vocabulary.MAX_REASON)]
EventName = Annotated[
    str, AfterValidator(vocabulary.event_name), _text(vocabulary.MAX_EVENT, least=1)
]
RewardCodes = Annotated[
    list[Annotated[str, _text(vocabulary.MAX_REWARD_CODE, least=1, pattern=_NO_CONTROL)]],
    AfterValidator(_codes),
]
Key = Annotated[
    str,
    AfterValidator(vocabulary.idempotency_key),
    WithJsonSchema({"type": "string", "pattern": f"^{vocabulary.KEY}$"}),
]
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""Text that `instants.parse_stamp` reads."""
Flag = Annotated[
    bool,
    BeforeValidator(lambda value: False if value is None else value),
    WithJsonSchema({"type": ["boolean", "null"]}),
]
"""True or false; null is false."""
