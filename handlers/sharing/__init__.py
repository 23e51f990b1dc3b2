"""What somebody owns: shared one at a time with named people, shown to who may read it, taken back, forgotten."""

from collections.abc import Mapping

from handlers.registry import Belonging, Conversation, command
from handlers.sharing.handlers import Sharing
from handlers.sharing.reading import Reading
from handlers.sharing.words import SHARE
from storage.sharing import CARD

_THIS = r"(?:this|that|it)"


def conversation(keeps: Mapping[str, Belonging]) -> Conversation:
    """`keeps` are all kinds of record that people own, by name."""
    sharing, reading = Sharing(keeps), Reading(keeps)
    return Conversation(
        name="sharing",
        actions={
            "sharing.share": sharing.share,
            "sharing.shared": sharing.shared,
            "sharing.share_typed": sharing.share_typed,
            "sharing.send": sharing.send,
            "sharing.leave": sharing.leave,
            "sharing.take_back": sharing.take_back,
            "sharing.read": sharing.read,
            "sharing.with_me": sharing.with_me,
            "sharing.forget_typed": sharing.forget_typed,
            "sharing.before_forgetting": sharing.before_forgetting,
            "sharing.forget": sharing.forget,
            "sharing.who_read": reading.who_read,
        },
        forms=(SHARE,),
        notices={CARD: sharing.card},
        commands=(
            command(
                rf"share\s+{_THIS}\s+with\s+(?P<who>.+)", "sharing.share_typed", "share this with Ben",
                "let somebody read one thing of yours; you see it first",
            ),
            command(
                rf"(?:please\s+)?(?:forget|delete|erase)\s+{_THIS}[.! ]*", "sharing.forget_typed", "forget this",
                "forget for good what I have just shown you",
            ),
            command(
                r"who(?:\s+has|['’]s)?\s+(?:read|seen|looked at)(?:\s+(?:my|what)\b.*|\s+me)?\s*\??",
                "sharing.who_read", "who has read", "who has been shown your words",
            ),
            command(
                r"(?:what(?:['’]s|\s+is)\s+)?shared\s+with\s+me\s*\??", "sharing.with_me", "shared with me",
                "what others let you read",
            ),
            command(r"(?:what\s+(?:do|have)\s+i\s+shared?|what\s+i\s+share|my\s+shares)\s*\??", "sharing.who_read"),
        ),
        recurring=(sharing.end,),
    )  # fmt: skip
