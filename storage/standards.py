"""Questions about standards: which is in force for whom, what it consists of, what changed since the last version."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Person, Post, Standard, StandardItem


@dataclass(frozen=True)
class Difference:
    """How a version differs from the one before, statement by statement. A statement is known by its code."""

    new: tuple[StandardItem, ...] = ()
    changed: tuple[StandardItem, ...] = ()
    gone: tuple[StandardItem, ...] = ()

    def summary(self) -> str:
        """`2 new, 1 changed, 0 gone`."""
        return f"{len(self.new)} new, {len(self.changed)} changed, {len(self.gone)} gone"


@dataclass(frozen=True)
class Area:
    """An area that holds statements. `title` names what it is within, too."""

    item: StandardItem
    title: str
    statements: tuple[StandardItem, ...]


def in_force(session: Session, key: str) -> Standard | None:
    """The version of this standard that was imported last."""
    return session.scalar(select(Standard).where(Standard.key == key).order_by(Standard.id.desc()).limit(1))


def of_person(session: Session, person: Person) -> Standard | None:
    """The standard of the post that this person holds; None without a post, or while the post has none."""
    post = session.get(Post, person.post_id) if person.post_id is not None else None
    return in_force(session, post.standard) if post is not None and post.standard else None


def before(session: Session, standard: Standard) -> Standard | None:
    """The version that this one took the place of."""
    return session.scalar(
        select(Standard)
        .where(Standard.key == standard.key, Standard.id < standard.id)
        .order_by(Standard.id.desc())
        .limit(1)
    )


def versions(session: Session, key: str) -> Sequence[Standard]:
    """All versions of this standard, the latest first."""
    return session.scalars(select(Standard).where(Standard.key == key).order_by(Standard.id.desc())).all()


def keys(session: Session) -> Sequence[str]:
    """The standards there are, by key."""
    return session.scalars(select(Standard.key).distinct().order_by(Standard.key)).all()


def posts(session: Session) -> Sequence[tuple[Post, int]]:
    """Every post by name, and how many people hold it now."""
    held = func.count(Person.id)
    found = session.execute(
        select(Post, held)
        .outerjoin(Person, (Person.post_id == Post.id) & Person.left_at.is_(None))
        .group_by(Post.id)
        .order_by(Post.name)
    )
    return [(post, number) for post, number in found]


def post_named(session: Session, name: str) -> Post:
    """The post of this name, whatever its capitals; a new one when there is none."""
    for post in session.scalars(select(Post)).all():
        if post.name.casefold() == name.casefold():
            return post
    post = Post(name=name)
    session.add(post)
    session.flush()
    return post


def items(session: Session, standard_id: int) -> Sequence[StandardItem]:
    """Areas and statements of a version, in its order."""
    return session.scalars(
        select(StandardItem).where(StandardItem.standard_id == standard_id).order_by(StandardItem.position)
    ).all()


def areas(session: Session, standard_id: int) -> Sequence[Area]:
    """The areas that hold statements, in the order of the standard, each with its statements."""
    everything = items(session, standard_id)
    by_id = {item.id: item for item in everything}
    holds = {item.parent_id for item in everything}
    within: dict[int, list[StandardItem]] = {}
    for item in everything:
        if item.parent_id is not None and item.id not in holds:
            within.setdefault(item.parent_id, []).append(item)
    return [Area(by_id[number], _title(by_id[number], by_id), tuple(found)) for number, found in within.items()]


def statements(session: Session, standard_id: int) -> Sequence[StandardItem]:
    """The statements of a version, in its order."""
    return [statement for area in areas(session, standard_id) for statement in area.statements]


def difference(session: Session, earlier: Standard, later: Standard) -> Difference:
    """What is new, worded otherwise, or gone in the later of two versions."""
    old = {item.code: item for item in statements(session, earlier.id)}
    new = {item.code: item for item in statements(session, later.id)}
    return Difference(
        new=tuple(item for code, item in new.items() if code not in old),
        changed=tuple(item for code, item in new.items() if code in old and item.words != old[code].words),
        gone=tuple(item for code, item in old.items() if code not in new),
    )


def _title(item: StandardItem, by_id: dict[int, StandardItem]) -> str:
    titles = [item.words]
    while item.parent_id is not None:
        item = by_id[item.parent_id]
        titles.insert(0, item.words)
    return " · ".join(titles)
