"""The words for times: names, numbers, and the spellings people really type."""

import re
from functools import lru_cache

WEEKDAYS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "monday mon",
            "tuesday tues tue",
            "wednesday weds wed",
            "thursday thurs thur thu",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}
MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_NUMBERS_IN_ORDER = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_ORDINALS_IN_ORDER = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth
"""
_ONES, _ORDINAL_ONES = _NUMBERS_IN_ORDER.split(), _ORDINALS_IN_ORDER.split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
NUMBERS: dict[str, int] = {
    **{word: value for value, word in enumerate(_ONES)},
    **_TENS,
    **{f"{tens} {_ONES[one]}": value + one for tens, value in _TENS.items() for one in range(1, 10)},
}
ORDINALS: dict[str, int] = {
    **{word: value for value, word in enumerate(_ORDINAL_ONES, start=1)},
    "twentieth": 20,
    **{f"twenty {_ORDINAL_ONES[one - 1]}": 20 + one for one in range(1, 10)},
    "thirtieth": 30,
    "thirty first": 31,
}

# Short forms and common slips, each with one meaning. Longer names are mended by `_usual` when they are nearly right.
_SPELLINGS = """
    tomorrow: tmrw tmr tmro tmmrw tmrow tmoz tomoz tomo tmoro tomoro 2moro 2morro 2morrow 2mrw morrow tomorow tommorow
    tomorrow: tomorrows
    tonight: tonite 2nite tonigt 2night
    today: todays 2day tday todya
    wed: wedn wednes
    thu: thr thrs thurday
    midnight: midnite
    noon: midday mid-day noonday
    morning: mornin mroning moring mornng
    march: marhc mrach
    april: apirl arpil aprl
    fortnight: fornight fortnite fortnigt 4tnight
    next: nxt
    afternoon: afternon aftrnoon arvo
    evening: evenin
    hours: hr hrs hour
    minutes: min mins minute
    weeks: wk wks
    weekend: wkend
    before: b4
    right now: rightnow
    until: untill untl
"""
SPELLINGS: dict[str, str] = {
    slip: usual.strip()
    for usual, slips in (line.split(":") for line in _SPELLINGS.strip().splitlines())
    for slip in slips.split()
}
_TIME_WORDS = "tomorrow morning afternoon evening tonight minutes fortnight quarter between before midday"
_LONG_NAMES = tuple(
    name
    for name in (
        *WEEKDAYS,
        *MONTHS,
        *NUMBERS,
        *ORDINALS,
        *_TIME_WORDS.split(),
    )
    if len(name) >= 6 and " " not in name and name != "second"
)
_OTHER_WORDS = """
    forth thirsty fourths mouths moths sixties nineties fifties forties
    mourning moaning mornings evenings eventing minuted quartet quarters quarterly fortnightly fortnights tonights
    sundae sundry sunder sundial augusta fries friary monastery thrusts remember marched tomatoes mondial
    mondays tuesdays wednesdays thursdays fridays saturdays sundays afternoons
"""
_REAL_WORDS = frozenset(
    (*_OTHER_WORDS.split(), *WEEKDAYS, *MONTHS, *NUMBERS, *ORDINALS)
)  # close to a name, and not a slip for it
_ODD = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys('\u00a0\u2007\u2009\u202f\t\r\v\f\x00*_~"“”', " "),
        "\n": ";",
        "…": ".",
    }
)
_MEANT = "£€½¼¾"  # beyond ASCII, and neither letter nor figure, but part of what is said
_WORD = re.compile(
    r"2(?:moro|morro|morrow|mrw|day|nite|night)(?![a-z])"
    r"|(?<![a-z0-9])b4(?=\s(?:mon|tue|wed|thu|fri|sat|sun|the|next|last|lunch|noon|yest|half|quarter|[0-9]))|[a-z]+(?:-day)?"
)


def plain(text: str) -> tuple[str, list[int]]:
    """The text in lower case with usual spellings, and for each of its characters where it stood in `text`.

    White space is one blank, a new line a semicolon; quotation marks, emphasis and emoji are blanks.
    """
    lowered, places = _without_ornament(text)
    pieces: list[str] = []
    origin: list[int] = []
    at = 0
    for word in _WORD.finditer(lowered):
        usual = _usual(word[0])
        if usual == word[0]:
            continue
        pieces.append(lowered[at : word.start()])
        origin.extend(places[at : word.start()])
        pieces.append(usual)
        last = word.end() - 1
        origin.extend(places[min(word.start() + step, last)] for step in range(len(usual) - 1))
        origin.append(places[last])
        at = word.end()
    pieces.append(lowered[at:])
    origin.extend(places[at:])
    return "".join(pieces), origin


def _without_ornament(text: str) -> tuple[str, list[int]]:
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        low = char.lower().translate(_ODD)
        low = " " if len(low) != 1 or (low > "~" and low not in _MEANT and not low.isalnum()) else low
        if low == " " and chars and chars[-1] in " ;":
            continue
        if low == ";" and char != low and chars and chars[-1] == " ":
            chars.pop()
            places.pop()
        chars.append(low)
        places.append(place)
    return "".join(chars), places


@lru_cache(maxsize=4096)
def _usual(word: str) -> str:
    if word in SPELLINGS:
        return SPELLINGS[word]
    if not 5 <= len(word) <= 11 or word in _REAL_WORDS or word.endswith("ish"):
        return word
    near = {name: slips for name in _LONG_NAMES if word[0] == name[0] and (slips := _near(word, name)) is not None}
    if not near:
        return word
    nearest = [name for name, slips in near.items() if slips == min(near.values())]
    if all(name in WEEKDAYS for name in nearest):
        return "/".join(nearest)  # "tursday" is Tuesday or Thursday: both are offered
    return nearest[0] if len(nearest) == 1 else word


def _near(word: str, name: str) -> int | None:
    """The slips between a word and a name, where they are few enough for the one to be meant for the other."""
    few = 2 if len(name) >= 8 else 1
    if abs(len(word) - len(name)) > few:
        return None
    slips = _slips(word, name)
    return slips if slips <= few else None


def _slips(one: str, other: str) -> int:
    """How many letters are added, missing, wrong or swapped between two words (Damerau-Levenshtein distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def number(word: str) -> int:
    """The value of digits or a number word, ordinal or not: "3", "3rd", "twenty-two", "second". KeyError otherwise."""
    word = re.sub(r"[\s-]+", " ", word.strip())
    digits = re.match(r"[0-9]+", word)
    if digits:
        return int(digits[0])
    return NUMBERS[word] if word in NUMBERS else ORDINALS[word]
