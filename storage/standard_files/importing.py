"""Putting a file's standard into force: all of it or nothing, beside its earlier versions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import wording
from storage import standards
from storage.models import Standard, StandardItem
from storage.standard_files.reading import StandardFile, StandardMistakes
from storage.standards import Difference
from storage.written import Mistake


@dataclass
class Changes:
    """What an import did, or would do."""

    title: str
    version: str
    statements: int = 0
    replaces: str = ""  # the version that was in force before
    is_new: bool = False
    difference: Difference = field(default_factory=Difference)
    posts: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])

    def lines(self) -> list[str]:
        """One line for each statement and post that is not as before, and for each note."""
        return [
            *(f"new: {item.code} {item.words}" for item in self.difference.new if self.replaces),
            *(f"changed: {item.code} {item.words}" for item in self.difference.changed),
            *(f"gone: {item.code} {item.words}" for item in self.difference.gone),
            *(f"post: {post}" for post in self.posts),
            *(f"note: {note}" for note in self.notes),
        ]

    def summary(self) -> str:
        """`The Standard, version 2 (30 statements), in place of version 1: 2 new, 1 changed, 0 gone`."""
        named = f"{self.title}, version {self.version} ({wording.count(self.statements, 'statement')})"
        if not self.is_new:
            return f"{named}, as before"
        if not self.replaces:
            return named
        return f"{named}, in place of version {self.replaces}: {self.difference.summary()}"


def import_standard(
    session: Session, file: StandardFile, now: datetime, *, posts: Sequence[str] = (), dry_run: bool = False
) -> Changes:
    """Put the file's standard into force, and point posts at it. Raises `StandardMistakes`, having changed nothing.

    Evidence stays with the version that it was counted for. With `dry_run` the changes are found out and taken back.
    """
    if file.mistakes:
        raise StandardMistakes(file.mistakes)
    attempt = session.begin_nested()
    try:
        changes = _imported(session, file, now)
        for name in dict.fromkeys(" ".join(post.split()) for post in (*file.posts, *posts) if post.strip()):
            _point(session, name, file.key, changes)
        session.flush()
    except BaseException:
        attempt.rollback()
        raise
    if dry_run:
        attempt.rollback()
    else:
        attempt.commit()
    return changes


def _imported(session: Session, file: StandardFile, now: datetime) -> Changes:
    changes = Changes(file.title, file.version, sum(not item.is_area for item in file.items), notes=list(file.notes))
    known = session.scalar(select(Standard).where(Standard.key == file.key, Standard.version == file.version))
    before = standards.in_force(session, file.key)
    if known is not None:
        if not _same(session, known, file):
            raise StandardMistakes(
                [Mistake(1, f"version {file.version} of {file.key} is here already with other words: give the new "
                            "wording a version of its own, so that evidence stays with what it was counted for")]
            )  # fmt: skip
        if before is not None and before.id != known.id:
            changes.notes.append(f"version {before.version} was imported after this one, and stays in force")
        return changes
    standard = Standard(
        key=file.key, version=file.version, title=file.title, imported_at=now, source=file.source
    )  # fmt: skip
    session.add(standard)
    session.flush()
    ids: dict[str, int] = {}
    for position, item in enumerate(file.items):
        record = StandardItem(
            standard_id=standard.id, code=item.code, words=item.words, position=position,
            parent_id=ids.get(item.under), gloss=item.gloss,
        )  # fmt: skip
        session.add(record)
        session.flush()
        ids[item.code] = record.id
    changes.is_new = True
    if before is not None:
        changes.replaces = before.version
        changes.difference = standards.difference(session, before, standard)
    return changes


def _same(session: Session, known: Standard, file: StandardFile) -> bool:
    """Whether what is here already says what the file says, word for word."""
    items = standards.items(session, known.id)
    codes = {item.id: item.code for item in items}
    here = [(item.code, item.words, item.gloss, codes.get(item.parent_id or 0, "")) for item in items]
    there = [(item.code, item.words, item.gloss, item.under) for item in file.items]
    return here == there and (known.title, known.source) == (file.title, file.source)


def _point(session: Session, name: str, key: str, changes: Changes) -> None:
    post = standards.post_named(session, name)
    if post.standard != key:
        changes.posts.append(
            f"{post.name} has this standard" + (f", no longer {post.standard}" if post.standard else "")
        )
        post.standard = key
