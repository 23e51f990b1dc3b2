"""What a question that was asked is about, and which action shows it again, by the answer that it awaits."""

_OPENS = {
    "trainings.say": "trainings.open",
    "courses.impact_say": "courses.impact_open",  # about what a course changed, not about the course
    "diary.answer": "diary.question",
    "interviews.time": "interviews.offer",  # about a learner for whom there is no interview yet
    "reviews.typed": "reviews.type",
    "sets.joining": "sets.join_card",
    "sets.time": "sets.offer",
}
_WORDS = {
    "courses.reflect": "what you made of a course",
    "courses.rate_say": "whether a course was worth it",
    "courses.impact_say": "what has changed since a course",
    "trainings.say": "a training that runs out",
    "diary.answer": "a question you asked me for",
    "interviews.note": "a note on an interview",
    "interviews.step": "what you will do next",
    "interviews.answer": "when to meet",
    "interviews.time": "when to meet",
    "interviews.met": "whether you met",
    "reviews.typed": "your team's review",
    "sets.joining": "whether to join a learning set",
    "sets.time": "when your learning set meets",
    "sets.retyped": "when your learning set meets",
    "sets.answer": "whether you come to your learning set",
    "seminars.answer": "whether you come to a seminar",
    "targets.told": "what came of a target",
}


def words_of(awaits: str) -> str:
    """What was asked."""
    return _WORDS.get(awaits, "a question I asked")


def action_of(awaits: str) -> str:
    """The action that shows what was asked about."""
    return _OPENS.get(awaits, f"{awaits.split('.')[0]}.open")
