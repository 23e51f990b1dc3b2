"""The Team Development Plan: drafted from its sources, agreed by the team in its channel, followed up each term."""

from handlers.registry import Conversation, command
from handlers.team_plans import agreeing, channel, drafting, following, form, items
from storage import team_plans

CONVERSATION = Conversation(
    name="team_plans",
    actions={
        "team_plans.typed": drafting.typed,
        "team_plans.open": drafting.open_,
        "team_plans.see": drafting.see,
        "team_plans.pick": items.pick,
        "team_plans.item": items.item,
        "team_plans.begin": drafting.begin,
        "team_plans.offers": drafting.show_offers,
        "team_plans.choose": drafting.choose,
        "team_plans.taken_up": drafting.taken_up,
        "team_plans.add": items.add,
        "team_plans.added": items.added,
        "team_plans.change": items.change,
        "team_plans.changed": items.changed,
        "team_plans.arrange": items.arrange,
        "team_plans.arranged": items.arranged,
        "team_plans.move_up": items.move_up,
        "team_plans.before_removed": items.before_removed,
        "team_plans.remove": items.removed,
        "team_plans.preview": agreeing.preview,
        "team_plans.propose": agreeing.propose,
        "team_plans.revise": agreeing.revise,
        "team_plans.before_agreed": agreeing.before_agreed,
        "team_plans.agreed": agreeing.agreed,
        "team_plans.read": drafting.see,
        "team_plans.agree": agreeing.agree,
        "team_plans.object": agreeing.object_,
        "team_plans.objected": agreeing.objected,
        "team_plans.take_back": agreeing.take_back,
        "team_plans.noted": following.noted,
        "team_plans.say_state": following.say_state,
        "team_plans.state_said": following.state_said,
        "team_plans.tell": following.tell,
        "team_plans.later": following.later,
        "team_plans.not_this_term": following.not_this_term,
        "team_plans.expected_later": following.expected_later,
        "team_plans.not_expected": following.not_expected,
        "team_plans.themes": drafting.themes,
    },
    forms=(form.ADD, form.CHANGE, form.ARRANGE, form.CHOOSE, form.OBJECT, form.STATE),
    notices={
        team_plans.LEAD: drafting.lead_card,
        team_plans.LEAD_BEFORE: drafting.lead_card_before,
        team_plans.ITEM: items.item_card,
        team_plans.PROPOSAL: channel.proposal,
        team_plans.PROPOSED_BEFORE: channel.proposed_before,
        team_plans.VOICE: channel.voice,
        team_plans.SAID_BEFORE: channel.said_before,
        team_plans.TOLD: channel.told,
        team_plans.FOLLOW_UP: following.ask,
        team_plans.EXPECTED: following.expected,
    },
    commands=(
        command(
            r"(?:(?:show|open|begin|start|see)\s+)?(?:me\s+)?(?:(?:our|my|the|a)\s+)?(?:new\s+)?"
            r"team(?:'s|’s)?\s+(?:development\s+|learning\s+)?plan[.!?]?"
            r"|(?:(?:show|open|begin|start|see)\s+)?(?:me\s+)?our\s+(?:development\s+|learning\s+)?plan[.!?]?",
            "team_plans.typed",
            "team plan",
            "what your team means to learn and do this year, and how it goes",
        ),
        command(r"needs (?:overview|numbers)", "team_plans.themes"),
    ),
    recurring=(following.owe_questions, following.owe_expectations),
)
