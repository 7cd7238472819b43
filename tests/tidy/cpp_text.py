"""What a check needs to know of C++ text, without a compiler."""

import re

TOKENS = re.compile(
    r'R"(?P<raw>[^(\s]*)\(.*?\)(?P=raw)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"
    r"|//[^\n]*|/\*.*?\*/", re.DOTALL)

PREPROCESSOR = re.compile(r"^[ ]*#(?:\\\n|[^\n])*", re.MULTILINE)

# What a brace opens that is not a function.
TYPE_OR_NAMESPACE = re.compile(
    r'(?:template\s*<.*?>\s*)*(?:requires\b.*?)?'
    r'(?:inline\s+|typedef\s+)*(?:namespace|class|struct|union|enum|extern\s*"")\b', re.DOTALL)


ACCESS = re.compile(r"\s*(?:(?:public|private|protected)\s*:\s*)*")


def code_only(text):
    """Comments and the insides of literals are blanked out; lines stay where they are."""
    def blank(match):
        token = match.group(0)
        newlines = "\n" * token.count("\n")
        return '""' + newlines if token[0] in '"R' else " " + newlines
    return TOKENS.sub(blank, text)


def functions(text):
    """(first line, number of lines) of every function, lambdas inside counted with it."""
    code = PREPROCESSOR.sub(lambda m: "\n" * m.group(0).count("\n"), code_only(text))
    found = []
    depth_inside = 0  # Of braces within a function or an initializer; 0: outside.
    head_begin = 0
    begin = None
    for match in re.finditer(r"[{};]", code):
        what, at = match.group(0), match.start()
        if what == "{" and depth_inside > 0:
            depth_inside += 1
        elif what == "{":
            head_begin = ACCESS.match(code, head_begin).end()
            head = code[head_begin:at].strip()
            if (not head or head[0] == ",") and found:
                # After a member initializer in braces: still the same constructor.
                begin = found.pop()[0]
                depth_inside = 1
            elif not TYPE_OR_NAMESPACE.match(head):
                begin = head_begin
                depth_inside = 1
        elif what == "}" and depth_inside > 0:
            depth_inside -= 1
            if depth_inside == 0 and "(" in code[begin:at].split("{")[0]:
                found.append((begin, at))
        if depth_inside == 0:
            head_begin = match.end()
    return [(code.count("\n", 0, begin) + 1, code.count("\n", begin, end) + 1)
            for begin, end in found]
