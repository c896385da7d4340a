"""The code blocks of a Markdown document, indented or fenced, in order."""

import re
from dataclasses import dataclass


@dataclass
class Block:
    document: str
    line: int
    text: str

    @property
    def first(self):
        return self.text.splitlines()[0].strip()

    @property
    def is_settings(self):
        return all(re.fullmatch(r"[A-Z_]+=\S*", line) for line in self.text.splitlines())

    def __str__(self):
        return f"{self.document}:{self.line}: {self.first}"


def indentation(line):
    return len(line) - len(line.lstrip(" "))


def blocks(document, text):
    """Returns the blocks of `text`. An indented block is indented by four more than the text around it."""
    found, inside, around, after_empty = [], None, 0, True
    fence = None
    for number, line in enumerate(text.splitlines(), start=1):
        if fence is not None:
            if line.strip().startswith("```"):
                found.append(Block(document, fence[0], "\n".join(fence[1:])))
                fence = None
            else:
                fence.append(line)
            continue
        if line.strip().startswith("```"):
            fence = [number + 1]
            continue
        if not line.strip():
            if inside is not None:
                inside[1].append("")
            after_empty = True
            continue
        if line.startswith("#"):
            around, after_empty = 0, True
        indent = indentation(line)
        if inside is not None and indent >= inside[2]:
            inside[1].append(line[inside[2]:])
            after_empty = False
            continue
        if inside is not None:
            found.append(Block(document, inside[0], "\n".join(inside[1]).rstrip()))
            inside = None
        item = re.match(r"( *)(?:[-*]|\d+\.) +", line)
        if after_empty and not item and indent >= around + 4:
            inside = (number, [line[indent:]], indent)
        elif item and indent < around + 4:
            around = len(item.group(0))
        elif after_empty:
            around = indent
        after_empty = line.startswith("#")
    if inside is not None:
        found.append(Block(document, inside[0], "\n".join(inside[1]).rstrip()))
    return found


def commands(text):
    """Returns the commands of the program within sentences: `tenantry …`."""
    return re.findall(r"`(tenantry [^`\n]+)`", text)
