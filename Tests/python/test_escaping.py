"""Nothing that a user, a model or a data file names becomes markup."""

import re
from html.parser import HTMLParser

MARKUP = ("text/html", "image/svg+xml", "text/markdown")
NAME = "<script>alert(1)</script>"


class Elements(HTMLParser):
    """The elements and event handlers of a page."""

    def __init__(self, page):
        super().__init__()
        self.found = set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.add(tag)
        self.found |= {name for name, _ in attributes if name.startswith("on")}


def bundles(run):
    yield from (content["data"] for kind in ("execute_result", "display_data") for content in run.of_type(kind))
    yield from (page["data"] for page in run.content.get("payload", []))


def test_hostile_names_are_shown_as_text(kernel, tmp_path):
    table = tmp_path / "hostile.csv"
    table.write_text(f"{NAME},b\n<img src=x onerror=alert(2)>,1\n</td></table>{NAME},2\n")
    cells = [
        f"struct `{NAME}`: MetaModule {{\n  let `<img src=x onerror=alert(2)>` = MetaLinear(1, 1)\n"
        "  func forward(_ x: Tensor) -> Tensor { return x }\n}\n"
        f"let m = `{NAME}`()\nm",
        "m.summary", "m?", f"`{NAME}`?",
        f"plot([1, 2, 3], title: \"{NAME}\")",
        f"plot([\"{NAME}\": [1, 2], \"b\": [2, 3]])",
        f"readCSV(\"{table}\")",
        f"MetaSequential([\"{NAME}\": MetaLinear(1, 1)]).summary",
        f"Domains([\"{NAME}\": (zeros(4, 1), zeros(4, 1))])",
        f"let d = [\"{NAME}\": 1]\nd",
        f"slider(0...3, label: \"{NAME}\")",
        f"interact([slider(0...3, label: \"{NAME}\")]) {{ _ in \"{NAME}\" }}",
    ]
    shown = 0
    for code in cells:
        run = kernel.run(code)
        assert run.content["status"] == "ok", (code, run.content)
        for bundle in bundles(run):
            for kind in MARKUP:
                if kind in bundle:
                    # What stands between backticks is code in Markdown, and shown as it is.
                    page = bundle[kind]
                    if kind == "text/markdown":
                        page = re.sub(r"^```.*?^```|`[^`\n]*`", "", page, flags=re.DOTALL | re.MULTILINE)
                    found = Elements(page).found
                    assert not found & {"script", "img", "onerror", "iframe"}, (code, kind, bundle[kind])
                    shown += 1
    assert shown >= 8


def test_an_error_names_it_in_plain_text(kernel):
    run = kernel.run(f"throw \"{NAME}\"")
    assert NAME in run.content["evalue"] and run.of_type("error")[0]["evalue"] == run.content["evalue"]
