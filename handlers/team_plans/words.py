"""What the bot says about a team's plan to its lead and to the people of the team, each by themselves."""

from collections.abc import Sequence
from datetime import date

from bot import wording
from bot.chat import Button, Buttons, Message, Option, Part, Select, small, text
from bot.errors import Refusal
from handlers.team_plans import rules
from handlers.team_plans.item_words import state_buttons
from handlers.team_plans.offers import GROUPS, Offer
from handlers.team_plans.reading import content, line, short
from handlers.turn import Turn
from storage import people, plan_voices, team_plans
from storage.models import DevelopmentPlan, KnownPlace, PlanItem, Team
from storage.plan_voices import Voices
from storage.team_plans import LEAD

SHOWN = 300  # characters of a need in a list
SHOWN_OFFERS = 12  # in words, before the form names the rest
PURPOSE = "It is for the team's learning, and for nothing else: not for appraisal, pay or discipline."


class NotADraft(Refusal):
    """The plan is with your team now, so what it says stays as it is. Say `team plan` and choose “Revise it” to change
    it; your team is asked again then."""


class NothingInIt(Refusal):
    """There is nothing in the plan yet. Add an item, or take one of those that I offer, and propose it then."""


class NoChannel(Refusal):
    """I don't know where your team talks. Say `team plan` in your team's channel, and try again then."""


class NotAgreedYet(Refusal):
    """How it goes is noted once the plan is agreed. Say `team plan` to see how it stands."""


class Over(Refusal):
    """That plan has ended, and stays as it was. Say `team plan` to see where things stand."""


def not_now(plan: DevelopmentPlan) -> Refusal:
    """Why nothing can be noted in a plan that is not agreed."""
    return Over() if plan.state == "ended" else NotAgreedYet()


class Full(Refusal):
    """A plan holds twenty items at most, so that it can be kept in view. Remove one first, or put two together."""


# ------------------------------------------------------------------------------------------------------------ the plan


def plan_card(turn: Turn, plan: DevelopmentPlan, note: str = "") -> Message:
    """The plan as it stands: for its lead with what can be done, for the others of the team to read."""
    team = turn.session.get_one(Team, plan.team_id)
    leads = team.lead_id == turn.person.id
    heading = f"Development plan of {team.name}, {wording.learning_year(plan.year)}"
    parts: list[Part] = [text("**{note}**", note=note)] if note else []
    parts.append(text("**{heading}:** {state}", heading=heading, state=_state(turn, plan, leads=leads)))
    items = team_plans.items(turn.session, plan.id)
    if not leads and plan.state == "draft":
        lead = people.lead_of(turn.session, team)
        who = f"{lead.name} is working on it" if lead is not None else f"Nobody leads {team.name} just now, so it rests"
        parts.append(text("{who}. You will be asked before it counts.", who=who))
        if other_years := _years(turn, plan, team, leads=False):
            parts.append(Buttons(other_years))
        return Message(heading, tuple(parts))
    parts += _listed(turn, items, with_state=plan.agreed_at is not None and plan.state in ("agreed", "ended"))
    parts += _yours(turn, plan, items)
    if items:
        parts.append(_pick(turn, plan, items))
    untold = len(team_plans.not_told(turn.session, plan.id)) if leads and plan.state == "agreed" else 0
    buttons = (*(_ways(plan, untold) if leads else ()), *_years(turn, plan, team, leads=leads))
    if buttons:
        parts.append(Buttons(buttons))
    parts += _notes(turn, plan, untold) if leads else []
    return Message(heading, tuple(parts), LEAD if leads else "", plan.id if leads else None)


def _state(turn: Turn, plan: DevelopmentPlan, *, leads: bool) -> str:
    match plan.state:
        case "draft":
            state = "being revised" if plan.proposed_at is not None else "a draft"
            return f"{state}; only you see it." if leads else f"{state}."
        case "proposed":
            return f"proposed to the team. {counted(plan_voices.voices(turn.session, plan))}"
        case "agreed":
            assert plan.agreed_at is not None
            return f"agreed on {wording.day_and_year(plan.agreed_at.astimezone(turn.zone).date())}."
        case _:
            return "this plan has ended."


def counted(voices: Voices) -> str:
    """`4 of 6 agree, 1 would change something.`"""
    object_ = len(voices.objections)
    more = f", {object_} would change something" if object_ else ""
    return f"{len(voices.said) - object_} of {voices.asked} agree{more}."


