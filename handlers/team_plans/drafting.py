"""Beginning a team's plan and working on it: what is offered and taken up, added, changed, put in order, removed."""

from dataclasses import replace

from bot import wording
from bot.chat import Event, FixAnswers, Message, OpenForm, Reply, Say
from bot.errors import NotYours
from handlers.replying import in_place
from handlers.team_plans import form, rules, words
from handlers.team_plans.offers import offers, take_up
from handlers.turn import Turn
from storage import released_needs, team_plans
from storage.models import DevelopmentPlan, KnownPlace, PlanItem, Team

# -------------------------------------------------------------------------------------------------------------- looking


def typed(turn: Turn, event: Event) -> Reply:
    """`team plan`: the plan of the reader's team; for who leads several, which one."""
    teams = words.led_teams(turn)
    if not teams:
        return Say(words.no_team(), private=True)
    if len(teams) > 1 and len([team for team in teams if team.lead_id == turn.person.id]) != 1:
        return Say(words.which_team(teams), private=True)
    led = next((team for team in teams if team.lead_id == turn.person.id), teams[0])
    return _opened(turn, event, led)


def open_(turn: Turn, event: Event) -> Reply:
    """The plan of this team, from a button."""
    return _opened(turn, event, turn.session.get_one(Team, event.about))


def _opened(turn: Turn, event: Event, team: Team) -> Reply:
    plan = rules.plan_to_show(turn, team)
    year = turn.policy.year_of(turn.today)
    if plan is None or (plan.year < year and team.lead_id == turn.person.id):
        return Say(words.no_plan(turn, team, _here(turn, event)), private=True)
    if team.lead_id == turn.person.id and plan.state != "ended":
        plan = team_plans.held(turn.session, plan.id)
        _placed(turn, event, plan)
    return Say(words.plan_card(turn, plan), private=True)


def see(turn: Turn, event: Event) -> Reply:
    """One plan as it stands; in place of what was there when its reader came back to it."""
    plan = turn.session.get_one(DevelopmentPlan, event.about)
    message = words.plan_card(turn, plan)
    return in_place(turn, event, message) if event.value == "back" else Say(message, private=True)


def item(turn: Turn, event: Event) -> Reply:
    """One item."""
    found = turn.session.get_one(PlanItem, event.about)
    return in_place(turn, event, words.item_card(turn, _shown(turn, found)))


def pick(turn: Turn, event: Event) -> Reply:
    """One item, chosen from the list of its plan."""
    number = int(event.value) if event.value.isdecimal() and len(event.value) < 10 else 0
    found = turn.session.get(PlanItem, number)
    if found is None or found.plan_id != event.about:
        raise NotYours
    return in_place(turn, event, words.item_card(turn, _shown(turn, found)))


def _shown(turn: Turn, found: PlanItem) -> PlanItem:
    """The item, if the reader may see its plan as it is: a draft is its lead's alone."""
    plan = turn.session.get_one(DevelopmentPlan, found.plan_id)
    team = turn.session.get_one(Team, plan.team_id)
    if plan.state == "draft" and team.lead_id != turn.person.id:
        raise NotYours
    return found


def themes(turn: Turn, event: Event) -> Reply:
    """For the coordinator: what needs of individuals are about, in the whole organisation, as counted this term."""
    since = rules.term_of(turn)
    enough = turn.policy.reviews.shown_from
    counted = released_needs.themes_of_all(turn.session, since, enough, turn.now)
    labels = [label for key in counted.themes.split(",") if (label := turn.policy.team_plans.theme(key))]
    counted_on = wording.day_and_year(counted.at.astimezone(turn.zone).date())
    again_on = wording.day_and_year(rules.next_term(turn))
    return Say(words.themes(turn, sorted(labels), counted_on, again_on), private=True)


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
    if plan.proposed_at is not None and team_plans.place_of(turn.session, plan) is not None:
        return
    place = turn.session.get(KnownPlace, review.place_id) if review is not None else None
    if place is not None and not place.direct and not place.unreachable:
        plan.place_id = place.id
    elif here := _here(turn, event):
        plan.place_id = int(here.partition(".")[0])
    elif plan.place_id is None:
        before = team_plans.latest_before(turn.session, plan.team_id, plan.year)
        plan.place_id = before.place_id if before is not None else None


