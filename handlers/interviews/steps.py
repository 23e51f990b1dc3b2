"""Next steps after an interview: typed or filled in, seen by both, and their owner is reminded once, on the day."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot import wording
from bot.chat import Button, Buttons, Event, FixAnswers, Form, Message, OpenForm, Part, Quote, Replace, Reply, Say, text
from handlers import asking
from handlers.deadlines import FURTHEST, day_in
from handlers.interviews import cards, form, notes, rules, words
from handlers.interviews.remembered import MOST_STEPS, mine_of
from handlers.meetings.year import next_morning
from handlers.turn import Turn
from storage import interview_cards, interviews, next_steps, outbox, reminders
from storage.models import Interview, NextStep

LONGEST_STEP = 500  # characters
WAITS = timedelta(hours=1)  # what is typed later than that is no answer: it may be meant for nobody else to see
DUE, CARD = "interviews.step_due", "interviews.step_card"
_NOTHING = re.compile(
    r"\W*(?:nothing|none|no(?:t now|t yet|thing more)?|nope|later|no,? thank(?:s| you))\W*", re.IGNORECASE
)
_BULLET = re.compile(r"^\s*(?:[-•*–]|\d{1,2}[.)])\s*")
_LEARNED = re.compile(r"\W*(?:today )?(?:i(?:'ve|’ve| have)? )?(?:just )?learn(?:ed|t)\b", re.IGNORECASE)

# --------------------------------------------------------------------------------------------------------------- words


def card(turn: Turn, step: NextStep, *, lead: str = "") -> Message:
    """One of the reader's next steps, with what can be done about it."""
    said = _read(turn, step)
    interview = turn.session.get_one(Interview, step.interview_id)
    when = wording.day(interview.starts_at.astimezone(turn.zone).date())
    whom = words.first(words.other_of(turn, interview))
    parts: list[Part] = [text("**{lead}**", lead=lead)] if lead else []
    parts.append(Quote(said))
    parts.append(text("You named this after your interview with {whom} on {when}. {state}", whom=whom, when=when,
                      state=_state(step)))  # fmt: skip
    if step.state == "open":
        parts.append(
            Buttons(
                (
                    Button("Done", "interviews.step_done", step.id, style="primary"),
                    Button("Later" if step.due_on else "Choose a day", "interviews.step_later", step.id,
                           opens_form=True),
                    Button("Make it a target", "targets.from_step", step.id, opens_form=True),
                    Button("Drop it", "interviews.step_drop", step.id),
                )
            )
        )  # fmt: skip
    return Message(lead or "A next step of yours", tuple(parts), CARD, step.id)


def _state(step: NextStep) -> str:
    match step.state:
        case "done":
            return "It is done."
        case "dropped":
            return "You dropped it. That’s fine."
        case "target":
            return "It is a target in your learning plan now."
        case _ if step.due_on is None:
            return "It has no day yet."
        case _:
            return f"Its day is {wording.day_and_year(step.due_on)}."


def _kept_line(kept: Sequence[NextStep], unclear: int) -> str:
    days = [wording.day(step.due_on) for step in kept if step.due_on is not None]
    line = "Kept, for you both to see."
    if days:
        line += f" I’ll remind you on {wording.listed(list(dict.fromkeys(days)))}."
    if unclear:
        line += " I couldn’t tell which day you mean: under “My next steps” you can choose one."
    return line


# ------------------------------------------------------------------------------------------------------------- naming


def step(turn: Turn, event: Event) -> Reply:
    """Keep what was typed in answer, a line for each step; ask back where something else may have been meant.

    What begins with "private:" is for its writer alone here, too: the card said so a moment ago.
    """
    if notes.is_private(event.text):
        return notes.note(turn, event)
    interview = interviews.locked(turn.session, event.about)
    lines = [line for raw in event.text.splitlines() if (line := _BULLET.sub("", raw).strip())]
    if not lines or _NOTHING.fullmatch(event.text):
        return Say(cards.shown(turn, interview, line="That’s fine."), private=True)
    room = MOST_STEPS - len(mine_of(turn, interview))
    fits = len(lines) <= room and all(len(line) <= LONGEST_STEP for line in lines)
    if not fits or _LEARNED.match(event.text):
        return Say(_is_it_one(turn, event, interview), private=True)
    line = _keep(turn, interview, lines)
    return Say(cards.shown(turn, interview, line=line), private=True)


