"""Looking at a team's plan, beginning one, and taking up what is offered for it."""

from bot import wording
from bot.chat import Event, FixAnswers, Message, OpenForm, Reply, Say, text
from handlers.asked_in import asked_in, place_in
from handlers.replying import in_place
from handlers.team_plans import form, rules, words
from handlers.team_plans.items import in_draft
from handlers.team_plans.offers import offers, take_up
from handlers.turn import Turn
from storage import plan_voices, released_needs, team_plans
from storage.models import DevelopmentPlan, KnownPlace, Team

PURPOSE = "place of a plan"  # what the proof of a channel is for

# -------------------------------------------------------------------------------------------------------------- looking


def typed(turn: Turn, event: Event) -> Reply:
    """`team plan`: the plan of the reader's team; for who leads or is in several, which one."""
    teams = words.led_teams(turn)
    if not teams:
        return Say(words.no_team(), private=True)
    if len(teams) > 1:
        return Say(words.which_team(teams, asked_in(turn, event, PURPOSE)), private=True)
    return _opened(turn, event, teams[0])


def open_(turn: Turn, event: Event) -> Reply:
    """The plan of this team, from a button."""
    return _opened(turn, event, turn.session.get_one(Team, event.about))


def _opened(turn: Turn, event: Event, team: Team) -> Reply:
    plan = rules.plan_to_show(turn, team)
    year = turn.policy.year_of(turn.today)
    if plan is None or (plan.year < year and team.lead_id == turn.person.id):
        return Say(words.no_plan(turn, team, asked_in(turn, event, PURPOSE)), private=True)
    if team.lead_id == turn.person.id and plan.state != "ended":
        plan = team_plans.held(turn.session, plan.id)
        _placed(turn, event, plan)
    return Say(words.plan_card(turn, plan), private=True)


def see(turn: Turn, event: Event) -> Reply:
    """One plan as it stands; in place of what was there when its reader came back to it."""
    plan = turn.session.get_one(DevelopmentPlan, event.about)
    message = words.plan_card(turn, plan)
    return in_place(turn, event, message) if event.value == "back" else Say(message, private=True)


def themes(turn: Turn, event: Event) -> Reply:
    """For the coordinator: what needs of individuals are about, in the whole organisation, as counted this term."""
    since = rules.term_of(turn)
    enough = turn.policy.reviews.shown_from
    counted = released_needs.themes_of_all(turn.session, since, enough, turn.now)
    labels = [label for key in counted.themes.split(",") if (label := turn.policy.team_plans.theme(key))]
    counted_on = wording.day_and_year(counted.at.astimezone(turn.zone).date())
    again_on = wording.day_and_year(rules.next_follow_up(turn, turn.policy.year_of(turn.today)))
    return Say(words.themes(turn, sorted(labels), counted_on, again_on), private=True)


def lead_card(turn: Turn, about: int | None) -> Message | None:
    """The lead's own card as it is now; nothing once they lead the team no more."""
    plan = turn.session.get(DevelopmentPlan, about)
    return words.plan_card(turn, plan) if plan is not None and rules.leads(turn, plan) else None


def lead_card_before(turn: Turn, about: int | None) -> Message | None:
    """One line where the lead's card stood, once another has it."""
    only = text("Your team's plan is in another message of mine. Say `team plan` to see it here.")
    return Message(only.plain(), (only,), team_plans.LEAD_BEFORE, about)


# ------------------------------------------------------------------------------------------------------------ beginning


def begin(turn: Turn, event: Event) -> Reply:
    """A draft for this year, or towards its end for the next; what individuals need is counted now, once."""
    team = turn.session.get_one(Team, event.about)
    year = rules.year_to_begin(turn, team.id)
    if year is None:  # begun already, on another screen
        return _opened(turn, event, team)
    counted = released_needs.themes_of_team(turn.session, team, turn.policy.reviews.shown_from)
    plan = team_plans.begun(turn.session, team.id, year, turn.now, by=turn.person.id, themes=counted)
    _placed(turn, event, plan)
    found = offers(turn, plan)
    if not found:
        return in_place(turn, event, words.plan_card(turn, plan, "Your draft is begun."))
    return in_place(turn, event, words.offered(turn, plan, found))


def _placed(turn: Turn, event: Event, plan: DevelopmentPlan) -> None:
    """Where the plan is proposed: where the team's review was, else where its lead says `team plan`, else where the
    last one was. The plan is held."""
    review = team_plans.latest_review(turn.session, plan.team_id)
    if plan.state == "draft":
        plan.review_id = review.id if review is not None else None
    if plan.proposed_at is not None and plan_voices.place_of(turn.session, plan) is not None:
        return
    place = turn.session.get(KnownPlace, review.place_id) if review is not None else None
    if place is not None and not place.direct and not place.unreachable:
        plan.place_id = place.id
    elif here := asked_in(turn, event, PURPOSE):
        plan.place_id = place_in(here)
    elif plan.place_id is None:
        before = team_plans.latest_before(turn.session, plan.team_id, plan.year)
        plan.place_id = before.place_id if before is not None else None


# --------------------------------------------------------------------------------------------------------------- offers


def show_offers(turn: Turn, event: Event) -> Reply:
    """What can be taken into the plan, by source."""
    plan = in_draft(turn, event.about)
    return in_place(turn, event, words.offered(turn, plan, offers(turn, plan)))


def choose(turn: Turn, event: Event) -> Reply:
    """The same, to be ticked."""
    plan = in_draft(turn, event.about)
    found = offers(turn, plan)
    if not found:
        return in_place(turn, event, words.offered(turn, plan, found))
    return OpenForm(form.choose(turn, plan, found))


def taken_up(turn: Turn, event: Event) -> Reply:
    """Put what was ticked into the plan, each with its source; what is there already is not put in twice."""
    plan = in_draft(turn, event.about)
    found = offers(turn, plan)
    wanted = form.chosen(event.answers, found)
    if len(team_plans.items(turn.session, plan.id)) + len(wanted) > rules.MOST_ITEMS:
        full = form.choose(turn, plan, found)
        problem = f"A plan holds {rules.MOST_ITEMS} items at most. Choose fewer, or remove some from the plan first."
        return FixAnswers(full.filled(event.answers), {full.fields[0].name: problem})
    for offer in wanted:
        take_up(turn, plan, offer)
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    note = "Put in. Open an item to say how, by when and who leads." if wanted else ""
    return in_place(turn, event, words.plan_card(turn, plan, note))
