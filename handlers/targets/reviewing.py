"""The yearly look at a learning plan: each open target in one form, asked for once, put off or declined at will."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Part,
    Quote,
    Reply,
    Text,
    numbers,
    small,
    text,
)
from bot.errors import NotYours
from handlers import asking
from handlers.replying import in_place
from handlers.targets import rules
from handlers.targets.evaluating import ended
from handlers.targets.form import MOST_REVIEWED, REVIEW
from handlers.targets.reading import evaluation, now
from handlers.targets.words import by
from handlers.turn import Turn
from storage import outbox, reminders, targets
from storage.models import PlanReview, Target

LONGEST = 3_000  # characters
PUT_OFF = timedelta(weeks=2)
_NUMBERS = ("first", "second", "third", "fourth", "fifth", "sixth")

# --------------------------------------------------------------------------------------------------------------- words


def prompt(turn: Turn, review: PlanReview) -> Message:
    """The question, why it is asked, and how to put it off or decline it."""
    count = wording.count(len(targets.open_of(turn.session, turn.person.id)), "target")
    open_form = Button("Look at my plan", "targets.review", value=review.year.isoformat(), style="primary",
                       opens_form=True)  # fmt: skip
    return Message(
        "Once a year: a look at your learning plan",
        (
            text("**Once a year: a look at your learning plan.** You have {count} open.", count=count),
            text("What came of each? What do you carry on, and what do you let go?"),
            Buttons(
                (
                    open_form,
                    Button("Ask me in two weeks", "targets.review_later", review.id),
                    Button("Not this year", "targets.no_review", review.id),
                )
            ),
            small(
                "I ask once a year, because a plan that is looked at is a plan that helps. Only you see your answers."
            ),
        ),
        targets.REVIEW,
        review.id,
    )


def card(turn: Turn, review: PlanReview, heading: str = "") -> Message:
    """What came of the look at the plan, for its owner."""
    again = Button("Change it", "targets.review", value=review.year.isoformat(), opens_form=True)
    if review.state == "declined":
        line = text("Not this year, then. That’s fine, and I don’t ask again.")
        return Message(line.plain(), (line, Buttons((replace(again, label="Look at my plan after all"),))),
                       targets.REVIEWED, review.id)  # fmt: skip
    kept = _answers(turn, review)
    heading = heading or f"Your learning plan, looked at in {wording.learning_year(review.year)}"
    parts: list[Part] = [text("**{heading}**", heading=heading)]
    for one in kept["targets"]:
        target = turn.session.get(Target, one["id"])
        if target is not None and target.owner_id == review.owner_id:
            words = wording.shortened(" ".join(now(turn, target).words.split()), 300)
            result = rules.RESULTS.get(one["result"], "Carried on")
            parts.append(text("{words}: **{result}**", words=words, result=result))
            if target.state != "open" and not evaluation(turn, target).rating:
                parts.append(
                    Buttons(
                        (Button("How effective was it?", "targets.close", target.id, target.state, opens_form=True),)
                    )
                )
    for name, asked in (("learned", "What helped you to learn"), ("next", "What you want to learn next")):
        if kept[name]:
            parts += [text(f"**{asked}**"), Quote(kept[name])]
    parts.append(Buttons((again, Button("Add a target", "targets.form", opens_form=True),
                          Button("My plan", "targets.list"))))  # fmt: skip
    parts.append(small("Only you see this."))
    return Message(heading, tuple(parts), targets.REVIEWED, review.id)


# ---------------------------------------------------------------------------------------------------------------- form


def _form(turn: Turn, year: date, reviewed: list[Target]) -> Form:
    """Each of these targets with the question what came of it; then what helped, and what comes next."""
    intro: list[Text | Quote] = []
    for number, target in zip(_NUMBERS, reviewed, strict=False):
        intro += [text("The {number} ({by}):", number=number, by=by(target)), Quote(now(turn, target).words)]
    if not reviewed:
        intro.append(text("You have no target open."))
    fields = (*REVIEW.fields[: len(reviewed)], *REVIEW.fields[MOST_REVIEWED:])
    value = f"{year.isoformat()}:{','.join(str(target.id) for target in reviewed)}"
    known = targets.review_of(turn.session, turn.person.id, year)
    kept = _answers(turn, known) if known is not None else {"learned": "", "next": ""}
    form = replace(REVIEW, fields=fields, intro=tuple(intro), value=value)
    return form.filled({"learned": kept["learned"], "next": kept["next"]})


def _answers(turn: Turn, review: PlanReview) -> dict[str, Any]:
    kept: dict[str, Any] = {"learned": "", "next": "", "targets": []}
    if review.answers is not None:
        kept |= json.loads(turn.read(review.owner_id, review.answers, "plan", review.id))
    return kept


# ------------------------------------------------------------------------------------------------------------ handlers


def open_form(turn: Turn, event: Event) -> Reply:
    """The form for this year's look; for last year's, from the question that was asked then."""
    year = _meant(turn, event.value)
    return OpenForm(_form(turn, year, list(targets.open_of(turn.session, turn.person.id)[:MOST_REVIEWED])))


def reviewed(turn: Turn, event: Event) -> Reply:
    """Keep it: what came to an end is closed, what is carried on goes into next year's plan once that is near."""
    written, _, asked = event.value.partition(":")
    year, looked_at = _meant(turn, written), _still_open(turn, asked)
    said = {name: event.answers.get(name, "").strip() for name in ("learned", "next")}
    results = [
        (target, result)
        for number, target in enumerate(looked_at, 1)
        if target is not None and (result := event.answers.get(f"target_{number}", "")) in ("on", *rules.RESULTS)
    ]
    problems = {
        name: f"Keep it to {LONGEST:,} characters, please." for name, words in said.items() if len(words) > LONGEST
    }
    if not results and not any(said.values()):
        problems["learned"] = "Write a few words, or choose something above. You can also close this."
    if problems:
        form = _form(turn, year, [target for target in looked_at if target is not None])
        return FixAnswers(form.filled(event.answers), problems)
    review = targets.begun(turn.session, turn.person.id, year)
    before = [one for one in _answers(turn, review)["targets"] if one["id"] not in [target.id for target, _ in results]]
    for target, result in results:
        if result in rules.RESULTS:
            ended(turn, target, result, evaluation(turn, target))
        elif turn.today >= turn.policy.plan_reviewed_from(year):
            target.year = turn.policy.year_after(year)
    kept = [*before, *({"id": target.id, "result": result} for target, result in results)]
    review.answers = turn.seal(json.dumps({**said, "targets": kept}))
    review.state, review.written_at = "written", turn.now
    _settled(turn, review)
    return in_place(turn, event, card(turn, review, "Thank you. Your plan is looked at for this year."))


