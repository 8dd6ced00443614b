"""The card: one participant at a glance. Shows what the body has, in the body's order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gamify_cli.domain.jsontext import compact
from gamify_cli.render.colors import TEXT
from gamify_cli.render.escape import escape

Body = dict[str, Any]
Paint = Callable[[str], str]
"""The color `#RRGGBB` that stands for one that a program chose."""

SHAPES = ("created", "profile", "state")

_BAR = 20
RARITIES = {
    "common": TEXT,
    "uncommon": "#008700",
    "rare": "#005fff",
    "epic": "#af00d7",
    "legendary": "#af8700",
}
"""Colors that can be read on black and on white."""


def of(body: Body, paint: Paint) -> Panel:
    """A panel with the name and id, then a row for each part of the body."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for label, text in _rows(body, paint):
        grid.add_row(label, text)
    return Panel(Group(_title(body), grid), expand=False, padding=(0, 1))


def _title(body: Body) -> Text:
    name, participant_id = body.get("display_name"), body["participant_id"]
    title = Text(overflow="fold").append(escape(name or participant_id), style="bold")
    if name:
        title.append(f"  {escape(participant_id)}", style="dim")
    if body.get("is_active") is False:
        title.append("  inactive", style="red")
    return title


def _rows(body: Body, paint: Paint) -> Iterator[tuple[str, Text]]:
    if "points" in body:
        yield "Points", _points(body["points"])
    if "tier" in body:
        yield "Tier", _tier(body["tier"], paint)
    if "badges" in body:
        yield "Badges", _badges(body["badges"])
    if "streaks" in body:
        yield "Streak", _streak(body["streaks"])
    if "challenges" in body:
        counts = body["challenges"]
        yield "Challenges", Text(f"{counts['active']:,} active · {counts['completed']:,} completed")
    if "rewards" in body:
        yield "Rewards", Text(f"{body['rewards']['total_claimed']:,} claimed")
    yield from _own_rows(body)


def _own_rows(body: Body) -> Iterator[tuple[str, Text]]:
    """What a state does not have: counts, dates and the participant's own data."""
    if "rewards_claimed" in body:
        yield "Rewards", Text(f"{body['rewards_claimed']:,} claimed")
        yield "Events", Text(f"{body['total_events']:,}")
    if "first_seen_at" in body:
        yield "Seen", Text(f"{body['first_seen_at'][:10]} first · {body['last_seen_at'][:10]} last")
    if "created_at" in body:
        yield "Created", Text(body["created_at"])
    if body.get("avatar_url"):
        yield "Avatar", Text(escape(body["avatar_url"]))
    for number, (name, value) in enumerate(body.get("attributes", {}).items()):
        text = value if isinstance(value, str) else compact(value)
        yield "" if number else "Attributes", Text(f"{escape(name)}: {escape(text)}")


def _points(points: Body) -> Text:
    text = Text(f"{points['balance']:,}", style="bold")
    earned, spent = points["total_earned"], points["total_spent"]
    return text.append(f"  earned {earned:,} · spent {spent:,}", style="not bold dim")


def _tier(tier: Body | None, paint: Paint) -> Text:
    if tier is None:
        return Text("none", style="dim")
    color = paint(tier["color"]) if tier.get("color") else TEXT
    text = Text()
    text.append(f"{escape(tier['name'])}", style=f"bold {color}")
    text.append(f"  level {tier['level']}", style="dim")
    following = tier.get("next_tier")
    if following:
        required, remaining = following["points_required"], following["points_remaining"]
        filled = _BAR * (required - remaining) // required if required else _BAR
        text.append("\n" + "█" * filled, style=color)
        text.append("░" * (_BAR - filled), style="dim")
        text.append(f" {remaining:,} to {escape(following['name'])}", style="dim")
    return text


def _badges(badges: list[Body]) -> Text:
    text = Text(overflow="fold")
    for badge in badges:
        mark, style = ("●", "") if badge["earned"] else ("○", "dim")
        rarity = badge.get("rarity")
        text.append("\n" if text else "")
        text.append(f"{mark} ", style=RARITIES.get(rarity or "", style))
        text.append(escape(badge.get("name") or badge["code"]), style=style)
        if rarity:
            text.append(f"  {rarity}", style="dim")
    return text if text else Text("none", style="dim")


def _streak(streak: Body | None) -> Text:
    if streak is None:
        return Text("none", style="dim")
    text = Text(f"{streak['current']:,} now · {streak['longest']:,} longest")
    if streak.get("last_activity_at"):
        text.append(f" · last {streak['last_activity_at'][:10]}", style="dim")
    return text
