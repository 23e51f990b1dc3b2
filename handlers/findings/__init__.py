"""A team makes sense of its review together: it marks what matters, and writes down what it finds."""

from handlers.findings import cards, form, grouping, marking
from handlers.registry import Conversation

CONVERSATION = Conversation(
    name="findings",
    actions={
        "findings.begin": marking.begin,
        "findings.mark": marking.mark,
        "findings.marked": marking.marked,
        "findings.end": marking.end,
        "findings.leave_out": marking.leave_out,
        "findings.again": marking.again,
        "findings.write": grouping.write,
        "findings.written": grouping.written,
        "findings.open": grouping.open_finding,
        "findings.change": grouping.change,
        "findings.changed": grouping.changed,
        "findings.apart": grouping.apart,
        "findings.taken_apart": grouping.taken_apart,
        "findings.keep": grouping.keep,
        "findings.finish": grouping.finish,
        "findings.back": grouping.back,
        "findings.rests_on": grouping.rests_on,
    },
    forms=(form.MARK, form.WRITE, form.CHANGE),
    notices={
        "findings.marking": cards.marking,
        "findings.list": cards.listed,
        "findings.desk": cards.leads_card,
    },
)