def later(turn: Turn, event: Event) -> Reply:
    """Ask again in two weeks; not later than the learning year lasts."""
    review = turn.session.get_one(PlanReview, event.about)
    at = asking.morning(turn, turn.person, turn.today + PUT_OFF)
    day = at.astimezone(turn.zone).date()
    if day >= turn.policy.year_after(review.year):
        return decline(turn, event)
    if review.state == "asked":
        reminders.remind(turn.session, targets.REVIEW, about=review.id, to=turn.person.id, at=at, key=_key(review, day))
    line = text("Fine. I’ll ask again on **{day}**.", day=wording.day(day))
    open_now = Button("Look at my plan now", "targets.review", value=review.year.isoformat(), opens_form=True)
    ways = Buttons((open_now, Button("Not this year", "targets.no_review", review.id)))
    return in_place(turn, event, Message(line.plain(), (line, ways), targets.REVIEWED, review.id))


def decline(turn: Turn, event: Event) -> Reply:
    """Not this year: nothing more is asked."""
    review = turn.session.get_one(PlanReview, event.about)
    if review.state == "asked":
        review.state = "declined"
        _settled(turn, review)
    return in_place(turn, event, card(turn, review))


def _settled(turn: Turn, review: PlanReview) -> None:
    turn.session.flush()
    outbox.cancel(turn.session, review.id, targets.REVIEW)
    for notice in (targets.REVIEW, targets.REVIEWED):
        outbox.refresh(turn.session, notice, review.id, turn.now, to=review.owner_id)


def _meant(turn: Turn, written: str) -> date:
    """The learning year that a button names, when it is the last one; this one for everything else."""
    this = turn.policy.year_of(turn.today)
    last = turn.policy.year_of(this - timedelta(days=1))
    return last if written == last.isoformat() else this


def _still_open(turn: Turn, asked: str) -> list[Target | None]:
    """The targets that the form asked about, in its order; None for one that was closed in the meantime."""
    found: list[Target | None] = []
    for number in numbers(asked)[:MOST_REVIEWED]:
        target = turn.session.get(Target, number, with_for_update=True, populate_existing=True)
        if target is not None and target.owner_id != turn.person.id:
            raise NotYours
        found.append(target if target is not None and target.state == "open" else None)
    return found


# --------------------------------------------------------------------------------------------------------- once a year


def owe_questions(turn: Turn, until: datetime) -> None:
    """One question a year to everybody with an open target, from the policy's day on; one more if they put it off.

    One that found its owner on leave, or paused, is owed anew for the first morning on which they may be asked.
    """
    for year in {turn.policy.year_of(turn.now.date()), turn.policy.year_of(until.date())}:
        starts, ends = turn.policy.plan_reviewed_from(year), turn.policy.year_after(year)
        if not starts <= until.date():
            continue
        states = reminders.states(turn.session, f"{targets.REVIEW}/")
        for person in targets.to_review(turn.session, year):
            known = targets.review_of(turn.session, person.id, year)
            owed = {
                key: state for key, state in states.items() if known and key.startswith(f"{targets.REVIEW}/{known.id}/")
            }
            days = [date.fromisoformat(key.rsplit("/", 1)[1]) for key, state in owed.items() if state == "closed"]
            asked = known is not None and known.asked_at is not None  # known for longer than messages are
            if (owed or asked) and not days:
                continue
            day = max(days, default=starts)
            at = asking.morning(turn, person, day)
            if at <= until and at.date() < ends:
                review = targets.begun(turn.session, person.id, year)
                reminders.remind(
                    turn.session, targets.REVIEW, about=review.id, to=person.id, at=at, key=_key(review, day)
                )


def _key(review: PlanReview, day: date) -> str:
    return f"{targets.REVIEW}/{review.id}/{day.isoformat()}"


def notice(turn: Turn, about: int | None) -> Message | None:
    """The question while it is open; what came of it, once it is settled."""
    review = turn.session.get(PlanReview, about)
    if review is None or review.owner_id != turn.person.id:
        return None
    if review.state != "asked":
        return card(turn, review) if outbox.stands(turn.session, targets.REVIEW, about, to=turn.person.id) else None
    if not asking.may_be_asked(turn, turn.person) or not targets.open_of(turn.session, turn.person.id):
        return None
    review.asked_at = turn.now
    return prompt(turn, review)


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """What came of it, for its owner; the question, while it is put off."""
    review = turn.session.get(PlanReview, about)
    if review is None or review.owner_id != turn.person.id:
        return None
    return prompt(turn, review) if review.state == "asked" else card(turn, review)
