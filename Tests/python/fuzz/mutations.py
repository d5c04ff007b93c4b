"""Ways to spoil source text, JSON and frames. Everything is decided by the `random.Random` that is passed along."""

import copy
import re

TOKEN = re.compile(r'\w+|"[^"\n]*"|\s+|.', re.DOTALL)
SPLINTERS = ["(", ")", "{", "}", "[", "]", '"', '"""', "\\(", "<", ">", "?", "!", "..<", "nil", "if ", "let ", "\0", "\r",
             "\u202e", "🤯", "é", "-1", "9223372036854775807", "1e400", "0", "$0", "#", "@", "`", "in ", "struct S {", "case ",
             "while true { }", "inout ", "throw ", "try ", ".count", "[0]", "&", "%", "*", "**", "/* ", "//", "as ", "_", ";"]
VALUES = [None, True, -1, 0, 2**63, -(2**63), 1e308, "", "a" * 3000, "\0", "\ud83e", "é\u202e🤯", [], {}, [[]] * 50, {"": {}},
          "<script>", "[" * 500, {"a": [1, {"b": None}]}]


def source(text, others, chance):
    """A piece of a program with some tokens lost, moved, doubled or replaced."""
    tokens = TOKEN.findall(text)
    if not tokens:
        return chance.choice(SPLINTERS)
    start = chance.choice([0, chance.randrange(len(tokens))])
    tokens = tokens[start : start + chance.randrange(1, 400)]
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        if not tokens:
            break
        i, j = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        kind = chance.randrange(7)
        if kind == 0:
            del tokens[i]
        elif kind == 1:
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif kind == 2:
            tokens[i:i] = tokens[i:j] or [tokens[i]] * chance.randrange(1, 40)
        elif kind == 3:
            tokens.insert(i, chance.choice(SPLINTERS))
        elif kind == 4:
            tokens[i] = chance.choice(SPLINTERS)
        elif kind == 5:
            other = TOKEN.findall(chance.choice(others)) or [""]
            k = chance.randrange(len(other))
            tokens[i:i] = other[k : k + chance.randrange(1, 12)]
        else:
            tokens[i] = "".join(chr(chance.randrange(1, 0x2FF)) for _ in range(4))
    return "".join(tokens)


def json_value(value, chance):
    """The value with one part replaced, lost or doubled."""
    value = copy.deepcopy(value)
    holder, key, inner = None, None, value
    while isinstance(inner, (dict, list)) and inner and chance.random() < 0.8:
        key = chance.choice(list(inner)) if isinstance(inner, dict) else chance.randrange(len(inner))
        holder, inner = inner, inner[key]
    if holder is None:
        return copy.deepcopy(chance.choice(VALUES))
    if isinstance(holder, dict) and chance.random() < 0.3:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(chance.choice(VALUES))
    return value


def data(frame, chance):
    """The bytes with some flipped, lost or added."""
    frame = bytearray(frame)
    for _ in range(chance.choice([1, 1, 3, 20])):
        i = chance.randrange(len(frame) + 1)
        kind = chance.randrange(3)
        if kind == 0 and i < len(frame):
            frame[i] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del frame[i : i + chance.randrange(1, 30)]
        else:
            frame[i:i] = chance.randbytes(chance.choice([1, 5, 200]))
    return bytes(frame)


def frames(message, chance):
    """The message with frames lost, doubled, moved or spoilt."""
    message = list(message)
    for _ in range(chance.choice([1, 1, 2, 5])):
        if not message:
            return [b""]
        i, j = chance.randrange(len(message)), chance.randrange(len(message))
        kind = chance.randrange(4)
        if kind == 0:
            del message[i]
        elif kind == 1:
            message[i], message[j] = message[j], message[i]
        elif kind == 2:
            message[i:i] = [message[j]] * chance.choice([1, 2, 300])
        else:
            message[i] = data(message[i], chance)
    return message or [b""]
