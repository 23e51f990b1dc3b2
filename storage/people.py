"""Questions about people: who this is, whom they lead, where they can be reached."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from bot.chat import Account, Place
from storage.database import insert_once, loaded
from storage.models import KnownAccount, KnownPlace, Partnership, Person, Team
from storage.prepared import Prepared


def by_account(session: Session, account: Account) -> tuple[KnownAccount, Person] | None:
    """The person who uses this account, left or not, with the account."""
    found = session.execute(
        select(KnownAccount, Person)
        .join(Person, Person.id == KnownAccount.person_id)
        .where(
            KnownAccount.platform == account.platform,
            KnownAccount.tenant == account.tenant,
            KnownAccount.user == account.user,
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1])


@dataclass(frozen=True)
class Arrived:
    """Who acted, and what is known of the place: `place_id` is None when it is new. `chat_id` is their direct chat."""

    person: Person
    account_id: int
    unreachable: str
    chat_id: int | None
    place_id: int | None
    place_url: str | None
    place_unreachable: str | None


_PERSON = tuple(cast(Table, Person.__table__).columns)
_OF_A_PERSON = tuple(column.key for column in _PERSON)
# Asked of every event: one question instead of three.
_ARRIVED = Prepared(
    select(
        *_PERSON,
        KnownAccount.id,
        KnownAccount.unreachable,
        KnownAccount.place_id,
        KnownPlace.id,
        KnownPlace.service_url,
        KnownPlace.unreachable,
    )
    .select_from(KnownAccount)
    .join(Person, Person.id == KnownAccount.person_id)
    .outerjoin(
        KnownPlace,
        and_(
            KnownPlace.platform == bindparam("where"),
            KnownPlace.tenant == bindparam("whose"),
            KnownPlace.conversation == bindparam("conversation"),
        ),
    )
    .where(
        KnownAccount.platform == bindparam("platform"),
        KnownAccount.tenant == bindparam("tenant"),
        KnownAccount.user == bindparam("user"),
    )
)


def arrived(session: Session, account: Account, place: Place) -> Arrived | None:
    """The person who uses this account, left or not, with what is known of the account and the place."""
    for found in _ARRIVED.rows(
        session, platform=account.platform, tenant=account.tenant, user=account.user,
        where=place.platform, whose=place.tenant, conversation=place.conversation,
    ):  # fmt: skip
        columns = dict(zip(_OF_A_PERSON, found, strict=False))
        return Arrived(_person(session, columns), *found[len(_PERSON) :])
    return None


def _person(session: Session, columns: Mapping[str, Any]) -> Person:
    known = session.identity_map.get(Person.__mapper__.identity_key_from_primary_key((columns["id"],)))
    if known is not None:
        return cast(Person, known)
    person = Person.__mapper__.class_manager.new_instance()
    loaded(session, person, columns)
    return person


def by_email(session: Session, email: str) -> Person | None:
    """The person on the roster with this address."""
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def link(session: Session, person: Person, account: Account) -> KnownAccount:
    """This account is that person's, from now on."""
    insert_once(
        session, KnownAccount, platform=account.platform, tenant=account.tenant, user=account.user,
        person_id=person.id, unreachable="",
    )  # fmt: skip
    found = by_account(session, account)
    assert found is not None
    return found[0]


def place(session: Session, place: Place) -> int:
    """The id under which this conversation is known, remembering it when it is new."""
    here = (
        KnownPlace.platform == place.platform,
        KnownPlace.tenant == place.tenant,
        KnownPlace.conversation == place.conversation,
    )
    known = session.scalar(select(KnownPlace).where(*here))
    if known is None:
        insert_once(
            session, KnownPlace, platform=place.platform, tenant=place.tenant, conversation=place.conversation,
            direct=place.direct, service_url=place.service_url, title=place.title, unreachable="",
        )  # fmt: skip
        known = session.scalars(select(KnownPlace).where(*here)).one()
    elif place.service_url and known.service_url != place.service_url:
        known.service_url = place.service_url
    return known.id


def accounts(session: Session, person_id: int) -> Sequence[KnownAccount]:
    """Where this person can be reached."""
    return session.scalars(select(KnownAccount).where(KnownAccount.person_id == person_id)).all()


def beyond(session: Session, place_id: int, person_ids: Collection[int]) -> Sequence[int]:
    """Those of these people who have accounts, but none on the platform of this place: it is out of their sight."""
    place = session.get_one(KnownPlace, place_id)
    there = select(KnownAccount.person_id).where(KnownAccount.platform == place.platform)
    return session.scalars(
        select(KnownAccount.person_id)
        .where(KnownAccount.person_id.in_(person_ids), KnownAccount.person_id.not_in(there))
        .distinct()
        .order_by(KnownAccount.person_id)
    ).all()


