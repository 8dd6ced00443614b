"""Rules of a participant's own data: registration, profile edits, activation.

A body is a dictionary of the members that were given: display_name and avatar_url (text or
None), attributes (an object or None). A member left out stays as it is (source: seed).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gamify_cli.domain import facts, jsontext, vocabulary
from gamify_cli.domain.decide import Decision
from gamify_cli.domain.participant import Participant
from gamify_cli.errors import Conflict, NotFound, UsageError

Body = dict[str, Any]

_TEXTS = {"display_name": vocabulary.display_name, "avatar_url": vocabulary.avatar_url}


class Registration(NamedTuple):
    """What is told of somebody new, checked, in the texts that are kept of it.

    `attributes` and `data`, which is all that the fact says, are compact JSON.
    """

    display_name: str | None
    avatar_url: str | None
    attributes: str
    data: str

    @property
    def body(self) -> Body:
        """The body that it was made of, less what was null."""
        body: Body = jsontext.stored(self.data)
        return body


def check(body: Body) -> Body:
    """A body that is equal, if every value in it is within its limits; else UsageError."""
    checked = dict(body)
    if body.get("display_name") is not None:
        vocabulary.display_name(body["display_name"])
    if body.get("avatar_url") is not None:
        vocabulary.avatar_url(body["avatar_url"])
    if body.get("attributes") is not None:
        checked["attributes"] = jsontext.check_object(body["attributes"], "attributes")
    return checked


def register(decision: Decision, body: Body, *, if_not_exists: bool = False) -> None:
    """Create the participant, or replace the members given (source: seed).

    Raises UsageError for a bad value, and Conflict if it exists and `if_not_exists` is set.
    """
    before = decision.participant
    if not before.exists:
        decision.record(facts.REGISTERED, _given(body))
        return
    given = check(body)
    if if_not_exists:
        raise Conflict(f'participant "{before.participant_id}" exists already')
    if given.get("attributes", ...) is None:
        given["attributes"] = {}
    changed = _changed_texts(decision, given)
    if "attributes" in given and jsontext.compact(given["attributes"]) != before.attributes:
        changed["attributes"] = given["attributes"]
    _change(decision, changed)


def registration(body: Body) -> Registration:
    """How somebody new registers, without a decision; raises UsageError for a bad value."""
    try:
        return _registration(body)
    except UsageError:
        # Of several faults the same one is told as anywhere else.
        check(body)
        raise


def _registration(body: Body) -> Registration:
    attributes, parts = "{}", []
    # Most of what an import does for a row: of each text one form is made, and no copy.
    for name, value in body.items():
        if value is None:
            continue
        if name == "attributes":
            text = attributes = jsontext.checked(value, name)
        else:
            text = jsontext.compact(_TEXTS[name](value))
        parts.append(f'"{name}":{text}')
    data = "{" + ",".join(parts) + "}"
    return Registration(body.get("display_name"), body.get("avatar_url"), attributes, data)


def _given(body: Body) -> Body:
    """What the fact says that registers somebody new."""
    given = check(body)
    if None in given.values():
        return {name: value for name, value in given.items() if value is not None}
    return given


def update(decision: Decision, body: Body, *, if_match: int | None = None) -> None:
    """Edit the members given; attributes merge by RFC 7396, None clears.

    Raises UsageError for an empty body or a bad value, NotFound, and Conflict if the
    participant's version is not `if_match`.
    """
    before = decision.participant
    if not body:
        raise UsageError("nothing to update", hint="give display_name, avatar_url or attributes")
    given = check(body)
    require(decision)
    if if_match is not None and if_match != before.version:
        raise Conflict(
            f'participant "{before.participant_id}" is at version {before.version}, not {if_match}',
            hint="read it again, then update with the version you saw",
        )
    changed = _changed_texts(decision, given)
    if "attributes" in given:
        old = jsontext.stored(before.attributes)
        patch = given["attributes"]
        new = {} if patch is None else jsontext.merge(old, patch)
        jsontext.check_object(new, "attributes")
        if jsontext.compact(new) != before.attributes:
            changed |= {"attributes": {}} if patch is None else {"attributes_patch": patch}
    _change(decision, changed)


def set_active(decision: Decision, active: bool) -> None:
    """Let the participant interact, or no longer; raises NotFound."""
    require(decision)
    if decision.participant.is_active != active:
        decision.record(facts.ACTIVATED if active else facts.DEACTIVATED, {})


def require(decision: Decision) -> None:
    """Raise NotFound unless the participant exists."""
    if not decision.participant.exists:
        raise unknown(decision.participant.participant_id)


def unknown(participant_id: str, *, hint: str | None = None) -> NotFound:
    """The refusal of a command on a participant of which nothing was recorded."""
    return NotFound(f'participant "{participant_id}" not found', hint=hint)


def _change(decision: Decision, changed: Body) -> None:
    """Record what changed, if anything did, and what follows for streaks from another zone."""
    if not changed:
        return
    fact = decision.record(facts.PROFILE_CHANGED, changed)
    if decision.participant.streaks and _zone(decision.before) != _zone(decision.participant):
        # Most edits move no streak, and need no calendar.
        from gamify_cli.domain.decide import streaks

        streaks.follow_zone(decision, fact)


def _zone(participant: Participant) -> object:
    return jsontext.stored(participant.attributes).get("timezone")


def _changed_texts(decision: Decision, given: Body) -> Body:
    before = decision.participant
    now = {"display_name": before.display_name, "avatar_url": before.avatar_url}
    return {name: given[name] for name in now if name in given and given[name] != now[name]}
