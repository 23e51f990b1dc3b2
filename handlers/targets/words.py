"""What the bot says about targets to whose they are."""

from collections.abc import Sequence

from bot import wording
from bot.chat import Button, Buttons, Message, Part, Quote, small, text
from handlers.targets import counts, rules
from handlers.targets.reading import Content, comment, evaluation, now
from handlers.turn import Turn
from storage import sharing, targets
from storage.models import Person, Target

APART = (
    "Your learning plan is kept apart from your work programme: it is for what you mean to learn, and for nothing "
    "else. Nobody else can read it unless you put a target to them."
)
SHOWN = 8


def card(
    turn: Turn, target: Target, heading: str = "", *, asked: Sequence[rules.Hint] = (), fresh: bool = False
) -> Message:
    """A target as it stands, for its owner, with what can be done; and what is `asked` to make it clearer."""
    content = now(turn, target)
    parts: list[Part] = [text("**{heading}**", heading=heading)] if heading else []
    parts += said(content)
    parts += _became(turn, target)
    parts += _agreement(turn, target)
    parts += counts.said(turn, target)
    if asked:
        parts += [text("{ask}", ask=hint.ask) for hint in asked]
        parts.append(small("Only if you like: it can stay exactly as it is."))
        parts.append(
            Buttons(
                (
                    Button("Make it clearer", "targets.change", target.id, opens_form=True),
                    Button("Leave it as it is", "targets.open", target.id, "back"),
                    *((Button("Undo", "targets.undo", target.id),) if fresh else ()),
                )
            )
        )
    else:
        parts.append(Buttons((*_ways(target), *((Button("Undo", "targets.undo", target.id),) if fresh else ()))))
        parts.append(Buttons(_others(turn, target)))
    summary = heading or wording.shortened(content.words, 100)
    return Message(summary, tuple(parts), targets.CARD, target.id)


def said(content: Content) -> list[Part]:
    """What a target says: its owner and whoever was asked to agree see exactly this."""
    parts: list[Part] = [Quote(content.words)]
    for name, label in (("strategy", "How"), ("criteria", "How I will know")):
        if content.said[name]:
            parts += [text(f"**{label}**"), Quote(content.said[name])]
    facts = [f"By {wording.day_and_year(content.due_on)}."] if content.due_on is not None else []
    if content.kind in rules.KINDS:  # what was brought along may know others
        facts.append(f"For {rules.KINDS[content.kind]}.")
    if facts:
        parts.append(text("{facts}", facts=" ".join(facts)))
    if content.said["link"]:
        parts.append(text("It belongs to this in the plan: {link}", link=content.said["link"]))
    return parts


def by(target: Target) -> str:
    """What is to be said of its day in a list."""
    return f"by {wording.day(target.due_on)}" if target.due_on is not None else "no day yet"


# ------------------------------------------------------------------------------------------------------ what it became


def _became(turn: Turn, target: Target) -> list[Part]:
    """Whether it is open, and what its owner said came of it."""
    if target.state == "open":
        if target.due_on is None:
            return [small("It has no day yet.")]
        if target.due_on > turn.today:
            return [small("I ask you once, on the morning of that day, what came of it.")]
        return []
    day = wording.day_and_year((target.evaluated_at or target.changed_at).astimezone(turn.zone).date())
    came = evaluation(turn, target)
    parts: list[Part] = [text("**{result}** on {day}.", result=_ended(target), day=day)]
    if came.came:
        parts.append(Quote(came.came))
    if came.rating:
        parts.append(text("How effective the development was: **{rating} of 5**", rating=came.rating))
    if came.why:
        parts.append(Quote(came.why))
    return parts


def _ended(target: Target) -> str:
    return rules.RESULTS.get(target.state, "Closed")  # what was brought along may have ended in another way


def _ways(target: Target) -> tuple[Button, ...]:
    if target.state == "open":
        ways = [
            Button("What came of it?", "targets.close", target.id, opens_form=True),
            Button("Change", "targets.change", target.id, opens_form=True),
        ]
    else:
        ways = [
            Button("Change what I said", "targets.close", target.id, opens_form=True),
            Button("Open it again", "targets.reopen", target.id),
        ]
    if target.version:
        ways.append(Button("How it was before", "targets.history", target.id))
    return tuple(ways)


# -------------------------------------------------------------------------------------------------------- the other one


def other_of(turn: Turn, target: Target) -> Person | None:
    """Who was asked to agree; None once they were erased."""
    return None if target.other_id is None else turn.session.get(Person, target.other_id)


def can_read(turn: Turn, target: Target) -> bool:
    """Whether whoever was asked to agree can read it now."""
    return target.other_id is not None and targets.may_read(turn.session, target.id, target.other_id, turn.now)


