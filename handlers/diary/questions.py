"""The questions that people who chose so are asked now and then: they help to see how one learns, not only what."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Question:
    """One question. `way` is how somebody learns who can answer it; an answer is tagged with it, to be found again."""

    way: str
    ask: str


# Neighbours ask after different ways. A question keeps its number for good: new ones go at the end.
QUESTIONS: Final = (
    Question("experiment", "What did you try differently lately, and what happened?"),
    Question("feedback", "What did somebody tell you about your work that stayed with you?"),
    Question("reflection", "When did something go better than you expected, and why do you think it did?"),
    Question("colleagues", "Whom did you watch at work lately, and what would you borrow from them?"),
    Question("risk", "Where did you do something though you weren't sure that it would work?"),
    Question("research", "What did you look up or read, and did it change what you did next?"),
    Question("mistake", "What went wrong lately in a way that taught you something?"),
    Question("practice", "What are you getting better at simply by doing it often? How can you tell?"),
    Question("teaching", "What did you explain to somebody, and did it get clearer to you, too?"),
    Question("listening", "What did a child, a family or a client show you that you hadn't seen before?"),
    Question("experiment", "What small thing could you try next week, and how will you know whether it helped?"),
    Question("feedback", "What would you like to be told honestly about your work, and whom could you ask?"),
    Question("reflection", "Which moment of the last days keeps coming back to you? What is it about?"),
    Question("colleagues", "What do you know how to do because somebody showed you?"),
    Question("risk", "What have you been putting off because it might go wrong? What is the worst that could happen?"),
    Question("research", "What does everybody here take for granted that you would like to check?"),
    Question("mistake", "When did you change your mind about something at work? What made you?"),
    Question("practice", "Which part of your work still feels awkward? What would make it a little easier?"),
    Question("teaching", "If a new colleague started on Monday, what is the one thing you would tell them?"),
    Question("listening", "When did you understand somebody better after asking one more question?"),
    Question("experiment", "What did you stop doing, and did anybody miss it?"),
    Question("feedback", "When did you last tell somebody what they do well? What did you notice about yourself?"),
    Question("reflection", "What felt easy lately that used to be hard?"),
    Question("colleagues", "What would your team say you know best? What would you like them to ask you?"),
    Question("risk", "When did you speak up, or wish that you had?"),
    Question("research", "Which question could you not answer lately? Where might the answer be?"),
    Question("mistake", "What would you do differently if last week came again?"),
    Question("practice", "What did a course or a talk promise that you have really used since?"),
    Question("teaching", "How would you explain what you do to a ten-year-old? Which part is hard to put simply?"),
    Question("listening", "Whose view of your work is furthest from your own? What may they be seeing?"),
    Question("experiment", "If you had one hour a week for trying things out, what would you do with the first?"),
    Question("reflection", "How do you learn best: by doing, watching, talking or reading? What tells you so?"),
)


def number_of(person_id: int, asked: int) -> int:
    """The number, from 1, of the question that comes after `asked` others: people begin in different places."""
    return (person_id * 7 + asked) % len(QUESTIONS) + 1


def question(number: int | None) -> Question | None:
    """The question with this number."""
    return QUESTIONS[number - 1] if number is not None and 1 <= number <= len(QUESTIONS) else None
