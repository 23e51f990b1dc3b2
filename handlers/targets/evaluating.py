"""What came of a target: asked once, on its day; and how effective the development was."""

import json
import re
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from bot import wording
from bot.chat import Button, Buttons, Event, FixAnswers, Form, Message, OpenForm, Part, Quote, Reply, Say, small, text
from bot.errors import Refusal
from handlers import asking
from handlers.deadlines import day_in
from handlers.replying import in_place
from handlers.targets import rules
from handlers.targets.form import CLOSE, DATE
from handlers.targets.reading import Evaluation, evaluation, now
from handlers.targets.telling import redated
from handlers.targets.words import card, said
from handlers.turn import Turn
from storage import outbox, reminders, targets
from storage.models import Target

LONGEST = 3_000  # characters
ASKED_LATE = timedelta(days=60)  # later than that nobody is asked about a day that is past: the plan shows it
_PLAINLY = (  # what is typed in answer, when it says how it ended and nothing else
    ("met", re.compile(r"\W*(?:yes,? )?(?:(?:it(?:['’]s| is) )?(?:done|met|finished|achieved|reached)|yes)\W*", re.I)),
    ("partly", re.compile(r"\W*(?:partly|in part|partially|half|some of it|almost|nearly)(?: (?:met|done))?\W*", re.I)),
    ("dropped", re.compile(r"\W*(?:dropped|drop it|given up|gave up|i dropped it)\W*", re.I)),
)
_NOT_YET = re.compile(r"\W*(?:no|not yet|later|not now|nope|still on it|in progress)\W*", re.IGNORECASE)


class TooLong(Refusal):
    """That is more than I can keep about one target. Shorten it to 3,000 characters, and write it again."""


# --------------------------------------------------------------------------------------------------------------- words


def prompt(turn: Turn, target: Target, line: str = "") -> Message:
    """The question on its day, why it is asked, and the ways to answer or put it off."""
    lead = line or "Today was the day you set yourself for this target. What came of it?"
    if not line and target.due_on is not None and target.due_on < turn.today:
        lead = f"{wording.day(target.due_on)} was the day you set yourself for this target. What came of it?"
    parts: list[Part] = [text("**{lead}**", lead=lead), *said(now(turn, target))]
    if came := evaluation(turn, target).came:
        parts += [text("You wrote:"), Quote(came)]
    parts.append(
        Buttons(
            (
                *(Button(label, "targets.close", target.id, name, opens_form=True)
                  for name, label in rules.RESULTS.items()),
                Button("Not yet", "targets.later", target.id, opens_form=True),
                Button("Don’t ask again", "targets.quiet", target.id),
            )
        )
    )  # fmt: skip
    parts.append(
        small(
            "I ask once, because looking back is part of learning. Partly met or dropped is as good an answer as met. "
            "You can type what came of it, too. Only you can read the answer."
        )
    )
    return Message("What came of your target?", tuple(parts), targets.DUE, target.id, awaits="targets.told")


# ------------------------------------------------------------------------------------------------------------ handlers


def close(turn: Turn, event: Event) -> Reply:
    """The form for what came of it, with what was said before; a button may say how it ended."""
    target = turn.session.get_one(Target, event.about)
    return OpenForm(_form(turn, target, event.value))


def _form(turn: Turn, target: Target, result: str = "") -> Form:
    known = evaluation(turn, target)
    result = result if result in rules.RESULTS else target.state if target.state in rules.RESULTS else ""
    rating = str(known.rating) if known.rating else ""
    return replace(CLOSE, about=target.id).filled(
        {"result": result, "came": known.came, "rating": rating, "why": known.why}
    )


def closed(turn: Turn, event: Event) -> Reply:
    """Keep how it ended, what came of it, and how effective the development was, as far as that was said."""
    target = targets.locked(turn.session, event.about)
    came, why = event.answers.get("came", "").strip(), event.answers.get("why", "").strip()
    result, rating = event.answers.get("result", ""), event.answers.get("rating", "")
    problems = {
        name: f"Keep it to {LONGEST:,} characters, please."
        for name, words in (("came", came), ("why", why))
        if len(words) > LONGEST
    }
    if result not in rules.RESULTS:
        problems["result"] = "Choose one, or close this."
    if problems:
        return FixAnswers(replace(CLOSE, about=target.id).filled(event.answers), problems)
    said_so = Evaluation(came, int(rating) if rating in "12345" and rating else 0, why)
    ended(turn, target, result, said_so)
    heading = "Well done." if result == "met" else "Thank you."
    return in_place(turn, event, card(turn, target, heading))


def ended(turn: Turn, target: Target, result: str, came: Evaluation) -> None:
    """The target has come to an end: nothing more is asked about it."""
    if target.state == "open":
        target.evaluated_at = turn.now
    target.state = result
    target.evaluation = turn.seal(json.dumps(asdict(came))) if came != Evaluation() else None
    outbox.answered(turn.session, "targets.told", target.id, turn.person.id, turn.now)
    targets.show_afresh(turn.session, target, turn.now)


