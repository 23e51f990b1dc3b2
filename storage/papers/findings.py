"""A team's findings with what they rest on, for a paper."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Finding, FindingSource, ReviewPoint


@dataclass(frozen=True)
class Found:
    """A finding with the points and the questions' ratings (their keys) that it rests on."""

    finding: Finding
    points: Sequence[ReviewPoint]
    questions: Sequence[str]


def of_review(session: Session, review_id: int) -> Sequence[Found]:
    """What the team found in this review, in the order in which it was put into words."""
    findings = session.scalars(
        select(Finding).where(Finding.review_id == review_id).order_by(Finding.made_at, Finding.id)
    ).all()
    return [_found(session, one) for one in findings]


def _found(session: Session, finding: Finding) -> Found:
    sources = session.scalars(select(FindingSource).where(FindingSource.finding_id == finding.id)).all()
    numbers = [one.point_id for one in sources if one.point_id is not None]
    # by the number that each drew by lot: the order says nothing of when or by whom
    points = session.scalars(select(ReviewPoint).where(ReviewPoint.id.in_(numbers)).order_by(ReviewPoint.id)).all()
    return Found(finding, points, sorted(one.question for one in sources if one.point_id is None and one.question))