def _here(turn: Turn, event: Event) -> str:
    """The channel in which this was said, with a proof that it was: the button may be tapped elsewhere.

    Without the proof somebody could have a plan posted into any conversation by sending its number.
    """
    place_id, _, proof = event.value.partition(".")
    if proof and turn.keyring.is_mark(proof, "place of a plan", place_id, turn.person.id):
        return event.value
    if event.place.direct or turn.place_id is None:
        return ""
    return f"{turn.place_id}.{turn.keyring.mark('place of a plan', turn.place_id, turn.person.id)}"


# --------------------------------------------------------------------------------------------------------------- offers


def show_offers(turn: Turn, event: Event) -> Reply:
    """What can be taken into the plan, by source."""
    plan = _draft(turn, event.about)
    return in_place(turn, event, words.offered(turn, plan, offers(turn, plan)))


def choose(turn: Turn, event: Event) -> Reply:
    """The same, to be ticked."""
    plan = _draft(turn, event.about)
    found = offers(turn, plan)
    if not found:
        return in_place(turn, event, words.offered(turn, plan, found))
    return OpenForm(form.choose(turn, plan, found))


def taken_up(turn: Turn, event: Event) -> Reply:
    """Put what was ticked into the plan, each with its source; what is there already is not put in twice."""
    plan = _draft(turn, event.about)
    found = offers(turn, plan)
    wanted = form.chosen(event.answers, found)
    if len(team_plans.items(turn.session, plan.id)) + len(wanted) > rules.MOST_ITEMS:
        full = form.choose(turn, plan, found)
        problem = f"A plan holds {rules.MOST_ITEMS} items at most. Choose fewer, or remove some from the plan first."
        return FixAnswers(full.filled(event.answers), {full.fields[0].name: problem})
    for offer in wanted:
        take_up(turn, plan, offer)
    team_plans.show_afresh(turn.session, plan.id, turn.now)
    note = "Put in. Open an item to say how, by when and who leads." if wanted else ""
    return in_place(turn, event, words.plan_card(turn, plan, note))


# ---------------------------------------------------------------------------------------------------------------- items


def add(turn: Turn, event: Event) -> Reply:
    """The empty form."""
    plan = _draft(turn, event.about)
    _room_in(turn, plan)
    return OpenForm(replace(form.with_choices(turn, form.ADD, plan), about=plan.id))


def added(turn: Turn, event: Event) -> Reply:
    """Put it into the plan, as what the team itself says."""
    plan = _draft(turn, event.about)
    _room_in(turn, plan)
    read = form.read_item(turn, plan, event.answers)
    if not isinstance(read, form.Read):
        again = replace(form.with_choices(turn, form.ADD, plan), about=plan.id)
        return FixAnswers(again.filled(event.answers), read)
    fresh = PlanItem(plan_id=plan.id, source="team", need=b"", made_at=turn.now)
    _write(turn, fresh, read)
    team_plans.add(turn.session, plan, fresh)
    team_plans.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan, "Put in."))


def change(turn: Turn, event: Event) -> Reply:
    """The item, to be changed."""
    plan, found = _in_draft(turn, event)
    return OpenForm(form.filled(turn, form.with_choices(turn, form.CHANGE, plan), found))


def changed(turn: Turn, event: Event) -> Reply:
    """Keep the changed item; where it was changed in the meantime, ask first."""
    plan, found = _in_draft(turn, event)
    now = form.filled(turn, form.with_choices(turn, form.CHANGE, plan), found)
    if event.value != now.value:
        return FixAnswers(now.filled(event.answers), {"need": form.SEVERAL_AT_ONCE})
    read = form.read_item(turn, plan, event.answers, found)
    if not isinstance(read, form.Read):
        return FixAnswers(now.filled(event.answers), read)
    _write(turn, found, read)
    found.changed_at = turn.now
    plan.version += 1
    team_plans.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.item_card(turn, found, "Changed."))