def _listed(turn: Turn, items: Sequence[PlanItem], *, with_state: bool) -> list[Part]:
    if not items:
        return [text("There is nothing in it yet.")]
    parts: list[Part] = []
    for number, item in enumerate(items, 1):
        said = content(turn, item)
        state = f"{rules.STATES[item.state]} · " if with_state or item.state != "open" else ""
        parts.append(
            text("**{number}. {need}** ({state}{facts})", number=number, need=short(said.need, SHOWN), state=state,
                 facts=line(turn, item, said))
        )  # fmt: skip
    return parts


def _yours(turn: Turn, plan: DevelopmentPlan, items: Sequence[PlanItem]) -> list[Part]:
    """What the reader leads and can say how it stands."""
    mine = [item for item in items if item.leads_id == turn.person.id and item.state in team_plans.GOING_ON]
    if plan.state != "agreed" or not mine:
        return []
    many = "one of these" if len(mine) == 1 else f"{len(mine)} of these"
    parts: list[Part] = [text("**You lead {many}.** How does it stand?", many=many)]
    for item in mine[:5]:
        parts.append(text("{need}", need=short(turn.opened(item.need), 120)))
        parts.append(Buttons(state_buttons(item)))
    return parts


def _pick(turn: Turn, plan: DevelopmentPlan, items: Sequence[PlanItem]) -> Select:
    options = tuple(
        Option(wording.shortened(f"{number}. {short(turn.opened(item.need), 70)}", 75), str(item.id))
        for number, item in enumerate(items, 1)
    )
    return Select("Open an item", "team_plans.pick", options, plan.id)


def _ways(plan: DevelopmentPlan, untold: int) -> tuple[Button, ...]:
    match plan.state:
        case "draft":
            return (
                Button("Add an item", "team_plans.add", plan.id, opens_form=True),
                Button("What I can offer", "team_plans.offers", plan.id),
                Button("Show what the team will see", "team_plans.preview", plan.id, style="primary"),
            )
        case "proposed":
            return (
                Button("Mark it as agreed", "team_plans.before_agreed", plan.id, style="primary"),
                Button("Revise it", "team_plans.revise", plan.id),
            )
        case "agreed":
            tell = (Button("Tell the team", "team_plans.tell", plan.id),) if untold else ()
            return (*tell, Button("Revise it", "team_plans.revise", plan.id))
        case _:
            return ()


def _years(turn: Turn, plan: DevelopmentPlan, team: Team, *, leads: bool) -> tuple[Button, ...]:
    """The ways to the plans of the years before and after, and to beginning the next one."""
    found: list[Button] = []
    following = team_plans.of_team(turn.session, team.id, turn.policy.year_after(plan.year))
    before = team_plans.latest_before(turn.session, team.id, plan.year, seen=not leads)
    if following is not None and (leads or following.state != "draft"):
        found.append(Button(f"Plan of {wording.learning_year(following.year)}", "team_plans.see", following.id))
    if before is not None:
        found.append(Button(f"Plan of {wording.learning_year(before.year)}", "team_plans.see", before.id))
    if leads and (year := rules.year_to_begin(turn, team.id)) is not None:
        found.append(Button(f"Begin the plan of {wording.learning_year(year)}", "team_plans.begin", team.id))
    return tuple(found)


def _notes(turn: Turn, plan: DevelopmentPlan, untold: int) -> list[Part]:
    if plan.state == "draft":
        return [
            small(
                "Nobody else sees it until you propose it. {where}",
                where=where(plan_voices.place_of(turn.session, plan)),
            )
        ]
    if untold:
        noted = "One change was noted" if untold == 1 else f"{untold} changes were noted"
        return [
            small(
                "{noted} that the team was not told of in the channel. They see it if they say `team plan`.",
                noted=noted,
            )
        ]
    return []


def where(place: KnownPlace | None) -> str:
    """Where a proposal goes."""
    if place is None:
        return "Say `team plan` in your team's channel once, so that I know where to propose it."
    return f"I propose it in {called(place)}."


def called(place: KnownPlace) -> str:
    """The channel's name, where it is known."""
    return f"#{place.title.removeprefix('#')}" if place.title else "your team's channel"


# ------------------------------------------------------------------------------------------------- before there is one