def present(session: Session) -> Sequence[Person]:
    """Everybody who has not left, by name."""
    return session.scalars(select(Person).where(Person.left_at.is_(None)).order_by(Person.name)).all()


def everybody(session: Session) -> Sequence[int]:
    """The numbers of all who are or were on the roster."""
    return session.scalars(select(Person.id)).all()


def named(session: Session, words: str, *, besides: int | None = None) -> Sequence[Person]:
    """The present people whom `words` may mean: the whole name or address first, else a first name or a beginning."""
    wanted = " ".join(words.split()).lower().lstrip("@")
    if not wanted:
        return []
    others = Person.left_at.is_(None) if besides is None else (Person.left_at.is_(None) & (Person.id != besides))
    exact = session.scalars(
        select(Person).where(others, or_(func.lower(Person.name) == wanted, Person.email == wanted))
    ).all()
    if exact:
        return exact
    everybody = session.scalars(select(Person).where(others).order_by(Person.name)).all()
    first = [person for person in everybody if person.name.lower().split()[:1] == [wanted]]
    return first or [person for person in everybody if person.name.lower().startswith(wanted)]


def team_of(session: Session, person: Person) -> Team | None:
    """The team this person is in."""
    return None if person.team_id is None else session.get(Team, person.team_id)


def lead_of(session: Session, team: Team) -> Person | None:
    """Whoever leads this team; nobody once they have left, although the roster names no other yet."""
    lead = session.get(Person, team.lead_id) if team.lead_id is not None else None
    return lead if lead is not None and lead.left_at is None else None


def leads(session: Session, person: Person, team_id: int | None) -> bool:
    """Whether this person leads that team."""
    team = session.get(Team, team_id) if team_id is not None else None
    return team is not None and team.lead_id == person.id


def is_of(session: Session, person: Person, team_id: int | None) -> bool:
    """Whether this person is a member of that team, or its lead."""
    return team_id is not None and (person.team_id == team_id or leads(session, person, team_id))


def teams_led(session: Session, person_id: int) -> Sequence[Team]:
    """The teams this person leads, by name."""
    return session.scalars(select(Team).where(Team.lead_id == person_id).order_by(Team.name)).all()


def teams(session: Session) -> Sequence[Team]:
    """Every team, by name."""
    return session.scalars(select(Team).order_by(Team.name)).all()


def team_members(session: Session, team_id: int) -> Sequence[Person]:
    """Everybody present in this team, by name."""
    return session.scalars(
        select(Person).where(Person.team_id == team_id, Person.left_at.is_(None)).order_by(Person.name)
    ).all()


def partner_of(session: Session, learner_id: int) -> Person | None:
    """The learning partner who has accepted."""
    return session.scalar(
        select(Person)
        .join(Partnership, Partnership.partner_id == Person.id)
        .where(Partnership.current == learner_id, Partnership.state == "accepted", Person.left_at.is_(None))
    )


def partnership(session: Session, learner_id: int) -> Partnership | None:
    """The learner's present partnership, asked or accepted."""
    return session.scalar(select(Partnership).where(Partnership.current == learner_id))


def learners_of(session: Session, partner_id: int) -> Sequence[Person]:
    """The people whose learning partner this is, by name."""
    return session.scalars(
        select(Person)
        .join(Partnership, Partnership.learner_id == Person.id)
        .where(Partnership.partner_id == partner_id, Partnership.state == "accepted", Partnership.current.is_not(None))
        .where(Person.left_at.is_(None))
        .order_by(Person.name)
    ).all()


def joined(session: Session, person: Person, now: datetime) -> None:
    """They said hello: from now on the bot may write to them first."""
    if person.joined_at is None:
        person.joined_at = now


def is_paused(person: Person, today: date) -> bool:
    """Whether this person asked to hear nothing yet: "until 1 May" ends as that day begins."""
    return person.paused_until is not None and today < person.paused_until


def may_be_asked(person: Person, on: date) -> bool:
    """Whether the bot may ask this person something of its own accord on that local day.

    They have said hello, have not left, and did not ask for a pause.
    """
    return person.joined_at is not None and person.left_at is None and not is_paused(person, on)


def coordinators(session: Session) -> Sequence[Person]:
    """Whoever coordinates learning here, by name."""
    return session.scalars(
        select(Person).where(Person.role == "coordinator", Person.left_at.is_(None)).order_by(Person.name)
    ).all()


def unreachable(session: Session) -> Sequence[tuple[Person, KnownAccount]]:
    """Everybody present with an account that the platform refused to deliver to, by reason and name."""
    found = session.execute(
        select(Person, KnownAccount)
        .join(KnownAccount, KnownAccount.person_id == Person.id)
        .where(Person.left_at.is_(None), KnownAccount.unreachable != "")
        .order_by(KnownAccount.unreachable, Person.name, KnownAccount.id)
    ).all()
    return [(person, account) for person, account in found]