def _is_it_one(turn: Turn, event: Event, interview: Interview) -> Message:
    draft, other = turn.set_aside(event), words.first(words.other_of(turn, interview))
    ask = f"Is that a next step? {other} would see it, too."
    return Message(
        ask,
        (
            text("**{ask}** I’ve put it to one side for a week:", ask=ask),
            Quote(wording.shortened(event.text.strip(), 500)),
            Buttons(
                (
                    Button("It’s a next step", "interviews.steps", interview.id, str(draft), opens_form=True),
                    Button("Keep it in my diary", "diary.keep_draft", draft),
                    Button("Forget it", "diary.forget", draft),
                )
            ),
        ),
    )


def open_form(turn: Turn, event: Event) -> Reply:
    """The form for as many next steps as there is room for, with what was typed before in it."""
    interview = turn.session.get_one(Interview, event.about)
    asked = _form(turn, interview)
    if not asked.fields:
        return Replace(cards.shown(turn, interview, line=_too_many()))
    if event.value:
        draft = turn.taken_up(event.number)
        typed = turn.read(draft.owner_id, draft.words, "draft", draft.id)
        asked = asked.filled({"step_1": wording.shortened(" ".join(typed.split()), LONGEST_STEP)})
    return OpenForm(asked)


def filled_in(turn: Turn, event: Event) -> Reply:
    """Keep the next steps that were filled in."""
    interview = interviews.locked(turn.session, event.about)
    said = {one.name: " ".join(event.answers.get(one.name, "").split()) for one in form.STEPS.fields}
    problems = {
        name: f"Keep it to {LONGEST_STEP} characters, please." for name, one in said.items() if len(one) > LONGEST_STEP
    }
    lines = [one for one in said.values() if one]
    if not lines:
        problems["step_1"] = "Write a few words, or close this."
    elif len(lines) > MOST_STEPS - len(mine_of(turn, interview)):
        problems["step_1"] = _too_many()
    if problems:
        return FixAnswers(_form(turn, interview).filled(event.answers), problems)
    return Replace(cards.shown(turn, interview, line=_keep(turn, interview, lines)))


def _too_many() -> str:
    return f"There is room for {wording.count(MOST_STEPS, 'next step')} after an interview, and no more."


def _form(turn: Turn, interview: Interview) -> Form:
    room = MOST_STEPS - len(mine_of(turn, interview))
    return replace(form.STEPS, fields=form.STEPS.fields[: max(room, 0)], about=interview.id)


def _keep(turn: Turn, interview: Interview, lines: Sequence[str]) -> str:
    kept: list[NextStep] = []
    unclear = 0
    for line in lines:
        due_on, clear = day_in(turn, line)
        kept.append(
            NextStep(
                interview_id=interview.id, owner_id=turn.person.id, words=turn.seal(line), made_at=turn.now,
                due_on=due_on,
            )
        )  # fmt: skip
        unclear += not clear
    turn.session.add_all(kept)
    turn.session.flush()
    outbox.answered(turn.session, "interviews.step", interview.id, turn.person.id, turn.now)
    interview_cards.show_afresh(turn.session, interview, turn.now)
    return _kept_line(kept, unclear)


# --------------------------------------------------------------------------------------------------- what becomes of it


def mine(turn: Turn, event: Event) -> Reply:
    """Everything that the reader still means to do."""
    still_open = next_steps.open_of(turn.session, turn.person.id)
    if not still_open:
        line = "You have no next steps open."
        return Say(Message(line, (text("{line}", line=line),)), private=True)
    heading = f"You have {wording.count(len(still_open), 'next step')} open."
    parts: list[Part] = [text("**{heading}**", heading=heading)]
    for one in still_open[:10]:
        parts.append(text("{said} {state}", said=wording.shortened(_read(turn, one), 300), state=_state(one)))
        parts.append(Buttons((Button("Open", "interviews.step_open", one.id),)))
    return Say(Message(heading, tuple(parts)), private=True)