def arrange(turn: Turn, event: Event) -> Reply:
    """Who leads an item of an agreed plan, by when, and what it costs, to be changed."""
    plan, found = _in_plan(turn, event)
    return OpenForm(form.filled(turn, form.with_choices(turn, form.ARRANGE, plan), found))


def arranged(turn: Turn, event: Event) -> Reply:
    """Keep that: what the team agreed to stays as it is."""
    plan, found = _in_plan(turn, event)
    now = form.filled(turn, form.with_choices(turn, form.ARRANGE, plan), found)
    if event.value != now.value:
        return FixAnswers(now.filled(event.answers), {"due": form.SEVERAL_AT_ONCE})
    read = form.read_arranged(turn, plan, event.answers, found)
    if isinstance(read, dict):
        return FixAnswers(now.filled(event.answers), read)
    found.due_on, found.leads_id, found.cost = read
    found.changed_at = turn.now
    team_plans.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.item_card(turn, found, "Changed."))


def move_up(turn: Turn, event: Event) -> Reply:
    """One place up."""
    plan, found = _in_draft(turn, event)
    team_plans.move_up(turn.session, plan, found)
    team_plans.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan))


def before_removed(turn: Turn, event: Event) -> Reply:
    """Ask before an item goes."""
    _, found = _in_draft(turn, event)
    return in_place(turn, event, words.before_removed(turn, found))


def removed(turn: Turn, event: Event) -> Reply:
    """It goes; what came from a source is offered again."""
    plan, found = _in_draft(turn, event)
    team_plans.remove(turn.session, plan, found)
    team_plans.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan, "Removed."))


def _write(turn: Turn, item: PlanItem, read: form.Read) -> None:
    seal = turn.keyring.seal_for_organisation
    item.need = seal(read.words["need"])
    for name in ("who_for", "how_words", "criteria"):
        setattr(item, name, seal(read.words[name]) if read.words[name] else None)
    item.how, item.due_on, item.leads_id = read.how, read.due_on, read.leads_id
    item.cost, item.theme = read.cost, read.theme


def _draft(turn: Turn, plan_id: int | None) -> DevelopmentPlan:
    """The plan, held, while it is a draft: what the team has before it stays as it is."""
    plan = team_plans.held(turn.session, plan_id)
    if plan.state != "draft":
        raise words.NotADraft
    return plan


def _in_draft(turn: Turn, event: Event) -> tuple[DevelopmentPlan, PlanItem]:
    return _in_plan(turn, event, state="draft")


def _in_plan(turn: Turn, event: Event, state: str = "agreed") -> tuple[DevelopmentPlan, PlanItem]:
    """The item with its plan, which is held: two screens change it one after the other."""
    plan = team_plans.held(turn.session, turn.session.get_one(PlanItem, event.about).plan_id)
    if plan.state != state:
        raise words.not_now(plan) if state == "agreed" else words.NotADraft
    found = turn.session.get(PlanItem, event.about, populate_existing=True)
    if found is None:
        raise NotYours
    return plan, found


def _room_in(turn: Turn, plan: DevelopmentPlan) -> None:
    if len(team_plans.items(turn.session, plan.id)) >= rules.MOST_ITEMS:
        raise words.Full


# ---------------------------------------------------------------------------------------------------------------- cards


def lead_card(turn: Turn, about: int | None) -> Message | None:
    """The lead's own card as it is now; nothing once they lead the team no more."""
    plan = turn.session.get(DevelopmentPlan, about)
    team = turn.session.get_one(Team, plan.team_id) if plan is not None else None
    if plan is None or team is None or team.lead_id != turn.person.id:
        return None
    return words.plan_card(turn, plan)


def item_card(turn: Turn, about: int | None) -> Message | None:
    """One item as it is now, for somebody of its team."""
    found = turn.session.get(PlanItem, about)
    plan = turn.session.get(DevelopmentPlan, found.plan_id) if found is not None else None
    team = turn.session.get_one(Team, plan.team_id) if plan is not None else None
    if found is None or plan is None or team is None:
        return None
    leads = team.lead_id == turn.person.id
    if not leads and (turn.person.team_id != team.id or plan.state == "draft"):
        return None
    return words.item_card(turn, found)
