"""What the channel sees of a team's plan: the plan as it is proposed or agreed, and in its thread what people say."""

from bot import wording
from bot.chat import Button, Buttons, Message, Part, Quote, small, text
from bot.errors import NotYours
from handlers.team_plans import rules
from handlers.team_plans.reading import content, line, short
from handlers.team_plans.words import PURPOSE, counted
from handlers.turn import Turn
from storage import outbox, plan_voices, team_plans
from storage.models import DevelopmentPlan, Person, PlanItem, PlanItemStep, PlanVoice, Team
from storage.plan_voices import Voices
from storage.team_plans import PROPOSAL, PROPOSED_BEFORE, SAID_BEFORE, TOLD, VOICE

NEED, KNOWN_BY, SAID = 400, 200, 600  # characters shown in the channel; the whole is a tap away


def body(turn: Turn, plan: DevelopmentPlan) -> list[Part]:
    """Every item as the team sees it: exactly this, in the preview and in the channel."""
    parts: list[Part] = []
    for number, item in enumerate(team_plans.items(turn.session, plan.id), 1):
        said = content(turn, item)
        known = f". We will know by this: {short(said.criteria, KNOWN_BY)}" if said.criteria else ""
        parts.append(
            text("**{number}. {need}** ({facts}){known}", number=number, need=short(said.need, NEED),
                 facts=line(turn, item, said), known=known)
        )  # fmt: skip
    return parts


def proposal(turn: Turn, about: int | None) -> Message | None:
    """The card in the channel."""
    plan = turn.session.get(DevelopmentPlan, about)
    if plan is None:
        return None
    team = turn.session.get_one(Team, plan.team_id)
    heading = f"Development plan of {team.name}, {wording.learning_year(plan.year)}"
    read = Button("Read it in full", "team_plans.read", plan.id)
    match plan.state:
        case "draft":
            if not outbox.stands(turn.session, PROPOSAL, plan.id):
                return None
            parts: list[Part] = [
                text("**{heading}** is being revised, and will be proposed to you again.", heading=heading)
            ]
        case "proposed":
            seen = rules.stamp(plan.proposed_at)
            voices = plan_voices.voices(turn.session, plan)
            parts = [
                text("**{heading}:** do you agree?", heading=heading),
                *body(turn, plan),
                Buttons((
                    Button("I agree", "team_plans.agree", plan.id, seen, "primary"),
                    Button("I would change something", "team_plans.object", plan.id, seen, opens_form=True),
                    read,
                )),
                small("{counted} What you would change is said here in the thread, with your name. I remind nobody. "
                      "{purpose}", counted=counted(voices), purpose=PURPOSE),
            ]  # fmt: skip
        case "agreed":
            assert plan.agreed_at is not None
            voices = plan_voices.voices(turn.session, plan)
            day = wording.day_and_year(plan.agreed_at.astimezone(turn.zone).date())
            parts = [
                text("**{heading}:** agreed on {day}. {counted}", heading=heading, day=day, counted=counted(voices))
            ]
            parts += [*body(turn, plan), *_objections(turn, voices), Buttons((read,))]
        case _:
            parts = [text("**{heading}** has ended.", heading=heading), Buttons((read,))]
    return Message(heading, tuple(parts), PROPOSAL, plan.id)


def _objections(turn: Turn, voices: Voices) -> list[Part]:
    """What people would have changed, by name, beside what was agreed."""
    parts: list[Part] = []
    for voice, person in voices.objections:
        if words := said(turn, voice):
            parts.append(text("**{name}** would change this:", name=person.name))
            parts.append(Quote(wording.shortened(words, SAID)))
    return parts


def said(turn: Turn, voice: PlanVoice) -> str:
    """What somebody said to the plan; "" for nothing, or once they were erased."""
    if voice.words is None:
        return ""
    try:
        return turn.read(voice.person_id, voice.words, "voice", voice.plan_id)
    except NotYours:
        return ""


def proposed_before(turn: Turn, about: int | None) -> Message | None:
    """One line where an earlier proposal stood."""
    if not outbox.stands(turn.session, PROPOSED_BEFORE, about):
        return None
    only = text("This plan was proposed again: see the newer message. What was said here belongs to the earlier one.")
    return Message(only.plain(), (only,), PROPOSED_BEFORE, about)


def voice(turn: Turn, about: int | None) -> Message | None:
    """What somebody would change, or that they agree after all: in the thread, by name."""
    one = turn.session.get(PlanVoice, about)
    person = turn.session.get(Person, one.person_id) if one is not None else None
    if one is None or person is None:
        return None
    if one.agrees:
        only = text("**{name}** agrees with the plan now.", name=person.name)
        return Message(only.plain(), (only,), VOICE, about)
    words = said(turn, one)
    lead = text("**{name}** would change something in the plan:", name=person.name)
    return Message(lead.plain(), (lead, Quote(words)), VOICE, about)


def said_before(turn: Turn, about: int | None) -> Message | None:
    """One line where something was said that its author took back."""
    if not outbox.stands(turn.session, SAID_BEFORE, about):
        return None
    only = small("What stood here was taken back by whoever said it.")
    return Message(only.plain(), (only,), SAID_BEFORE, about)


def told(turn: Turn, about: int | None) -> Message | None:
    """What has changed since the team was last told; the last word on each item."""
    last = turn.session.get(PlanItemStep, about)
    if last is None or last.told_at is None:
        return None
    latest = {step.item_id: step for step in team_plans.told_with(turn.session, last)}
    parts: list[Part] = [text("**How our plan goes:**")]
    for step in latest.values():
        need = turn.opened(turn.session.get_one(PlanItem, step.item_id).need)
        shown = short(need, 200).removesuffix(".")  # a finding is often a whole sentence
        parts.append(text("{need}: **{state}**", need=shown, state=rules.STATES[step.state]))
        if step.words is not None:
            parts.append(Quote(wording.shortened(turn.opened(step.words), SAID)))
    return Message("How our plan goes", tuple(parts), TOLD, about)
