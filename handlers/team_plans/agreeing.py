"""A plan is proposed to the team, everybody can say what they think of it by name, and its lead marks it as agreed."""

from dataclasses import replace

from bot import wording
from bot.chat import Button, Buttons, Event, FixAnswers, Message, OpenForm, Part, Reply, small, text
from bot.errors import Refusal
from handlers.replying import in_place
from handlers.team_plans import rules, words
from handlers.team_plans.channel import body, said
from handlers.team_plans.form import OBJECT
from handlers.turn import Turn
from storage import plan_voices, reviews, team_channel, team_plans
from storage.models import DevelopmentPlan, Review
from storage.team_plans import PROPOSAL


class NotAskedNow(Refusal):
    """The plan has changed since you saw it, or is agreed already. See the newest message about it in your channel."""


# ------------------------------------------------------------------------------------------------------------- the lead


def preview(turn: Turn, event: Event) -> Reply:
    """Exactly what the team will see, before anything is posted."""
    plan = team_plans.held(turn.session, event.about)
    if plan.state != "draft":
        return in_place(turn, event, words.plan_card(turn, plan))
    return in_place(turn, event, _preview(turn, plan))


def _preview(turn: Turn, plan: DevelopmentPlan, note: str = "") -> Message:
    place = plan_voices.place_of(turn.session, plan)
    items = body(turn, plan)
    parts: list[Part] = [text("**{note}**", note=note)] if note else []
    back = Button("Back to the plan", "team_plans.see", plan.id, "back")
    if not items:
        raise words.NothingInIt
    parts.append(text("This is what your team will see. **Nothing has been posted yet.**"))
    parts += items
    if place is None:
        parts += [text("{where}", where=words.where(None)), Buttons((back,))]
    else:
        label = wording.shortened(f"Propose it in {words.called(place)}", 75)
        parts.append(Buttons((Button(label, "team_plans.propose", plan.id, str(plan.version), "primary"), back)))
        parts.append(small("Everybody of the team can agree, or say by name what they would change. I remind nobody."))
    return Message("What your team will see", tuple(parts), team_plans.LEAD, plan.id)


def propose(turn: Turn, event: Event) -> Reply:
    """Post what the preview showed; tapping twice posts it once."""
    plan = team_plans.held(turn.session, event.about)
    if plan.state != "draft":
        return in_place(turn, event, words.plan_card(turn, plan))
    if event.value != str(plan.version):
        return in_place(turn, event, _preview(turn, plan, "It has changed in the meantime. It is now:"))
    if not team_plans.items(turn.session, plan.id):
        raise words.NothingInIt
    place = plan_voices.place_of(turn.session, plan)
    if place is None:
        raise words.NoChannel
    if plan.proposed_at is not None:
        plan_voices.proposed_again(turn.session, plan, turn.now)
    plan.state, plan.proposed_at, plan.agreed_at = "proposed", turn.now, None
    review = turn.session.get(Review, plan.review_id) if plan.review_id is not None else None
    thread = ""
    if review is not None and review.place_id == place.id:
        thread = reviews.thread_of(turn.session, review)
    team_channel.post(turn.session, PROPOSAL, about=plan.id, place=place.id, team=plan.team_id, at=turn.now,
                      thread=thread, key=f"{PROPOSAL}/{plan.id}/{rules.stamp(turn.now)}")  # fmt: skip
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan, f"Proposed in {words.called(place)}."))


def revise(turn: Turn, event: Event) -> Reply:
    """Back to the draft: the team sees that it is being revised, and is asked again."""
    plan = team_plans.held(turn.session, event.about)
    if plan.state in team_plans.STANDING:
        plan.state = "draft"
        plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan, "You can change it now. Your team is asked again then."))


def before_agreed(turn: Turn, event: Event) -> Reply:
    """How the team stands to it, before it is marked as agreed."""
    plan = team_plans.held(turn.session, event.about)
    if plan.state != "proposed":
        return in_place(turn, event, words.plan_card(turn, plan))
    voices = plan_voices.voices(turn.session, plan)
    names = [person.name for _, person in voices.objections]
    parts: list[Part] = [text("**Mark the plan as agreed?** {counted}", counted=words.counted(voices))]
    if names:
        parts.append(
            text("{names} would change something; what they said stays beside the plan. If you would rather take it "
                 "up, revise the plan and propose it again.", names=wording.listed(names))
        )  # fmt: skip
    parts.append(
        Buttons(
            (
                Button("It is agreed", "team_plans.agreed", plan.id, rules.stamp(plan.proposed_at), "primary"),
                Button("Revise it", "team_plans.revise", plan.id),
                Button("Wait a little", "team_plans.see", plan.id, "back"),
            )
        )
    )
    return in_place(turn, event, Message("Mark the plan as agreed?", tuple(parts), team_plans.LEAD, plan.id))


