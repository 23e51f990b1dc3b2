"""The tree of a standard in YAML, with the line of everything in it. Nothing is made of a tag, nothing is repeated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import yaml

from storage.written import Mistake, shown

ABOUT = ("standard", "title", "version", "source")
NEEDED = ("standard", "title", "version", "areas")
KEYS = (*ABOUT, "posts", "areas")
AREA_KEYS = ("code", "title", "gloss", "statements", "areas")
STATEMENT_KEYS = ("code", "words", "gloss")


@dataclass(frozen=True)
class Branch:
    """An area with what is in it, or a statement."""

    line: int
    code: str
    words: str
    gloss: str = ""
    is_area: bool = False
    within: tuple["Branch", ...] = ()


@dataclass
class Tree:
    """What a file says about the standard, and its areas."""

    about: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    posts: tuple[str, ...] = ()
    areas: tuple[Branch, ...] = ()


def read_tree(written: str, mistakes: list[Mistake], deepest: int) -> Tree | None:
    """The tree that the file holds. What is wrong with its shape is added to `mistakes`; None when it has none."""
    try:
        if alias := next((one for one in yaml.scan(written) if isinstance(one, yaml.AliasToken)), None):
            mistakes.append(Mistake(_line(alias.start_mark), "write it out: references with * are not read"))
            return None
        node = yaml.compose(written, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        mistakes.append(Mistake(_line(where) if where else 1, f"this is not YAML: {error.problem or error.context}"))
        return None
    except (yaml.YAMLError, RecursionError):
        mistakes.append(Mistake(1, "this is not YAML that can be read: it is too deep, or holds signs that cannot be"))
        return None
    if not isinstance(node, yaml.MappingNode):
        mistakes.append(Mistake(1, "a standard begins with standard:, title: and version:, and then areas:"))
        return None
    return _Reader(mistakes, deepest).tree(node)


def _line(mark: yaml.Mark) -> int:
    return mark.line + 1


@dataclass
class _Reader:
    mistakes: list[Mistake]
    deepest: int

    def tree(self, node: yaml.MappingNode) -> Tree:
        tree = Tree()
        found = self._pairs(node, KEYS, NEEDED, "a standard")
        for name in ABOUT:
            if name in found:
                tree.about[name] = (_line(found[name].start_mark), self._words(found[name], name))
        if "posts" in found:
            tree.posts = tuple(self._words(post, "post") for post in self._list(found["posts"], "posts"))
        if "areas" in found:
            tree.areas = tuple(self._areas(found["areas"], 1))
        return tree

    def _areas(self, node: yaml.Node, depth: int) -> Iterator[Branch]:
        for one in self._list(node, "areas"):
            found = self._pairs(one, AREA_KEYS, ("code", "title"), "an area")
            within: list[Branch] = []
            if "areas" in found and depth >= self.deepest:
                self._wrong(found["areas"], f"areas are at most {self.deepest} deep")
            elif "areas" in found:
                within.extend(self._areas(found["areas"], depth + 1))
            if "statements" in found:
                within.extend(self._statements(found["statements"]))
            yield Branch(
                _line(one.start_mark), self._words(found.get("code"), "code"), self._words(found.get("title"), "title"),
                self._words(found.get("gloss"), "gloss"), is_area=True, within=tuple(within),
            )  # fmt: skip

    def _statements(self, node: yaml.Node) -> Iterator[Branch]:
        for one in self._list(node, "statements"):
            found = self._pairs(one, STATEMENT_KEYS, ("code", "words"), "a statement")
            yield Branch(
                _line(one.start_mark), self._words(found.get("code"), "code"), self._words(found.get("words"), "words"),
                self._words(found.get("gloss"), "gloss"),
            )  # fmt: skip

    def _pairs(self, node: yaml.Node, keys: Sequence[str], needed: Sequence[str], what: str) -> dict[str, yaml.Node]:
        """The named parts of `what`; a name that it does not have, or has twice, or lacks, is a mistake."""
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, f"{what} is written as {needed[0]}: … and so on, one below the other")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in keys:
                self._wrong(key, f"{what} has no {shown(name)}; it has {', '.join(keys)}")
            elif name in found:
                self._wrong(key, f"{name} is there twice")
            elif name in needed and isinstance(value, yaml.ScalarNode) and not value.value.strip():
                self._wrong(key, f"{name} is empty")
            found[name] = value
        for name in needed:
            if name not in found:
                self._wrong(node, f"{what} needs {name}:")
        return found

    def _list(self, node: yaml.Node, name: str) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self._wrong(node, f"{name} is a list, each line of it beginning with a hyphen")
        return []

    def _words(self, node: yaml.Node | None, name: str) -> str:
        """The words as they are written: 1.10 is no number, and no stays no."""
        if node is None:
            return ""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self._wrong(node, f"{name} is a few words, not a list")
        return ""

    def _wrong(self, node: yaml.Node, reason: str) -> None:
        self.mistakes.append(Mistake(_line(node.start_mark), reason))
