"""What came of a review, for whichever conversation shows it: the questions as they were asked."""

from datetime import timedelta

from bot.policy import Policy, Question
from handlers.outcomes import kept_questions, questions_of
from storage.models import Review
from tests.conftest import NOW


def a_review(questions: str = "") -> Review:
    return Review(
        team_id=1, place_id=1, opened_by_id=None, title="Ours", anonymous=True, opened_at=NOW,
        closes_at=NOW + timedelta(days=14), questions=questions,
    )  # fmt: skip


def test_a_review_keeps_the_questions_that_it_asked_whatever_the_policy_says_later(policy: Policy) -> None:
    asked = (Question(key="own", ask="“Wer weiß?”", gloss="Ours", low="none", high="all"), policy.reviews.questions[2])
    assert questions_of(a_review(kept_questions(asked)), policy) == asked
    assert questions_of(a_review(), policy) == policy.reviews.questions