def agreed(turn: Turn, event: Event) -> Reply:
    """It is agreed, and the plan of the year before is over."""
    plan = team_plans.held(turn.session, event.about)
    if plan.state != "proposed" or event.value != rules.stamp(plan.proposed_at):
        return in_place(turn, event, words.plan_card(turn, plan))
    plan.state, plan.agreed_at = "agreed", turn.now
    for ended in team_plans.end_before(turn.session, plan.year, team_id=plan.team_id):
        plan_voices.show_afresh(turn.session, ended.id, turn.now)
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan, "Agreed."))


# ------------------------------------------------------------------------------------------------------------- the team


def agree(turn: Turn, event: Event) -> Reply:
    """They agree with the plan as it was proposed."""
    plan = _asked(turn, event)
    before = plan_voices.voice(turn.session, plan.id, turn.person.id)
    there = before is not None and before.agrees and before.about_proposal == plan.proposed_at
    if not there:
        voice = plan_voices.speak(turn.session, plan, turn.person.id, turn.now, agrees=True, words=None)
        if before is not None:
            plan_voices.post(turn.session, plan, voice, turn.now)
        plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return _said(turn, event, plan, "You agree with the plan.", agrees=True)


def object_(turn: Turn, event: Event) -> Reply:
    """The form for what they would change, with what they said before."""
    plan = _asked(turn, event)
    before = plan_voices.voice(turn.session, plan.id, turn.person.id)
    known = said(turn, before) if before is not None and before.about_proposal == plan.proposed_at else ""
    return OpenForm(replace(OBJECT, about=plan.id, value=event.value).filled({"words": known}))


def objected(turn: Turn, event: Event) -> Reply:
    """Keep what they would change, sealed with their own key, and say it in the thread, by name."""
    plan = _asked(turn, event)
    typed = event.answers.get("words", "").strip()
    problem = ""
    if not typed:
        problem = "Write a few words, or close this."
    elif len(typed) > rules.LONGEST_WORDS:
        problem = f"Keep it to {rules.LONGEST_WORDS:,} characters, so that it is read."
    if problem:
        filled = replace(OBJECT, about=plan.id, value=event.value).filled(event.answers)
        return FixAnswers(filled, {"words": problem})
    voice = plan_voices.speak(turn.session, plan, turn.person.id, turn.now, agrees=False, words=turn.seal(typed))
    plan_voices.post(turn.session, plan, voice, turn.now)
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return _said(turn, event, plan, "Said in the thread of the plan, with your name.", agrees=False)


def take_back(turn: Turn, event: Event) -> Reply:
    """What they said goes, from the thread as well."""
    plan = team_plans.held(turn.session, event.about)
    voice = plan_voices.voice(turn.session, plan.id, turn.person.id)
    if voice is not None:
        plan_voices.take_back(turn.session, voice, turn.now)
        plan_voices.show_afresh(turn.session, plan.id, turn.now)
    only = text("Taken back: you have said nothing to the plan.")
    buttons = _ways(plan, agrees=None)
    return in_place(turn, event, Message(only.plain(), (only, Buttons(buttons)) if buttons else (only,)))


def _said(turn: Turn, event: Event, plan: DevelopmentPlan, line: str, *, agrees: bool) -> Reply:
    parts = (
        text("{line} {counted}", line=line, counted=words.counted(plan_voices.voices(turn.session, plan))),
        Buttons(_ways(plan, agrees=agrees)),
    )
    return in_place(turn, event, Message(line, parts))


def _ways(plan: DevelopmentPlan, *, agrees: bool | None) -> tuple[Button, ...]:
    """What can be said besides what was said."""
    seen = rules.stamp(plan.proposed_at)
    ways: list[Button] = []
    if plan.state == "proposed":
        if agrees is not True:
            ways.append(Button("I agree", "team_plans.agree", plan.id, seen))
        label = "Change what I said" if agrees is False else "I would change something"
        ways.append(Button(label, "team_plans.object", plan.id, seen, opens_form=True))
    if agrees is not None:
        ways.append(Button("Take it back", "team_plans.take_back", plan.id))
    return tuple(ways)


def _asked(turn: Turn, event: Event) -> DevelopmentPlan:
    """The plan, held, while the proposal that the reader saw stands."""
    plan = team_plans.held(turn.session, event.about)
    if plan.state != "proposed" or event.value != rules.stamp(plan.proposed_at):
        raise NotAskedNow
    return plan
