"""How a plan goes: noted by whoever leads an item, asked of the team's lead once a term, told when the lead says so."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Option,
    Part,
    Reply,
    Select,
    small,
    text,
)
from bot.errors import NotYours
from handlers import asking
from handlers.replying import in_place
from handlers.team_plans import item_words, rules, words
from handlers.team_plans.form import STATE
from handlers.team_plans.items import in_plan
from handlers.team_plans.reading import short
from handlers.turn import Turn
from storage import outbox, plan_voices, reminders, team_channel, team_plans
from storage.models import DevelopmentPlan, PlanItem, PlanItemStep, Review, Team
from storage.team_plans import EXPECTED, FOLLOW_UP, LEAD, TOLD

NEEDS_A_REASON = "Say in a few words why, so that next year's plan can learn from it."
TEAM_IS_TOLD = "Your team is told in the thread of the plan."
FROM_THE_QUESTION = "follow_up"
BESIDE = 8  # items with buttons beside them: more than that no platform shows at once

# -------------------------------------------------------------------------------------------------------- how it stands


def noted(turn: Turn, event: Event) -> Reply:
    """An item is under way, or done."""
    state, _, where = event.value.partition(":")
    plan, item = in_plan(turn, event)
    if state not in ("under_way", "done"):
        raise NotYours
    _note(turn, plan, item, state, "")
    return _after(turn, event, plan, item, where)


def say_state(turn: Turn, event: Event) -> Reply:
    """The form for how an item stands, in words."""
    _, item = in_plan(turn, event)
    return OpenForm(_form(turn, item, event.value))


def state_said(turn: Turn, event: Event) -> Reply:
    """Keep how it stands; for what is dropped, why."""
    plan, item = in_plan(turn, event)
    state, typed = event.answers.get("state", ""), event.answers.get("words", "").strip()
    problems: dict[str, str] = {}
    if state not in rules.STATES:
        problems["state"] = "Choose one."
    if state == "dropped" and not typed:
        problems["words"] = NEEDS_A_REASON
    elif len(typed) > rules.LONGEST_WORDS:
        problems["words"] = f"Keep it to {rules.LONGEST_WORDS:,} characters, please."
    if problems:
        return FixAnswers(_form(turn, item, event.value).filled(event.answers), problems)
    _note(turn, plan, item, state, typed)
    return _after(turn, event, plan, item, event.value)


def _form(turn: Turn, item: PlanItem, where: str) -> Form:
    need = text("**{need}**", need=short(turn.opened(item.need), 300))
    return replace(STATE, about=item.id, value=where, intro=(need,)).filled({"state": item.state})


def _note(turn: Turn, plan: DevelopmentPlan, item: PlanItem, state: str, typed: str) -> None:
    """It stands like this from now on, and how it stood is kept; the same again, without words, is nothing new."""
    if item.state == state and not typed:
        return
    sealed = turn.keyring.seal_for_organisation(typed) if typed else None
    item.state, item.changed_at = state, turn.now
    item.why = sealed if state == "dropped" else None
    turn.session.add(PlanItemStep(item_id=item.id, state=state, at=turn.now, words=sealed, by_id=turn.person.id))
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    for notice in (FOLLOW_UP, team_plans.ITEM):
        outbox.refresh(turn.session, notice, plan.id if notice == FOLLOW_UP else item.id, turn.now)


def _after(turn: Turn, event: Event, plan: DevelopmentPlan, item: PlanItem, where: str) -> Reply:
    if where == FROM_THE_QUESTION and rules.leads(turn, plan):
        return in_place(turn, event, question(turn, plan))
    return in_place(turn, event, item_words.item_card(turn, item, "Noted."))


# ---------------------------------------------------------------------------------------------------- telling the team


def tell(turn: Turn, event: Event) -> Reply:
    """What has changed since the team was last told goes into the thread; tapping twice tells it once.

    One card says so, the one that was tapped; none of the others offers to tell it again.
    """
    plan = team_plans.held(turn.session, event.about)
    steps = team_plans.not_told(turn.session, plan.id)
    place = plan_voices.place_of(turn.session, plan)
    if place is None:
        raise words.NoChannel
    for step in steps:
        step.told_at = turn.now
    if steps:
        turn.session.flush()
        tapped = event.place
        here = outbox.posted(turn.session, tapped.platform, tapped.conversation, tapped.message)
        kept = here.id if here is not None and here.notice == LEAD else None
        plan_voices.one_lead_card(turn.session, plan.id, turn.person.id, turn.now, kept=kept)
        team_channel.post(turn.session, TOLD, about=steps[-1].id, place=place.id, team=plan.team_id, at=turn.now,
                          thread=plan_voices.thread_of(turn.session, plan), key=f"{TOLD}/{steps[-1].id}")  # fmt: skip
        plan_voices.show_afresh(turn.session, plan.id, turn.now)
        outbox.refresh(turn.session, FOLLOW_UP, plan.id, turn.now)
    if event.value == FROM_THE_QUESTION and rules.leads(turn, plan):
        return in_place(turn, event, question(turn, plan, TEAM_IS_TOLD))
    return in_place(turn, event, words.plan_card(turn, plan, TEAM_IS_TOLD))


# ---------------------------------------------------------------------------------------------------------- once a term


def question(turn: Turn, plan: DevelopmentPlan, note: str = "") -> Message:
    """Each open item with what can be said of it, why it is asked, and how to put it off or decline it."""
    items = team_plans.items(turn.session, plan.id)
    going_on = [item for item in items if item.state in team_plans.GOING_ON]
    year = wording.learning_year(plan.year)
    parts: list[Part] = [text("**{note}**", note=note)] if note else []
    parts.append(text("**How does your team's plan for {year} go?**", year=year))
    for number, item in enumerate(items, 1):
        if item not in going_on[:BESIDE]:
            continue
        need = short(turn.opened(item.need), 200)
        by = f", by {wording.day(item.due_on)}" if item.due_on is not None else ""
        parts.append(text("{number}. {need} (**{state}**{by})", number=number, need=need,
                          state=rules.STATES[item.state], by=by))  # fmt: skip
        parts.append(Buttons(item_words.state_buttons(item, FROM_THE_QUESTION)))
    if more := going_on[BESIDE:]:
        parts.append(text("And {count} more:", count=len(more)))
        options = tuple(Option(short(turn.opened(item.need), 75), str(item.id)) for item in more)
        parts.append(Select("Say how another one stands", "team_plans.pick", options, plan.id))
    if not going_on:
        parts.append(text("Everything in it is done or dropped."))
    ways = [Button("Open the plan", "team_plans.see", plan.id)]
    if team_plans.not_told(turn.session, plan.id):
        ways.insert(0, Button("Tell the team", "team_plans.tell", plan.id, FROM_THE_QUESTION))
    if going_on:
        ways.append(Button("Ask me in two weeks", "team_plans.later", plan.id))
        ways.append(Button("Not this term", "team_plans.not_this_term", plan.id))
    parts.append(Buttons(tuple(ways)))
    parts.append(
        small("I ask once a term, so that the plan stays one that is used. Tap as little as you like: your team is "
              "told nothing unless you say so.")
    )  # fmt: skip
    return Message("How does your team's plan go?", tuple(parts), FOLLOW_UP, plan.id)


def later(turn: Turn, event: Event) -> Reply:
    """Ask again in two weeks."""
    plan = team_plans.held(turn.session, event.about)
    at = asking.morning(turn, turn.person, turn.today + rules.PUT_OFF)
    day = plan.ask_on = at.astimezone(turn.zone).date()
    return in_place(turn, event, _put_off(plan, f"Fine. I’ll ask again on {wording.day(day)}."))


def not_this_term(turn: Turn, event: Event) -> Reply:
    """Not this term: nothing more is asked until the next."""
    plan = team_plans.held(turn.session, event.about)
    plan.ask_on = rules.next_follow_up(turn, plan.year)
    return in_place(turn, event, _put_off(plan, "Fine. I don’t ask again this term."))


def _put_off(plan: DevelopmentPlan, line: str) -> Message:
    only = text("{line}", line=line)
    return Message(line, (only, Buttons((Button("Open the plan", "team_plans.see", plan.id),))), FOLLOW_UP, plan.id)


def ask(turn: Turn, about: int | None) -> Message | None:
    """The question, while there is anything to ask; nothing on leave, in a pause, or once somebody else leads."""
    plan = turn.session.get(DevelopmentPlan, about)
    if plan is None or plan.state != "agreed" or not rules.leads(turn, plan):
        return None
    due = rules.follow_up_due(turn, plan, turn.today) is not None
    if not outbox.is_being_sent(turn.session, FOLLOW_UP, plan.id, turn.person.id):
        return question(turn, plan) if due else None  # the card stands there, and is changed in place
    going_on = any(item.state in team_plans.GOING_ON for item in team_plans.items(turn.session, plan.id))
    return question(turn, plan) if due and going_on and asking.may_be_asked(turn, turn.person) else None


def owe_questions(turn: Turn, until: datetime) -> None:
    """Plans of years that are over end; each lead is asked once a term how theirs goes, and once more if they put it
    off. A question that found its lead on leave, or paused, is owed anew for their first morning back."""
    for plan in team_plans.end_before(turn.session, turn.policy.year_of(turn.now.date())):
        plan_voices.show_afresh(turn.session, plan.id, turn.now)
    if not turn.policy.team_plans.followed_up_on:
        return
    states = reminders.states(turn.session, f"{FOLLOW_UP}/")
    for plan, lead in team_plans.agreed(turn.session):
        local = until.astimezone(ZoneInfo(lead.zone)).date()
        day = rules.follow_up_due(turn, plan, local)
        key = f"{FOLLOW_UP}/{plan.id}/{day}"
        if day is None or states.get(key, "closed") != "closed":
            continue
        at = asking.morning(turn, lead, day)
        if at <= until:
            reminders.remind(turn.session, FOLLOW_UP, about=plan.id, to=lead.id, at=at, key=key)


# -------------------------------------------------------------------------------------------------- a plan is expected


def expected(turn: Turn, about: int | None) -> Message | None:
    """To the lead, once: the review is some time ago, and there is no plan yet. Nothing once there is one."""
    review = turn.session.get(Review, about)
    team = turn.session.get_one(Team, review.team_id) if review is not None else None
    if review is None or team is None or team.lead_id != turn.person.id:
        return None
    if rules.year_to_begin(turn, team.id) is None or not asking.may_be_asked(turn, turn.person):
        return None
    parts = (
        text("**What do you make of your review, “{title}”?** It closed on {day}, and {team} has no development plan "
             "yet.", title=review.title, team=team.name,
             day=wording.day(review.closes_at.astimezone(turn.zone).date())),
        Buttons(
            (
                Button("Begin a draft", "team_plans.begin", team.id, style="primary"),
                Button("Ask me in two weeks", "team_plans.expected_later", review.id),
                Button("No plan this year", "team_plans.not_expected", review.id),
            )
        ),
        small("I ask once, because what a team finds out is soon forgotten without a plan. Nobody is told either way."),
    )  # fmt: skip
    return Message("Your team's development plan", parts, EXPECTED, review.id)


def expected_later(turn: Turn, event: Event) -> Reply:
    """Ask again in two weeks."""
    assert event.about is not None
    at = asking.morning(turn, turn.person, turn.today + rules.PUT_OFF)
    day = at.astimezone(turn.zone).date()
    key = f"{EXPECTED}/{event.about}/{day}"
    reminders.remind(turn.session, EXPECTED, about=event.about, to=turn.person.id, at=at, key=key)
    return in_place(turn, event, _fine(f"Fine. I’ll ask again on {wording.day(day)}."))


def not_expected(turn: Turn, event: Event) -> Reply:
    """No plan from this review: nothing more is asked about it."""
    assert event.about is not None
    team_plans.ask_no_more(turn.session, event.about)
    return in_place(turn, event, _fine("Fine. Say `team plan` whenever you would like to begin one."))


def _fine(line: str) -> Message:
    return Message(line, (text("{line}", line=line),))


def owe_expectations(turn: Turn, until: datetime) -> None:
    """One question after a yearly review that no plan has followed, on its day or the lead's first morning after it."""
    within = timedelta(days=turn.policy.team_plans.proposed_within_days)
    if not within:
        return
    year = turn.policy.year_of(turn.now.date())
    states = reminders.states(turn.session, f"{EXPECTED}/")
    first, last = turn.now - within - timedelta(days=60), until - within
    for review, lead in team_plans.expecting(turn.session, first, last, year):
        owed = {key: state for key, state in states.items() if key.startswith(f"{EXPECTED}/{review.id}/")}
        not_sent = [key for key, state in owed.items() if state == "closed"]
        if owed and not not_sent:
            continue
        usual = (review.closes_at + within).astimezone(ZoneInfo(lead.zone)).date()
        key = max(not_sent, default=f"{EXPECTED}/{review.id}/{usual}")
        at = asking.morning(turn, lead, max(usual, datetime.fromisoformat(key.rsplit("/", 1)[1]).date()))
        if at <= until:
            reminders.remind(turn.session, EXPECTED, about=review.id, to=lead.id, at=at, key=key)