def open_step(turn: Turn, event: Event) -> Reply:
    """One of them, with what can be done about it."""
    return Say(card(turn, turn.session.get_one(NextStep, event.about)), private=True)


def done(turn: Turn, event: Event) -> Reply:
    """It is done; both see that."""
    return _become(turn, event, "done", "Well done.")


def drop(turn: Turn, event: Event) -> Reply:
    """It is dropped, and gone from both cards; nobody asks why."""
    return _become(turn, event, "dropped", "")


def _become(turn: Turn, event: Event, state: str, lead: str) -> Reply:
    one = turn.session.get_one(NextStep, event.about)
    if one.state == "open":
        one.state = state
        _shown_afresh(turn, one)
    return Replace(card(turn, one, lead=lead))


def later(turn: Turn, event: Event) -> Reply:
    """Ask for the day."""
    one = turn.session.get_one(NextStep, event.about)
    if one.state != "open":
        return Replace(card(turn, one))
    in_a_week = next_morning(turn.policy, turn.person, turn.today + rules.PUT_OFF)
    day = in_a_week.astimezone(turn.zone).date()
    return OpenForm(form.about(form.STEP_DAY, one.id).filled({"day": day.isoformat()}))


def dated(turn: Turn, event: Event) -> Reply:
    """Its day is the one that was named: one reminder then."""
    one = turn.session.get_one(NextStep, event.about)
    try:
        day = date.fromisoformat(event.answers.get("day", ""))
    except ValueError:
        day = turn.today
    if not turn.today < day <= turn.today + FURTHEST:
        problem = "Choose a day after today, within a year."
        return FixAnswers(form.about(form.STEP_DAY, one.id).filled(event.answers), {"day": problem})
    if one.state == "open":
        one.due_on = day
        _shown_afresh(turn, one)
    return Replace(card(turn, one, lead=f"I’ll remind you on {wording.day(day)}." if one.state == "open" else ""))


def _shown_afresh(turn: Turn, step: NextStep) -> None:
    turn.session.flush()
    interview_cards.show_afresh(turn.session, interviews.locked(turn.session, step.interview_id), turn.now)
    for notice in (DUE, CARD):
        outbox.refresh(turn.session, notice, step.id, turn.now, to=step.owner_id)


def _read(turn: Turn, step: NextStep) -> str:
    return turn.read(step.owner_id, step.words, "step", step.interview_id)


# ----------------------------------------------------------------------------------------------------------- reminders


def owe_reminders(turn: Turn, until: datetime) -> None:
    """One reminder of each open step, in the morning of its day, or of the first on which its owner may be asked."""
    states = reminders.states(turn.session, "interviews.step/")
    since = until.date() - timedelta(days=turn.policy.retention.sent_messages - 20)  # what was sent is known that long
    for one, owner in next_steps.due(turn.session, since, until.date()):
        key = f"interviews.step/{one.id}/{one.due_on}"
        if owner.joined_at is None or one.due_on is None or states.get(key, "closed") != "closed":
            continue
        at = asking.morning(turn, owner, one.due_on)
        if at <= until:
            reminders.remind(turn.session, DUE, about=one.id, to=owner.id, at=at, key=key)


def wait_no_longer(turn: Turn, until: datetime) -> None:
    """Whoever did not say what comes next is not waited for: the form stays open to them."""
    next_steps.wait_no_longer(turn.session, turn.now - WAITS, turn.now)


def due_notice(turn: Turn, about: int | None) -> Message | None:
    """The reminder on its day; nothing when it is done, dropped or put off, or its owner is not to be asked now."""
    one = turn.session.get(NextStep, about)
    if one is None or one.owner_id != turn.person.id:
        return None
    due = one.state == "open" and one.due_on is not None and one.due_on <= turn.today
    if due and asking.may_be_asked(turn, turn.person):
        return card(turn, one, lead="For today: a next step of yours")
    settled = one.state != "open" and outbox.stands(turn.session, DUE, one.id, to=turn.person.id)
    return card(turn, one) if settled else None


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """A next step as it is now, for its owner."""
    one = turn.session.get(NextStep, about)
    return None if one is None or one.owner_id != turn.person.id else card(turn, one)