def told(turn: Turn, event: Event) -> Reply:
    """What was typed in answer: how it ended, when it says just that; otherwise it is kept as what came of it."""
    target = targets.locked(turn.session, event.about)
    typed = event.text.strip()
    if _NOT_YET.fullmatch(typed):
        return Say(_not_yet(target), private=True)
    known = evaluation(turn, target)
    for result, plainly in _PLAINLY:
        if plainly.fullmatch(typed):
            ended(turn, target, result, known)
            return Say(_how_effective(turn, target), private=True)
    came = f"{known.came}\n{typed}".strip()
    if len(came) > LONGEST:
        raise TooLong
    target.evaluation = turn.seal(json.dumps(asdict(replace(known, came=came))))
    if target.state != "open":
        return Say(card(turn, target, "Added."), private=True)
    return Say(prompt(turn, target, "Kept. How did it end?"), private=True)


def _not_yet(target: Target) -> Message:
    line = text("That’s fine. It stays in your plan. Would you like to set another day?")
    ways = Buttons(
        (
            Button("Choose a day", "targets.later", target.id, opens_form=True),
            Button("Don’t ask again", "targets.quiet", target.id),
        )
    )
    return Message(line.plain(), (line, ways), targets.CARD, target.id)


def _how_effective(turn: Turn, target: Target) -> Message:
    """The card, with the one question that is left."""
    message = card(turn, target, "Noted.")
    if evaluation(turn, target).rating:
        return message
    asked = (
        text("How effective was what you did to learn it?"),
        Buttons((Button("Say how effective", "targets.close", target.id, target.state, opens_form=True),)),
        small("Only if you like. It helps you to choose how to learn next time."),
    )
    return replace(message, parts=(*message.parts, *asked))


def reopen(turn: Turn, event: Event) -> Reply:
    """It is open after all; what was said of it is kept for when it ends."""
    target = targets.locked(turn.session, event.about)
    if target.state != "open":
        target.state, target.evaluated_at = "open", None
        targets.show_afresh(turn.session, target, turn.now)
    return in_place(turn, event, card(turn, target, "It is open again."))


def later(turn: Turn, event: Event) -> Reply:
    """Ask for another day."""
    return OpenForm(replace(DATE, about=turn.session.get_one(Target, event.about).id))


def dated(turn: Turn, event: Event) -> Reply:
    """Its day is the one that was named: it is asked about once, then."""
    target = targets.locked(turn.session, event.about)
    day, clear = day_in(turn, " ".join(event.answers.get("due", "").split()), rules.FURTHEST)
    if day is None or not clear or day <= turn.today:
        problem = "I can’t tell which day that is. Write one that is still to come, like 30 June or in two weeks."
        return FixAnswers(replace(DATE, about=target.id).filled(event.answers), {"due": problem})
    redated(turn, target, day)
    outbox.answered(turn.session, "targets.told", target.id, turn.person.id, turn.now)
    return in_place(turn, event, card(turn, target, f"Its day is {wording.day_and_year(day)} now."))


def quiet(turn: Turn, event: Event) -> Reply:
    """Nothing more is asked; the target stays open."""
    target = turn.session.get_one(Target, event.about)
    outbox.answered(turn.session, "targets.told", target.id, turn.person.id, turn.now)
    return in_place(turn, event, card(turn, target, "That’s fine. It stays in your plan, and I don’t ask again."))


# ------------------------------------------------------------------------------------------------------------- its day


def owe_questions(turn: Turn, until: datetime) -> None:
    """One question about each open target, in the morning of its day, or of the first on which it may be asked."""
    states = reminders.states(turn.session, f"{targets.DUE}/")
    known_for = timedelta(days=turn.policy.retention.sent_messages - 20)
    since = turn.now.date() - min(ASKED_LATE, known_for)  # what was sent before is not known any more
    for target, owner in targets.due(turn.session, since, until.date()):
        key = f"{targets.DUE}/{target.id}/{target.due_on}"
        if owner.joined_at is None or target.due_on is None or states.get(key, "closed") != "closed":
            continue
        at = asking.morning(turn, owner, target.due_on)
        if at <= until:
            reminders.remind(turn.session, targets.DUE, about=target.id, to=owner.id, at=at, key=key)


def due_notice(turn: Turn, about: int | None) -> Message | None:
    """The question on its day; nothing when it is closed or put off, or its owner is not to be asked now."""
    target = turn.session.get(Target, about)
    if target is None or target.owner_id != turn.person.id:
        return None
    due = target.state == "open" and target.due_on is not None and target.due_on <= turn.today
    if due and asking.may_be_asked(turn, turn.person):
        return prompt(turn, target)
    return card(turn, target) if outbox.stands(turn.session, targets.DUE, about, to=turn.person.id) else None