def _agreement(turn: Turn, target: Target) -> list[Part]:
    other = other_of(turn, target)
    if not target.agreement:
        return [_readers(turn, target)]
    who = other.name if other is not None else "somebody who has left"
    at = (target.answered_at if target.agreement != "asked" else target.asked_at) or target.changed_at
    day = wording.day_and_year(at.astimezone(turn.zone).date())
    answered = target.answered_at is not None
    match target.agreement:
        case "agreed" if target.agreed_version == target.version:
            line = "**Agreed** with {who} on {day}."
        case "agreed":
            line = "**Changed since** {who} agreed on {day}."
        case "not_agreed":
            line = "**Not agreed** with {who} ({day})."
        case _ if answered:
            line = "{who} would change something in it."
        case _:
            line = "Put to {who} on {day}. There is no answer yet."
    parts: list[Part] = [text(line, who=who, day=day)]
    if theirs := comment(turn, target):
        parts.append(Quote(theirs, who))
    if target.shown_version != target.version and can_read(turn, target):
        first = wording.first_name(who)
        parts.append(
            small("{first} sees it as it was, and that you changed it, until you put it to them again.", first=first)
        )
    return [*parts, _readers(turn, target)]


def _readers(turn: Turn, target: Target) -> Part:
    given = sharing.readers(turn.session, "target", target.id, turn.now)
    names = [turn.session.get_one(Person, one.reader_id).name for one in given]
    if not names:
        return small("Only you can read this.")
    return small("{names} can read this, and nobody else.", names=wording.listed(names))


def _others(turn: Turn, target: Target) -> tuple[Button, ...]:
    """The ways to somebody else, and back."""
    reads, owner = can_read(turn, target), turn.session.get_one(Person, target.owner_id)
    ways: list[Button] = []
    if target.state == "open":
        for person, role in rules.possible_others(turn, owner):
            here = person.id == target.other_id and bool(target.agreement)
            if here and reads and target.shown_version == target.version:
                continue
            again = " again" if here else ""
            label = f"Put it to {_short(person)}{again} ({role})"
            ways.append(Button(label, "targets.preview", target.id, str(person.id)))
        if target.agreement == "asked":
            ways.append(Button("Mark it as not agreed", "targets.stand", target.id))
    if reads and (other := other_of(turn, target)) is not None:
        ways.append(Button(f"Take it back from {_short(other)}", "targets.take_back", target.id))
    ways.append(Button("Share it", "sharing.share", target.id, "target", opens_form=True))
    return (*ways, *counts.ways(turn, target))


def _short(person: Person) -> str:
    return wording.shortened(wording.first_name(person.name), 30)


# ------------------------------------------------------------------------------------------------------- the whole plan


def plan(
    turn: Turn, still_open: Sequence[Target], closed: Sequence[Target], others: Sequence[tuple[Target, Person]]
) -> Message:
    """Everything that the reader means to learn, what came to an end this year, and what others put to them."""
    heading = f"Your learning plan: {wording.count(len(still_open), 'target')} open."
    if not still_open and not closed:
        heading = "Your learning plan is empty."
    parts: list[Part] = [text("**{heading}**", heading=heading)]
    if not still_open and not closed:
        parts.append(text("Tell me what you want to learn: “target: run the spring moderation by myself by 30 April”."))
    for target in still_open[:SHOWN]:
        parts.append(text("{words} ({by}{agreed})", words=_line(turn, target), by=by(target), agreed=_agreed(target)))
        parts.append(Buttons((Button("Open", "targets.open", target.id),)))
    if len(still_open) > SHOWN:
        parts.append(small("And {more} more, due later.", more=len(still_open) - SHOWN))
    for target in closed[:SHOWN]:
        parts.append(text("{words} ({result})", words=_line(turn, target), result=_ended(target).lower()))
        parts.append(Buttons((Button("Open", "targets.open", target.id),)))
    ways = [Button("Add a target", "targets.form", opens_form=True)]
    if still_open:
        ways.append(Button("Review my plan", "targets.review", opens_form=True))
    parts.append(Buttons(tuple(ways)))
    for target, owner in others[:SHOWN]:
        parts.append(text("{owner} put a target to you.", owner=owner.name))
        parts.append(Buttons((Button("Read it", "targets.read", target.id),)))
    return Message(heading, tuple(parts))


def _line(turn: Turn, target: Target) -> str:
    words = turn.read(target.owner_id, target.words, "target", target.id)
    return wording.shortened(" ".join(words.split()), 300)


def _agreed(target: Target) -> str:
    match target.agreement:
        case "agreed":
            return ", agreed" if target.agreed_version == target.version else ", changed since it was agreed"
        case "not_agreed":
            return ", not agreed"
        case "asked":
            return ", put to somebody"
        case _:
            return ""


def history(turn: Turn, target: Target, before: Sequence[tuple[Content, str]]) -> Message:
    """How a target was before each revision, latest first, each with since when."""
    parts: list[Part] = [text("**How this target was before,** latest first. Only you see this.")]
    for content, since in before:
        parts.append(text("**Since {since}**", since=since))
        parts += said(content)
    parts.append(Buttons((Button("Back to the target", "targets.open", target.id, "back"),)))
    return Message("How this target was before", tuple(parts), targets.CARD, target.id)
