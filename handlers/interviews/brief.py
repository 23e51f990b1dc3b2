"""The brief: what a learner lets the partner read before they meet; chosen, shown as it will be, only then released.

Nothing goes without a tap on "Release". The learner can take it back at any time. What was changed after it was chosen
is left out until it is chosen again, so that nothing is read that its owner has not seen in the preview.
"""

import json
from dataclasses import asdict

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    FixAnswers,
    Message,
    OpenForm,
    Part,
    Quote,
    Replace,
    Reply,
    Say,
    small,
    text,
)
from bot.errors import NotYours
from handlers.interviews import cards, choosing, words
from handlers.interviews.choosing import MOST_CHOSEN, Chosen, chosen_in, day_of, opened
from handlers.turn import Turn
from storage import briefs, interview_cards, interviews, outbox, people
from storage.models import Brief, Course, Entry, Interview, NextStep, Person, Target

LONGEST_WORDS = 3_000  # characters
LONGEST_EXCERPT = 1_500  # characters of a diary entry; the preview shows the same
LONGEST_TARGET = 1_000  # characters: as many as a target can have


# --------------------------------------------------------------------------------------------------------------- words


def preview(turn: Turn, interview: Interview, brief: Brief, *, line: str = "") -> Message:
    """For the learner: exactly what the partner will read, or can read now."""
    other = words.first(words.other_of(turn, interview))
    released = brief.state == "released"
    heading = text("**{other} can read this** for your interview.", other=other)
    if not released:
        heading = text("**This is what {other} will see,** and nothing else. It goes only when you release it.",
                       other=other)  # fmt: skip
    change = Button("Change", "interviews.brief", interview.id, opens_form=True)
    if released:
        ways = Buttons(
            (
                Button("Take it back", "interviews.brief_withdraw", interview.id),
                change,
                Button("Back to the interview", "interviews.leave", interview.id),
            )
        )
    else:
        ways = Buttons(
            (
                Button(f"Release it to {other}", "interviews.brief_release", interview.id, _stamp(brief), "primary"),
                change,
                Button("Not this time", "interviews.brief_withdraw", interview.id),
            )
        )
    content, left_out = _content(turn, interview, brief)
    parts: list[Part] = [text("{line}", line=line)] if line else []
    parts += [heading, *(content or [_empty()])]
    if left_out:
        parts.append(small("What has changed since you chose it is left out. Choose it again to put it back in."))
    return Message(heading.plain(), (*parts, ways), "interviews.brief_draft", interview.id)


def _for_partner(turn: Turn, interview: Interview, brief: Brief) -> Message:
    learner = turn.session.get_one(Person, interview.learner_id)
    content, _ = _content(turn, interview, brief)
    return Message(
        f"{learner.name} lets you read something before your interview.",
        (
            text("**{learner} lets you read this before your interview.**", learner=learner.name),
            *(content or [_empty()]),
            small("It is for you alone, and {learner} can take it back.", learner=words.first(learner)),
        ),
        briefs.CARD,
        interview.id,
    )


def _no_longer(turn: Turn, interview: Interview) -> Message:
    learner = turn.session.get_one(Person, interview.learner_id)
    line = small("What {learner} let you read before your interview isn’t here any more.", learner=words.first(learner))
    return Message(line.plain(), (line,))


def _empty() -> Part:
    return text("There is nothing in it any more.")


def _content(turn: Turn, interview: Interview, brief: Brief) -> tuple[list[Part], bool]:
    """What is in it as it stands now, for the learner and for the partner alike; and whether something was left out."""
    chosen = chosen_in(turn, brief)
    parts: list[Part] = [Quote(chosen.words)] if chosen.words else []
    named = [turn.session.get(Target, number) for number in chosen.targets]
    meant = [one for one in named if one is not None and _still_meant(brief, one)]
    for target in meant:
        said = wording.shortened(opened(turn, brief, target.words), LONGEST_TARGET)
        day = f" (by {wording.day_and_year(target.due_on)})" if target.due_on is not None else ""
        parts.append(text("A target: {said}{day}", said=said, day=day))
    entries = [turn.session.get(Entry, number) for number in chosen.entries]
    kept = [one for one in entries if one is not None and _as_chosen(brief, one)]
    for entry in kept:
        parts.append(small("From the diary, {day}:", day=day_of(turn, entry)))
        parts.append(Quote(wording.shortened(opened(turn, brief, entry.words), LONGEST_EXCERPT)))
    for number in chosen.courses:
        course = turn.session.get(Course, number)
        if course is not None and course.owner_id == brief.learner_id and course.state != "cancelled":
            title = opened(turn, brief, course.title)
            parts.append(text("A course to talk about: **{title}**, {day}.", title=title,
                              day=wording.day_and_year(course.ends_on)))  # fmt: skip
    for number in chosen.steps:
        step = turn.session.get(NextStep, number)
        if step is not None and step.owner_id == brief.learner_id and step.state != "dropped":
            said = opened(turn, brief, step.words)
            done = " (done)" if step.state == "done" else ""
            parts.append(text("A next step: {said}{done}", said=said, done=done))
    return parts, len(kept) < len(entries) or len(meant) < len(named)


def _still_meant(brief: Brief, target: Target) -> bool:
    """A target that says what it said when it was chosen; its history and what came of it are its owner's alone."""
    return target.owner_id == brief.learner_id and target.state != "dropped" and target.changed_at <= brief.made_at


def _as_chosen(brief: Brief, entry: Entry) -> bool:
    return entry.owner_id == brief.learner_id and (entry.edited_at is None or entry.edited_at <= brief.made_at)


# --------------------------------------------------------------------------------------------------------------- rules


