"""What somebody means by a few words in answer to a question: yes, no, not now, or not at all."""

import re

_YES = re.compile(
    r"\W*(?:yes|yep|yeah|ok|okay|fine|great|perfect|sure|lovely|confirm(?:ed)?|agreed|(?:that |it )?(?:works|suits)"
    r"(?: for me)?|(?:that(?:’s|'s| is) )?fine|sounds good|we (?:did|met))(?:[\s,]+(?:please|thanks|thank you"
    r"|that works|fine|see you (?:then|there)|we (?:did|met)))*\W*",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\W*(?:no|nope|sorry|decline|(?:i )?can(?:’|')?t|(?:i )?cannot|we didn(?:’|')?t|(?:that )?does(?:n(?:’|')?t| not) "
    r"(?:work|suit)(?: for me)?)(?:[\s,]+(?:sorry|thanks|thank you|(?:i )?can(?:’|')?t|we didn(?:’|')?t))*\W*",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\W*(?:no|not now|not yet|later|(?:ask me |maybe )?later|no thanks?|no,? thank you)\W*", re.IGNORECASE
)

_CANCEL = re.compile(r"\W*(?:please )?cancel(?: (?:it|that|this))?(?:[\s,]+please)?\W*", re.IGNORECASE)


def says_yes(words: str) -> bool:
    """Whether the words are a plain yes."""
    return _YES.fullmatch(words) is not None


def says_no(words: str) -> bool:
    """Whether the words are a plain no."""
    return _NO.fullmatch(words) is not None


def says_later(words: str) -> bool:
    """Whether the words put it off."""
    return _LATER.fullmatch(words) is not None


def says_cancel(words: str) -> bool:
    """Whether the words call the whole thing off."""
    return _CANCEL.fullmatch(words) is not None
