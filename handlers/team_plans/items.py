"""The items of a team's plan: looked at, added, changed, put in order, removed; and who leads one that is agreed."""

from dataclasses import replace

from bot.chat import Event, FixAnswers, Message, OpenForm, Reply
from bot.errors import NotYours
from handlers.replying import in_place
from handlers.team_plans import form, item_words, rules, words
from handlers.turn import Turn
from storage import plan_voices, team_plans
from storage.models import DevelopmentPlan, PlanItem


def in_draft(turn: Turn, plan_id: int | None) -> DevelopmentPlan:
    """The plan, held, while it is a draft: what the team has before it stays as it is."""
    plan = team_plans.held(turn.session, plan_id)
    if plan.state != "draft":
        raise words.NotADraft
    return plan


# -------------------------------------------------------------------------------------------------------------- looking


def item(turn: Turn, event: Event) -> Reply:
    """One item."""
    found = turn.session.get_one(PlanItem, event.about)
    if not _may_see(turn, found):
        raise NotYours
    return in_place(turn, event, item_words.item_card(turn, found))


def pick(turn: Turn, event: Event) -> Reply:
    """One item, chosen from the list of its plan."""
    found = turn.session.get(PlanItem, event.number or 0)
    if found is None or found.plan_id != event.about or not _may_see(turn, found):
        raise NotYours
    return in_place(turn, event, item_words.item_card(turn, found))


def _may_see(turn: Turn, found: PlanItem) -> bool:
    """Whether the reader may see the item's plan as it is: a draft is its lead's alone."""
    plan = turn.session.get_one(DevelopmentPlan, found.plan_id)
    return rules.leads(turn, plan) or (plan.team_id == turn.person.team_id and plan.state != "draft")


def item_card(turn: Turn, about: int | None) -> Message | None:
    """One item as it is now, for somebody of its team."""
    found = turn.session.get(PlanItem, about)
    return item_words.item_card(turn, found) if found is not None and _may_see(turn, found) else None


# ------------------------------------------------------------------------------------------------------------- changing


def add(turn: Turn, event: Event) -> Reply:
    """The empty form."""
    plan = in_draft(turn, event.about)
    _room_in(turn, plan)
    return OpenForm(replace(form.with_choices(turn, form.ADD, plan), about=plan.id))


def added(turn: Turn, event: Event) -> Reply:
    """Put it into the plan, as what the team itself says."""
    plan = in_draft(turn, event.about)
    _room_in(turn, plan)
    read = form.read_item(turn, plan, event.answers)
    if not isinstance(read, form.Read):
        again = replace(form.with_choices(turn, form.ADD, plan), about=plan.id)
        return FixAnswers(again.filled(event.answers), read)
    fresh = PlanItem(plan_id=plan.id, source="team", need=b"", made_at=turn.now)
    _write(turn, fresh, read)
    team_plans.add(turn.session, plan, fresh)
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan, "Put in."))


def change(turn: Turn, event: Event) -> Reply:
    """The item, to be changed."""
    plan, found = _item_in_draft(turn, event)
    return OpenForm(form.filled(turn, form.with_choices(turn, form.CHANGE, plan), found))


def changed(turn: Turn, event: Event) -> Reply:
    """Keep the changed item; where it was changed in the meantime, ask first."""
    plan, found = _item_in_draft(turn, event)
    now = form.filled(turn, form.with_choices(turn, form.CHANGE, plan), found)
    if event.value != now.value:
        return FixAnswers(now.filled(event.answers), {"need": form.SEVERAL_AT_ONCE})
    read = form.read_item(turn, plan, event.answers, found)
    if not isinstance(read, form.Read):
        return FixAnswers(now.filled(event.answers), read)
    _write(turn, found, read)
    found.changed_at = turn.now
    plan.version += 1
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, item_words.item_card(turn, found, "Changed."))


def arrange(turn: Turn, event: Event) -> Reply:
    """Who leads an item of an agreed plan, by when, and what it costs, to be changed."""
    plan, found = in_plan(turn, event)
    return OpenForm(form.filled(turn, form.with_choices(turn, form.ARRANGE, plan), found))


def arranged(turn: Turn, event: Event) -> Reply:
    """Keep that: what the team agreed to stays as it is."""
    plan, found = in_plan(turn, event)
    now = form.filled(turn, form.with_choices(turn, form.ARRANGE, plan), found)
    if event.value != now.value:
        return FixAnswers(now.filled(event.answers), {"due": form.SEVERAL_AT_ONCE})
    read = form.read_arranged(turn, plan, event.answers, found)
    if isinstance(read, dict):
        return FixAnswers(now.filled(event.answers), read)
    found.due_on, found.leads_id, found.cost = read
    found.changed_at = turn.now
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, item_words.item_card(turn, found, "Changed."))


def move_up(turn: Turn, event: Event) -> Reply:
    """One place up."""
    plan, found = _item_in_draft(turn, event)
    team_plans.move_up(turn.session, plan, found)
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan))


def before_removed(turn: Turn, event: Event) -> Reply:
    """Ask before an item goes."""
    _, found = _item_in_draft(turn, event)
    return in_place(turn, event, item_words.before_removed(turn, found))


def removed(turn: Turn, event: Event) -> Reply:
    """It goes; what came from a source is offered again."""
    plan, found = _item_in_draft(turn, event)
    team_plans.remove(turn.session, plan, found)
    plan_voices.show_afresh(turn.session, plan.id, turn.now)
    return in_place(turn, event, words.plan_card(turn, plan, "Removed."))


def _write(turn: Turn, item: PlanItem, read: form.Read) -> None:
    seal = turn.keyring.seal_for_organisation
    item.need = seal(read.words["need"])
    for name in ("who_for", "how_words", "criteria"):
        setattr(item, name, seal(read.words[name]) if read.words[name] else None)
    item.how, item.due_on, item.leads_id = read.how, read.due_on, read.leads_id
    item.cost, item.theme = read.cost, read.theme


def _item_in_draft(turn: Turn, event: Event) -> tuple[DevelopmentPlan, PlanItem]:
    return in_plan(turn, event, state="draft")


def in_plan(turn: Turn, event: Event, state: str = "agreed") -> tuple[DevelopmentPlan, PlanItem]:
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