def may_be_offered(turn: Turn, interview: Interview) -> bool:
    """Whether the learner is asked: once for an interview, and not when they thought of it themselves."""
    known = briefs.of(turn.session, interview.id)
    return known is None and not briefs.was_offered(turn.session, interview.id, interview.learner_id)


def _can_brief(turn: Turn, interview: Interview) -> bool:
    return interview.state == "booked" and interview.starts_at > turn.now


def _stamp(brief: Brief) -> str:
    return f"{brief.made_at:%Y%m%dT%H%M%S%f}"


# ------------------------------------------------------------------------------------------------------------ handlers


def choose(turn: Turn, event: Event) -> Reply:
    """Open the form."""
    interview = turn.session.get_one(Interview, event.about)
    if not _can_brief(turn, interview):
        return Replace(cards.shown(turn, interview))
    return OpenForm(choosing.asked(turn, interview))


def chose(turn: Turn, event: Event) -> Reply:
    """Keep what was chosen, and show it as the partner would see it. Nothing is released by that."""
    interview = interviews.locked(turn.session, event.about)
    if not _can_brief(turn, interview):
        return Replace(cards.shown(turn, interview))
    chosen = choosing.read_answers(turn, interview, event.answers)
    problems = {
        kind: f"Choose up to {most}, so that it is read."
        for kind, most in MOST_CHOSEN.items()
        if len(getattr(chosen, kind)) > most
    }
    if chosen == Chosen():
        problems["words"] = "Write a few words, or choose something below. You can also close this."
    elif len(chosen.words) > LONGEST_WORDS:
        problems["words"] = f"Keep it to {LONGEST_WORDS:,} characters, so that it is read."
    if problems:
        return FixAnswers(choosing.asked(turn, interview).filled(event.answers), problems)
    briefs.withdraw(turn.session, interview.id, turn.now)
    kept, brief = turn.seal(json.dumps(asdict(chosen))), briefs.of(turn.session, interview.id)
    if brief is None:
        brief = Brief(interview_id=interview.id, learner_id=turn.person.id, words=kept, made_at=turn.now)
        turn.session.add(brief)
    else:
        brief.words, brief.made_at, brief.state = kept, turn.now, "draft"
    turn.session.flush()
    return _previewed(turn, interview, brief)


def show(turn: Turn, event: Event) -> Reply:
    """What the partner can read, with the way to take it back."""
    interview = interviews.locked(turn.session, event.about)
    brief = briefs.of(turn.session, interview.id)
    if brief is None or brief.state == "withdrawn":
        return Replace(cards.shown(turn, interview))
    return _previewed(turn, interview, brief)


def release(turn: Turn, event: Event) -> Reply:
    """The partner may read what the preview showed, and gets it; tapping twice sends it once."""
    interview = interviews.locked(turn.session, event.about)
    brief = briefs.of(turn.session, interview.id)
    if brief is None:
        raise NotYours
    if not _can_brief(turn, interview):
        return Replace(cards.shown(turn, interview))
    if event.value != _stamp(brief) or brief.state == "withdrawn":
        return Replace(preview(turn, interview, brief, line="This has changed in the meantime. It is now:"))
    if brief.state == "draft":
        briefs.release(turn.session, brief, interview, turn.now)
    other = words.other_of(turn, interview)
    line = f"{words.first(other)} can read it now. You can take it back at any time."
    if not people.accounts(turn.session, other.id):
        line = f"{words.first(other)} has not said hello to me yet, and gets it then."
    return Replace(cards.shown(turn, interview, line=line))


def withdraw(turn: Turn, event: Event) -> Reply:
    """Not this time, or no longer: the partner can read nothing of it, and is not told why."""
    interview = interviews.locked(turn.session, event.about)
    briefs.withdraw(turn.session, interview.id, turn.now)
    line = f"That’s fine. {words.first(words.other_of(turn, interview))} can read nothing of it."
    return Replace(cards.shown(turn, interview, line=line))


def _previewed(turn: Turn, interview: Interview, brief: Brief) -> Reply:
    """The preview in place of the card; asked for in a channel, in a message that only this person sees."""
    message = preview(turn, interview, brief)
    if turn.place is not None and not turn.place.direct:
        return Say(message, private=True)
    interview_cards.put_aside(turn.session, interview.id, turn.person.id, turn.now)
    return Replace(message)


# ------------------------------------------------------------------------------------------------------------- notices


def draft_notice(turn: Turn, about: int | None) -> Message | None:
    """The preview again; the card, once there is nothing to preview."""
    interview = turn.session.get(Interview, about)
    if interview is None:
        return None
    brief = briefs.of(turn.session, interview.id)
    if brief is None or brief.state == "withdrawn":
        return cards.card(turn, interview)
    return preview(turn, interview, brief)


def brief_notice(turn: Turn, about: int | None) -> Message | None:
    """What the partner reads while it is released; one line where it stood, afterwards."""
    interview = turn.session.get(Interview, about)
    if interview is None or turn.person.id != interview.partner_id:
        return None
    brief = briefs.of(turn.session, interview.id)
    if brief is None or brief.state != "released":
        return earlier_notice(turn, about)
    if all(known.unreachable for known in people.accounts(turn.session, turn.person.id)):
        return Message("Waiting.")  # it cannot arrive, and so nothing is opened: it is built again when it can
    return _for_partner(turn, interview, brief)


def earlier_notice(turn: Turn, about: int | None) -> Message | None:
    """One line where an earlier release stands; nothing where none was ever sent."""
    interview = turn.session.get(Interview, about)
    if interview is None:
        return None
    sent = any(outbox.stands(turn.session, one, about, to=turn.person.id) for one in (briefs.CARD, briefs.EARLIER))
    return _no_longer(turn, interview) if sent else None
