"""The same two calls as one usually writes them: FastAPI, SQLAlchemy's ORM, pydantic.

    python plain.py STORE

A session and the key come as dependencies, endpoints are functions that run in threads, and
answers are models.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any

from asgi import serve
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

sessions = sessionmaker()
router = APIRouter(prefix="/api/v1/gamify")


class Base(DeclarativeBase):
    """Tables of the store, as far as they are needed."""


class Key(Base):
    __tablename__ = "api_keys"
    key_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    hash: Mapped[str]
    expires_at: Mapped[int | None]
    revoked_at: Mapped[int | None]


class Participant(Base):
    __tablename__ = "participants"
    participant_id: Mapped[str] = mapped_column(primary_key=True)
    display_name: Mapped[str | None]
    avatar_url: Mapped[str | None]
    attributes: Mapped[str]
    is_active: Mapped[bool]
    balance: Mapped[int]
    total_earned: Mapped[int]
    total_spent: Mapped[int]
    rewards_claimed: Mapped[int]
    total_events: Mapped[int]
    first_seen_at: Mapped[int]
    last_seen_at: Mapped[int]
    recorded_at: Mapped[int]
    version: Mapped[int]


class Fact(Base):
    __tablename__ = "journal"
    participant_id: Mapped[str] = mapped_column(
        ForeignKey("participants.participant_id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    data: Mapped[str]
    occurred_at: Mapped[int]
    recorded_at: Mapped[int]
    operation: Mapped[str]
    command: Mapped[str | None]
    actor: Mapped[str | None]


class Points(BaseModel):
    balance: int
    total_earned: int
    total_spent: int


class Profile(BaseModel):
    participant_id: str
    display_name: str | None
    avatar_url: str | None
    attributes: dict[str, Any]
    points: Points
    tier: str | None
    badges: list[str]
    streaks: str | None
    rewards_claimed: int
    total_events: int
    first_seen_at: datetime
    last_seen_at: datetime
    is_active: bool


class Award(BaseModel):
    participant_id: str
    amount: int = Field(ge=1, le=1_000_000)
    reason: str | None = Field(default=None, max_length=500)


class Awarded(BaseModel):
    transaction_id: str
    participant_id: str
    amount: int
    new_balance: int
    tier_upgrade: str | None
    badges_unlocked: list[str]


def session() -> Iterator[Session]:
    """One for each request."""
    with sessions() as opened:
        yield opened


OneSession = Annotated[Session, Depends(session)]


def caller(opened: OneSession, x_api_key: Annotated[str, Header()]) -> Key:
    """The key that a request came with."""
    hashed = sha256(x_api_key.encode()).hexdigest()
    key = opened.scalar(select(Key).where(Key.hash == hashed))
    if key is None or key.revoked_at or (key.expires_at and key.expires_at < _now()):
        raise HTTPException(401, "the API key is unknown")
    return key


Caller = Annotated[Key, Depends(caller)]


@router.get("/participants/{participant_id}")
def profile(participant_id: str, opened: OneSession, _key: Caller) -> Profile:
    return _profile(_found(opened, participant_id))


@router.post("/points/award")
def award(asked: Award, opened: OneSession, key: Caller) -> Awarded:
    now, identity = _now(), secrets.token_hex(12)
    one = _found(opened, asked.participant_id)
    one.balance += asked.amount
    one.total_earned += asked.amount
    one.last_seen_at = one.recorded_at = now
    one.version += 1
    data = {"id": identity, "amount": asked.amount, "balance": one.balance}
    opened.add(
        Fact(
            participant_id=one.participant_id,
            number=one.version,
            kind="points_awarded",
            data=json.dumps(data),
            occurred_at=now,
            recorded_at=now,
            operation=secrets.token_hex(12),
            command="POST /points/award",
            actor=key.name,
        )
    )
    balance = one.balance
    opened.commit()
    return Awarded(
        transaction_id=identity,
        participant_id=asked.participant_id,
        amount=asked.amount,
        new_balance=balance,
        tier_upgrade=None,
        badges_unlocked=[],
    )


def _found(opened: Session, participant_id: str) -> Participant:
    one = opened.get(Participant, participant_id)
    if one is None:
        raise HTTPException(404, f'participant "{participant_id}" not found')
    return one


def _profile(one: Participant) -> Profile:
    return Profile(
        participant_id=one.participant_id,
        display_name=one.display_name,
        avatar_url=one.avatar_url,
        attributes=json.loads(one.attributes),
        points=Points(
            balance=one.balance, total_earned=one.total_earned, total_spent=one.total_spent
        ),
        tier=None,
        badges=[],
        streaks=None,
        rewards_claimed=one.rewards_claimed,
        total_events=one.total_events,
        first_seen_at=_time(one.first_seen_at),
        last_seen_at=_time(one.last_seen_at),
        is_active=one.is_active,
    )


def _now() -> int:
    return time.time_ns() // 1_000


def _time(instant: int) -> datetime:
    return datetime.fromtimestamp(instant // 1_000_000, UTC)


def _prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


if __name__ == "__main__":
    engine = create_engine(f"sqlite:///{sys.argv[1]}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare)
    sessions.configure(bind=engine)
    app = FastAPI()
    app.include_router(router)
    serve(app)