def no_plan(turn: Turn, team: Team, value: str) -> Message:
    """There is none yet: how it is begun, for whoever leads the team; who does, for the others."""
    year = rules.year_to_begin(turn, team.id) or turn.policy.year_of(turn.today)
    in_words = wording.learning_year(year)
    if team.lead_id == turn.person.id:
        parts: list[Part] = [
            text("**{team} has no development plan for {year} yet.**", team=team.name, year=in_words),
            text("I can begin a draft with what the strategic plan, your review and your team's own learning plans ask "
                 "for. You choose and change what goes in, and propose it to your team when you are ready."),
            small("From individual plans I only ever say a theme that at least {enough} people let count, never whose. "
                  "I count once, when you begin: so begin when people have had time to think about their plans.",
                  enough=turn.policy.reviews.shown_from),
            Buttons((Button("Begin a draft", "team_plans.begin", team.id, value, "primary"), *_last(turn, team, year))),
        ]  # fmt: skip
        return Message("Your team's development plan", tuple(parts))
    lead = people.lead_of(turn.session, team)
    who = "Nobody leads it just now who could begin one."
    if lead is not None:
        who = f"{lead.name} leads it and can begin one."
    line_ = text("{team} has no development plan for {year} yet. {who}", team=team.name,
                 year=in_words, who=who)  # fmt: skip
    return Message(line_.plain(), (line_,))


def _last(turn: Turn, team: Team, year: date) -> tuple[Button, ...]:
    last = team_plans.latest_before(turn.session, team.id, year, seen=False)
    if last is None:
        return ()
    return (Button(f"Plan of {wording.learning_year(last.year)}", "team_plans.see", last.id),)


def which_team(teams: Sequence[Team], here: str) -> Message:
    """Somebody leads several teams, or leads one and is in another; `here` says where this was asked."""
    buttons = tuple(Button(wording.shortened(team.name, 75), "team_plans.open", team.id, here) for team in teams[:20])
    return Message("Which team's plan?", (text("Which team's plan?"), Buttons(buttons)))


def no_team() -> Message:
    """Somebody is in no team."""
    line_ = text(
        "A development plan belongs to a team, and you are in none on my roster. Ask your coordinator to check."
    )
    return Message(line_.plain(), (line_,))


# --------------------------------------------------------------------------------------------------------------- offers


def offered(turn: Turn, plan: DevelopmentPlan, found: Sequence[Offer]) -> Message:
    """What can be taken into the plan, by source, in full as far as there is room."""
    back = Button("Back to the plan", "team_plans.see", plan.id, "back")
    if not found:
        line_ = text("There is nothing more that I could offer: add items in your own words.")
        return Message(line_.plain(), (line_, Buttons((back,))))
    parts: list[Part] = [text("**What I can offer for the plan,** and where it comes from.")]
    for group, heading in GROUPS.items():
        of_group = [offer for offer in found if offer.group == group]
        if of_group:
            parts.append(text("**{heading}**", heading=heading))
        parts += [
            text("• {words} ({more})", words=short(offer.words, SHOWN), more=offer.more)
            for offer in of_group[:SHOWN_OFFERS]
        ]
        if len(of_group) > SHOWN_OFFERS:
            parts.append(small("And {more} more in the form.", more=len(of_group) - SHOWN_OFFERS))
    choose = Button("Choose what goes in", "team_plans.choose", plan.id, style="primary", opens_form=True)
    parts.append(Buttons((choose, back)))
    return Message("What I can offer for the plan", tuple(parts), LEAD, plan.id)


# ----------------------------------------------------------------------------------------------------- for coordinators


def themes(turn: Turn, labels: Sequence[str], counted_on: str, again_on: str) -> Message:
    """What needs of individuals are about, in the whole organisation."""
    enough = turn.policy.reviews.shown_from
    parts: list[Part] = [
        text("**What people's own learning plans ask for,** where at least {enough} let it count:", enough=enough)
    ]
    parts += [text("• {label}", label=label) for label in labels]
    if not labels:
        parts.append(text("No theme was named by so many yet."))
    parts.append(
        small("Counted on {day} and kept until {again}, so that no two looks say something of one person. No names, "
              "no numbers and nobody's words are shown to anybody.", day=counted_on, again=again_on)
    )  # fmt: skip
    return Message("What people's own learning plans ask for", tuple(parts))


def led_teams(turn: Turn) -> Sequence[Team]:
    """The teams that the reader leads, and the one that they are in."""
    led = list(people.teams_led(turn.session, turn.person.id))
    own = people.team_of(turn.session, turn.person)
    return [*led, own] if own is not None and all(team.id != own.id for team in led) else led
