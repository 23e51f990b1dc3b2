"""The team review: a team asks itself the policy's questions, each answers privately, all see what came of it."""

from handlers.registry import Conversation, command
from handlers.reviews import answering, cards, closing, form, leading, reminding, starting

CONVERSATION = Conversation(
    name="reviews",
    actions={
        "reviews.start": starting.start,
        "reviews.start_again": starting.start_again,
        "reviews.launch": starting.launch,
        "reviews.open": answering.open_answers,
        "reviews.answer": answering.answer,
        "reviews.read": answering.read_on,
        "reviews.quiet": answering.quiet,
        "reviews.extend": leading.extend,
        "reviews.extended": leading.extended,
        "reviews.close": leading.close,
        "reviews.closed": leading.closed,
        "reviews.cancel": leading.cancel,
        "reviews.cancelled": leading.cancelled,
        "reviews.leave_open": leading.leave_open,
    },
    forms=(form.LAUNCH, form.ANSWERS, form.EXTEND),
    notices={
        starting.OFFER: starting.offered,
        "reviews.card": cards.card,
        "reviews.lead": cards.leads_card,
        "reviews.invitation": reminding.invitation,
        "reviews.half_time": reminding.half_time,
        "reviews.last_day": reminding.last_day,
        "reviews.closing": closing.closing,
        "reviews.summary": closing.summary,
        "reviews.words": closing.what_people_wrote,
    },
    commands=(
        command(
            r"(?:(?:start|open|begin|launch) )?(?:an? |the |our |my )?(?:new )?(?:team |yearly |annual )*review[.!]*",
            "reviews.start",
            "review",
            "start your team's review, in its channel, if you lead the team",
        ),
    ),
    recurring=(reminding.ask_newcomers,),
)
