"""Naming a target, changing it, looking at it and at the whole plan."""

from dataclasses import replace
from datetime import date

from bot import wording
from bot.chat import Event, FixAnswers, Message, OpenForm, Reply, Say, numbered, small, text
from bot.errors import NotYours
from handlers import deadlines
from handlers.purpose import with_purpose
from handlers.replying import in_place
from handlers.targets import rules
from handlers.targets.form import CHANGE, PLAN, change_form, read_answers
from handlers.targets.reading import WORDS, Content, hinted, now
from handlers.targets.words import APART, card, history, plan
from handlers.turn import Turn
from storage import next_steps, sharing, targets
from storage.database import add_now
from storage.models import NextStep, StandardItem, Target, TargetVersion

# --------------------------------------------------------------------------------------------------------------- naming


def typed(turn: Turn, event: Event) -> Reply:
    """Keep what was typed as a target; the form, where the day is not clear or the words are too many."""
    said = event.words.get("target", event.text).strip()
    words, due_on, clear = deadlines.parted(turn, said, rules.FURTHEST)
    if not clear or len(words) > rules.LONGEST["words"]:
        return OpenForm(PLAN.filled({"words": said[:3_000]}))
    return Say(_made(turn, Content({**dict.fromkeys(WORDS, ""), "words": words}, due_on)), private=True)


def form(turn: Turn, event: Event) -> Reply:
    """The empty form."""
    return OpenForm(PLAN)


def from_step(turn: Turn, event: Event) -> Reply:
    """The form with the words and the day of a next step; the target itself, once there is one."""
    step = turn.session.get_one(NextStep, event.about)
    known = targets.of_step(turn.session, step.id)
    if known is not None:
        return Say(card(turn, known), private=True)
    words = turn.read(step.owner_id, step.words, "step", step.interview_id)
    filled = PLAN.filled({"words": words, "due": deadlines.in_words(step.due_on)})
    return OpenForm(replace(filled, value=str(step.id)))


def from_statement(turn: Turn, event: Event) -> Reply:
    """The form with the words of a statement of a standard: what somebody sees as a need of theirs."""
    item = None if event.about is None else turn.session.get(StandardItem, event.about)
    if item is None:
        raise NotYours
    return OpenForm(PLAN.filled({"words": f"{item.words} ({item.code})"}))


def planned(turn: Turn, event: Event) -> Reply:
    """Keep what the form says."""
    step = _step(turn, event.value)
    content = read_answers(turn, event.answers, step.due_on if step is not None else None)
    if not isinstance(content, Content):
        return FixAnswers(replace(PLAN, value=event.value).filled(event.answers), content)
    return Say(_made(turn, content, step), private=True)


def _step(turn: Turn, value: str) -> NextStep | None:
    """The next step that the form was opened from. Raises `NotYours` for anybody else's."""
    if not value:
        return None
    step = turn.session.get(NextStep, numbered(value) or 0)
    if step is None or step.owner_id != turn.person.id:
        raise NotYours
    return step


def _made(turn: Turn, content: Content, step: NextStep | None = None) -> Message:
    first = not targets.has_any(turn.session, turn.person.id)
    target = Target(
        owner_id=turn.person.id, year=turn.policy.year_of(turn.today), words=b"", made_at=turn.now, changed_at=turn.now,
    )  # fmt: skip
    _write(turn, target, content)
    if step is not None:
        target.step_id = step.id
        next_steps.became_target(turn.session, step, turn.now)
    add_now(turn.session, target)
    day = f" By {wording.day_and_year(content.due_on)}." if content.due_on is not None else ""
    message = card(turn, target, f"It is in your learning plan.{day}", asked=rules.hints(hinted(content)), fresh=True)
    if first:
        message = replace(message, parts=(*message.parts, small("{apart}", apart=APART)))
    return with_purpose(turn, message)


def _write(turn: Turn, target: Target, content: Content) -> None:
    target.words = turn.seal(content.words)
    for name in WORDS[1:]:
        setattr(target, name, turn.seal(content.said[name]) if content.said[name] else None)
    target.due_on, target.kind = content.due_on, content.kind


# ------------------------------------------------------------------------------------------------------------- changing


def change(turn: Turn, event: Event) -> Reply:
    """Open the target to change it."""
    return OpenForm(change_form(turn, turn.session.get_one(Target, event.about)))


def changed(turn: Turn, event: Event) -> Reply:
    """Keep the changed target, and how it was; whoever was asked to agree sees that it changed, and not how."""
    target = targets.locked(turn.session, event.about)
    content = read_answers(turn, event.answers, target.due_on)
    if not isinstance(content, Content):
        return FixAnswers(replace(CHANGE, about=target.id).filled(event.answers), content)
    asked_before = rules.hints(hinted(now(turn, target)))
    if not revise(turn, target, content):
        return in_place(turn, event, card(turn, target))
    asked = [hint for hint in rules.hints(hinted(content)) if hint not in asked_before]
    return in_place(turn, event, card(turn, target, "Changed.", asked=asked))


def revise(turn: Turn, target: Target, content: Content) -> bool:
    """The target says this from now on; how it was is kept. False when nothing is different."""
    before = now(turn, target)
    if content == before:
        return False
    turn.session.add(
        TargetVersion(target_id=target.id, owner_id=target.owner_id, number=target.version,
                      was=turn.seal(before.packed()), made_at=target.changed_at)
    )  # fmt: skip
    _write(turn, target, content)
    target.version += 1
    target.changed_at = turn.now
    targets.show_afresh(turn.session, target, turn.now)
    return True


def redated(turn: Turn, target: Target, day: date) -> None:
    """The target has another day from now on."""
    revise(turn, target, replace(now(turn, target), due_on=day))


def undo(turn: Turn, event: Event) -> Reply:
    """Take the target out of the plan, as if it had never been named."""
    target = targets.locked(turn.session, event.about)
    sharing.gone(turn.session, "target", target.id, turn.now)
    targets.forget(turn.session, target, turn.now)
    gone = text("That is undone: it is not in your learning plan any more.")
    return in_place(turn, event, Message(gone.plain(), (gone,)))


# -------------------------------------------------------------------------------------------------------------- looking


def list_(turn: Turn, event: Event) -> Reply:
    """My plan."""
    session, person = turn.session, turn.person.id
    closed = targets.closed_of(session, person, turn.policy.year_of(turn.today))
    return Say(
        plan(turn, targets.open_of(session, person), closed, targets.put_to_me(session, person, turn.now)), private=True
    )


def open_(turn: Turn, event: Event) -> Reply:
    """One target with what can be done about it; in place of what was there when its owner came back to it."""
    message = card(turn, turn.session.get_one(Target, event.about))
    return in_place(turn, event, message) if event.value == "back" else Say(message, private=True)


def before(turn: Turn, event: Event) -> Reply:
    """How the target was before each revision."""
    target = turn.session.get_one(Target, event.about)
    earlier = [
        (
            Content.unpacked(turn.read(one.owner_id, one.was, "target", target.id)),
            wording.day_and_year(one.made_at.astimezone(turn.zone).date()),
        )
        for one in reversed(targets.versions(turn.session, target.id))
    ]
    return in_place(turn, event, history(turn, target, earlier))


def own_card(turn: Turn, about: int | None) -> Message | None:
    """The card as it is now, for its owner; one line where it stood once the target is gone."""
    target = turn.session.get(Target, about)
    return None if target is None or target.owner_id != turn.person.id else card(turn, target)
