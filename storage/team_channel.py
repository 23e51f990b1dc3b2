"""What a team is shown in its channel, and privately those of it who cannot see the channel."""

from datetime import datetime

from sqlalchemy.orm import Session

from storage import outbox, people, reviews


def post(
    session: Session,
    notice: str,
    *,
    about: int,
    place: int,
    team: int,
    at: datetime,
    key: str,
    thread: str = "",
    besides: int | None = None,
) -> None:
    """Owe this notice to the channel `place`, and to those of the team whom it does not reach, but for `besides`."""
    outbox.owe(session, notice, about=about, place=place, at=at, thread=thread, key=key)
    tell_beyond(session, notice, about=about, place=place, team=team, at=at, key=key, besides=besides)


def tell_beyond(
    session: Session,
    notice: str,
    *,
    about: int,
    place: int,
    team: int,
    at: datetime,
    key: str,
    besides: int | None = None,
) -> None:
    """Owe it only to those whom the channel does not reach: they are on another platform.

    What they are sent is built by the same builder, and changes in place with what stands in the channel.
    """
    asked = [person.id for person in reviews.taking_part(session, team) if person.id != besides]
    for person in people.beyond(session, place, asked):
        outbox.owe(session, notice, about=about, to=person, at=at, key=f"{key}/person {person}")
