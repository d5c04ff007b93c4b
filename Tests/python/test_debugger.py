"""Breakpoints, stepping and looking at paused programs, over the Debug Adapter Protocol."""

import pytest

from debug_client import Debugger

CELL = """\
func square(_ x: Double) -> Double {
  let y = x * x
  return y
}
let a = 3.0
let b = square(a)
let c = b + 1
print(c)"""

MODEL = """\
struct Net: MetaModule {
  let hidden = MetaLinear(1, 4)
  let head = MetaLinear(4, 1)
  func forward(_ x: Tensor) -> Tensor {
    let h = relu(hidden(x))
    return head(h)
  }
}
seed(3)
let maml = MAML(Net(), optimizer: Adam(lr: 0.01), stepSize: 0.1, numAdaptationSteps: 2)
let tasks = Sinusoid(shots: 5, testShots: 5, seed: 1)"""


@pytest.fixture
def debugger(kernel):
    debugger = Debugger(kernel)
    debugger.start()
    return debugger


def test_the_kernel_says_that_it_has_a_debugger(kernel):
    info = kernel.ask("kernel_info_request", {}).content
    assert info["debugger"] is True and "debugger" in info["supported_features"]
    assert kernel.manager.kernel_spec.metadata["debugger"] is True


def test_a_debugger_starts_and_ends(kernel):
    debugger = Debugger(kernel)
    assert debugger.ask("debugInfo")["isStarted"] is False
    capabilities = debugger.start()
    assert capabilities["supportsConditionalBreakpoints"]
    assert [f["filter"] for f in capabilities["exceptionBreakpointFilters"]] == ["raised", "uncaught"]
    info = debugger.ask("debugInfo")
    assert info["isStarted"] and info["hashMethod"] == "Murmur2" and info["stoppedThreads"] == []
    debugger.ask("disconnect", restart=False, terminateDebuggee=False)
    assert debugger.ask("debugInfo")["isStarted"] is False


def test_requests_are_answered_with_busy_and_idle(kernel):
    result = kernel.ask("debug_request", {"type": "request", "seq": 7, "command": "debugInfo"}, "control")
    assert result.states == ["busy", "idle"]
    assert result.content["request_seq"] == 7 and result.content["command"] == "debugInfo"
    # What the evaluator answers too.
    result = kernel.ask("debug_request", {"type": "request", "seq": 8, "command": "inspectVariables"}, "control")
    assert result.states == ["busy", "idle"] and result.content["success"]


@pytest.mark.parametrize(
    "command, arguments, reason",
    [
        ("bogus", {}, "does not serve"),
        ("continue", {"threadId": 1}, "not paused"),
        ("next", {"threadId": 1}, "not paused"),
        ("scopes", {"frameId": 1}, "not paused"),
        ("scopes", {}, "frameId"),
        ("variables", {"variablesReference": 99}, "no longer there"),
        ("evaluate", {"expression": "nonsense"}, "not defined"),
        ("evaluate", {"expression": "1 +"}, ""),
        ("richInspectVariables", {"variableName": "nothing"}, "not defined"),
        ("source", {"source": {"path": "/tmp/none"}}, "no source"),
        ("setBreakpoints", {"breakpoints": []}, "source.path"),
        ("dumpCell", {}, "code"),
        ("exceptionInfo", {"threadId": 1}, "not paused on an error"),
        ("setFunctionBreakpoints", {"breakpoints": [{"condition": "true"}]}, "“name”"),
        ("setBreakpoints", {"source": {"path": "/tmp/none"}, "breakpoints": [{"line": 1e300}]}, "“line”"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(debugger, command, arguments, reason):
    assert reason in debugger.refusal(command, **arguments)
    assert debugger.kernel.run("1 + 1").result == "2"


def test_a_request_that_cannot_be_read_is_refused(kernel):
    for content in ({}, {"command": 3}, {"command": "next", "arguments": [1]}):
        assert kernel.ask("debug_request", content, "control").content["status"] == "error"
    assert kernel.run("1 + 1").result == "2"


def test_a_breakpoint_stops_a_cell_and_shows_where_it_is(debugger):
    points = debugger.break_at(CELL, 3)
    assert [(p["verified"], p["line"]) for p in points] == [(True, 3)]
    cell = debugger.kernel.execute(CELL)
    frames = debugger.stopped("breakpoint")
    assert [(f["name"], f["line"]) for f in frames] == [("square", 3), ("cell 1", 6)]
    assert frames[0]["source"]["path"] == debugger.ask("dumpCell", code=CELL)["sourcePath"]
    assert debugger.ask("debugInfo")["stoppedThreads"] == [1]
    local = debugger.scope("Locals", frames[0])
    assert {name: v["value"] for name, v in local.items()} == {"x": "3.0", "y": "9.0"}
    assert debugger.scope("Globals", frames[1])["a"]["value"] == "3.0"
    assert debugger.ask("source", source={"path": frames[0]["source"]["path"]})["content"] == CELL
    debugger.ask("continue", threadId=1)
    assert debugger.event("continued")["threadId"] == 1
    reply, printed = debugger.finished(cell)
    assert reply["status"] == "ok" and printed == "10.0\n"
    assert debugger.ask("debugInfo")["stoppedThreads"] == []


def test_breakpoints_move_to_the_next_statement(debugger):
    points = debugger.break_at("\n\nlet a = 1\n// words\n\nlet b = 2\n", 1, 4, 7)
    assert [(p["verified"], p["line"]) for p in points] == [(True, 3), (True, 6), (False, 7)]
    assert "no statement" in points[2]["message"]
    info = debugger.ask("debugInfo")["breakpoints"]
    assert [[b["line"] for b in entry["breakpoints"]] for entry in info] == [[3, 6]]
    unknown = debugger.ask("setBreakpoints", breakpoints=[{"line": 1}], source={"path": "/tmp/other"})["breakpoints"]
    assert not unknown[0]["verified"] and "dumpCell" in unknown[0]["message"]


def test_stepping_over_in_and_out(debugger):
    debugger.break_at(CELL, 5)
    cell = debugger.kernel.execute(CELL)
    debugger.stopped("breakpoint")

    def go(command):
        debugger.ask(command, threadId=1)
        debugger.stopped("step")
        return debugger.where()

    assert go("next") == [("cell 1", 6)]
    assert go("stepIn") == [("square", 2), ("cell 1", 6)]
    assert go("next") == [("square", 3), ("cell 1", 6)]
    assert go("stepOut") == [("cell 1", 7)]
    assert go("next") == [("cell 1", 8)]
    debugger.ask("next", threadId=1)
    assert debugger.finished(cell)[1] == "10.0\n"
    # A step does not go on in the next cell.
    assert debugger.finished(debugger.kernel.execute("print(7)"))[0]["status"] == "ok"


def test_stepping_over_a_call_does_not_stop_in_it(debugger):
    debugger.break_at(CELL, 6)
    cell = debugger.kernel.execute(CELL)
    debugger.stopped("breakpoint")
    debugger.ask("next", threadId=1)
    debugger.stopped("step")
    assert debugger.where() == [("cell 1", 7)]
    debugger.ask("continue", threadId=1)
    debugger.finished(cell)


def test_a_loop_stops_each_time_and_a_condition_chooses(debugger):
    code = "var s = 0\nfor i in 0..<4 {\n  s += i\n}\nprint(s)"
    debugger.break_at(code, 3)
    cell = debugger.kernel.execute(code)
    for i in range(4):
        frame = debugger.stopped("breakpoint")[0]
        assert debugger.scope("Locals", frame)["i"]["value"] == str(i)
        debugger.ask("continue", threadId=1)
    assert debugger.finished(cell)[1] == "6\n"
    debugger.break_at(code, 3, condition="i == 2 && s > 0")
    cell = debugger.kernel.execute(code)
    frame = debugger.stopped("breakpoint")[0]
    assert debugger.scope("Locals", frame)["i"]["value"] == "2"
    debugger.ask("continue", threadId=1)
    assert debugger.finished(cell)[1] == "6\n"


def test_a_closure_on_its_own_line_stops_and_one_on_the_line_of_its_call_does_not(debugger):
    code = "let xs = [1, 2, 3]\nlet a = xs.map { $0 * 2 }\nlet b = xs.map {\n  $0 * 3\n}\nprint(a, b)"
    debugger.break_at(code, 2, 4)
    cell = debugger.kernel.execute(code)
    assert debugger.stopped("breakpoint")[0]["line"] == 2
    for number in (1, 2, 3):
        debugger.ask("continue", threadId=1)
        frame = debugger.stopped("breakpoint")[0]
        assert (frame["name"], frame["line"]) == ("closure", 4)
        assert debugger.ask("evaluate", expression="$0 + 10", frameId=frame["id"])["result"] == str(number + 10)
    debugger.ask("continue", threadId=1)
    assert debugger.finished(cell)[1] == "[2, 4, 6] [3, 6, 9]\n"


def test_values_can_be_computed_and_changed_where_the_program_stands(debugger):
    code = "func f(_ n: Int) -> Int {\n  var total = n\n  let add = { (k: Int) in total + k }\n  total += 1\n  return add(total)\n}\nprint(f(5))"
    debugger.break_at(code, 4)
    cell = debugger.kernel.execute(code)
    frame = debugger.stopped("breakpoint")[0]
    ask = lambda text: debugger.ask("evaluate", expression=text, frameId=frame["id"])["result"]
    assert ask("n * total") == "25"
    assert ask("add(1)") == "6"
    assert ask("[total].map { $0 + n }") == "[10]"
    assert "constant" in debugger.refusal("evaluate", expression="n = 3", frameId=frame["id"])
    ask("total = 20")
    local = debugger.ask("scopes", frameId=frame["id"])["scopes"][0]["variablesReference"]
    assert debugger.ask("setVariable", variablesReference=local, name="total", value="30")["value"] == "30"
    assert "not defined" in debugger.refusal("evaluate", expression="nothing", frameId=frame["id"])
    debugger.ask("copyToGlobals", srcVariableName="n", dstVariableName="kept", srcFrameId=frame["id"])
    debugger.ask("continue", threadId=1)
    assert debugger.finished(cell)[1] == "62\n"
    assert debugger.finished(debugger.kernel.execute("print(kept)"))[1].endswith("5\n")


def test_tensors_are_summarised_and_taken_apart(debugger):
    code = "let small = Tensor([1.0, -2.0])\nlet large = linspace(-5, 5, 100)\nlet pair = (left: 1, right: [2, 3])\nprint(pair.left)"
    debugger.break_at(code, 4)
    cell = debugger.kernel.execute(code)
    frame = debugger.stopped()[0]
    shown = debugger.scope("Globals", frame)
    assert shown["small"]["value"] == "Tensor [1, -2], [2] float32"
    assert shown["large"]["value"] == "Tensor [100] float32, -5 … 5"
    # JupyterLab would show the type of others in place of their value.
    assert "type" not in shown["large"]
    parts = debugger.parts(shown["large"])
    assert (parts["min"]["value"], parts["max"]["value"], parts["shape"]["value"]) == ("-5.0", "5.0", "[100]")
    assert debugger.parts(debugger.parts(shown["pair"])["right"])["1"]["value"] == "3"
    rich = debugger.ask("richInspectVariables", variableName="small", frameId=frame["id"])
    assert "1.0" in rich["data"]["text/plain"]
    debugger.ask("continue", threadId=1)
    debugger.finished(cell)


def test_a_stop_inside_the_inner_loop_shows_the_model(debugger):
    debugger.kernel.run(MODEL)
    debugger.break_at(MODEL, 6)
    cell = debugger.kernel.execute("let adapted = maml.adapt(tasks[0])\nprint(adapted.innerLosses.count)")
    frames = debugger.stopped("breakpoint")
    assert [(f["name"], f["line"]) for f in frames][0] == ("forward", 6)
    assert frames[-1]["line"] == 1
    local = debugger.scope("Locals", frames[0])
    assert local["h"]["value"].startswith("Tensor [5, 4] float32")
    model = debugger.parts(local["self"])
    assert list(model) == ["hidden", "head"]
    assert "[4, 1] float32" in debugger.parts(model["hidden"])["weight"]["value"]
    result = debugger.ask("evaluate", expression="head(h).shape", frameId=frames[0]["id"])
    assert result["result"] == "[5, 1]"
    result = debugger.ask("evaluate", expression="hidden.weight.shape", frameId=frames[0]["id"])
    assert result["result"] == "[4, 1]"
    debugger.ask("disconnect")
    assert debugger.finished(cell)[1].endswith("2\n")


def test_training_stops_in_every_step_and_its_numbers_stay_the_same(debugger):
    train = "let h = maml.train(tasks.batches(of: 2), maxBatches: 6)\nprint(json(h.losses))"
    kernel = debugger.kernel
    kernel.run(MODEL)
    plain = kernel.run(train).text()
    kernel.run(MODEL)
    debugger.break_at(MODEL, 5)
    cell = kernel.execute(train)
    stops = 0
    while True:
        message = debugger.message(
            lambda m: m["content"].get("event") == "stopped"
            or (m["msg_type"] == "stream" and m["content"]["text"].startswith("["))
        )
        if message["msg_type"] == "stream":
            break
        stops += 1
        assert debugger.where()[0] == ("forward", 5)
        debugger.ask("evaluate", expression="x.shape", frameId=debugger.frames()[0]["id"])
        debugger.ask("continue", threadId=1)
    assert stops >= 6 * 3  # two inner steps and the outer loss
    assert debugger.finished(cell)[1].endswith(plain)


def test_errors_pause_where_they_arise(debugger):
    code = "func half(_ n: Int) -> Int {\n  return n / (n - n)\n}\nlet kept = try? half(4)\nprint(\"caught\")\nlet lost = half(6)"
    debugger.ask("setExceptionBreakpoints", filters=["uncaught"])
    cell = debugger.kernel.execute(code)
    frames = debugger.stopped("exception")
    assert [(f["name"], f["line"]) for f in frames] == [("half", 2), ("cell 1", 6)]
    assert debugger.scope("Locals", frames[0])["n"]["value"] == "6"
    assert "zero" in debugger.ask("exceptionInfo", threadId=1)["description"]
    debugger.ask("continue", threadId=1)
    assert debugger.finished(cell)[0]["status"] == "error"
    debugger.ask("setExceptionBreakpoints", filters=["raised"])
    cell = debugger.kernel.execute(code)
    for n in ("4", "6"):
        assert debugger.scope("Locals", debugger.stopped("exception")[0])["n"]["value"] == n
        debugger.ask("continue", threadId=1)
    debugger.finished(cell)


def test_an_error_is_shown_once_on_its_way_up(debugger):
    code = "func f() {\n  defer {\n    print(\"left\")\n  }\n  let x = [1][3]\n}\nfunc g() {\n  f()\n}\ng()"
    debugger.ask("setExceptionBreakpoints", filters=["raised"])
    cell = debugger.kernel.execute(code)
    assert debugger.stopped("exception")[0]["line"] == 5
    debugger.ask("continue", threadId=1)
    reply, printed = debugger.finished(cell)
    assert reply["status"] == "error" and printed == "left\n"
    assert [m["content"]["event"] for m in debugger.seen if m["msg_type"] == "debug_event"].count("stopped") == 1


def test_running_code_can_be_paused(debugger):
    cell = debugger.kernel.execute('print("running")\nvar n = 0\nwhile true {\n  n += 1\n}')
    debugger.message(lambda m: m["msg_type"] == "stream")
    debugger.ask("pause", threadId=1)
    frame = debugger.stopped("pause")[0]
    assert frame["line"] in (3, 4)
    assert int(debugger.scope("Globals", frame)["n"]["value"]) > 0
    debugger.ask("next", threadId=1)
    debugger.stopped("step")
    debugger.kernel.interrupt()
    assert debugger.finished(cell)[0]["status"] == "error"


def test_long_training_can_be_paused_between_steps(debugger):
    debugger.kernel.run("let maml = MAML(ModelMLPSinusoid(), optimizer: Adam(lr: 0.001))\nlet tasks = Sinusoid(shots: 5)")
    cell = debugger.kernel.execute('print("running")\nlet h = maml.train(tasks.batches(of: 2), maxBatches: 1000000)')
    debugger.message(lambda m: m["msg_type"] == "stream")
    debugger.ask("pause", threadId=1)
    frame = debugger.stopped("pause")[0]
    assert frame["line"] == 2
    before = debugger.ask("evaluate", expression="maml.iteration", frameId=frame["id"])["result"]
    assert int(before) >= 0
    debugger.kernel.interrupt()
    assert debugger.finished(cell)[0]["ename"] == "Interrupted"


def test_an_interrupt_ends_a_paused_cell(debugger):
    debugger.break_at(CELL, 3)
    cell = debugger.kernel.execute(CELL)
    debugger.stopped("breakpoint")
    debugger.kernel.interrupt()
    debugger.event("continued")
    reply, _ = debugger.finished(cell)
    assert reply["status"] == "error" and reply["ename"] == "Interrupted"
    debugger.ask("setBreakpoints", breakpoints=[], source={"path": debugger.ask("dumpCell", code=CELL)["sourcePath"]})
    assert debugger.finished(debugger.kernel.execute("print(a)"))[1] == "3.0\n"


def test_a_kernel_ends_while_a_cell_is_paused(debugger):
    debugger.break_at(CELL, 3)
    debugger.kernel.execute(CELL)
    debugger.stopped("breakpoint")
    debugger.kernel.client.shutdown()
    assert debugger.kernel.process.wait(timeout=10) == 0


def test_functions_can_be_broken_at_by_name(debugger):
    debugger.ask("setFunctionBreakpoints", breakpoints=[{"name": "square"}])
    cell = debugger.kernel.execute(CELL)
    assert debugger.stopped("breakpoint")[0]["line"] == 2
    debugger.ask("continue", threadId=1)
    debugger.finished(cell)


def test_variables_are_shown_between_cells_and_while_one_runs(debugger):
    kernel = debugger.kernel
    kernel.run("let t = ones(2, 2)\nlet words = [\"a\": 1]")
    shown = {v["name"]: v for v in debugger.ask("inspectVariables")["variables"]}
    assert shown["t"]["value"] == "Tensor [1, 1, 1, 1], [2, 2] float32"
    assert debugger.parts(shown["words"])["a"]["value"] == "1"
    assert "[1, 1]" in debugger.ask("richInspectVariables", variableName="t")["data"]["text/plain"].replace("1.0", "1")
    assert debugger.ask("evaluate", expression="words.count")["result"] == "1"
    loop = kernel.start_loop()
    assert "t" in {v["name"] for v in debugger.ask("inspectVariables")["variables"]}
    kernel.interrupt()
    kernel.until_idle(loop)


def test_cells_run_at_full_speed_again_after_the_debugger_has_gone(debugger):
    debugger.break_at(CELL, 3)
    debugger.ask("disconnect")
    cell = debugger.kernel.execute(CELL)
    assert debugger.finished(cell)[1] == "10.0\n"
    assert not [m for m in debugger.seen if m["msg_type"] == "debug_event" and m["content"]["event"] == "stopped"]


HUGE = 2**63 - 1
NUMBERS = [HUGE, -HUGE - 1, -1, 0]


def test_numbers_without_bounds_are_refused_or_cut(debugger):
    for line in NUMBERS:
        assert debugger.break_at(CELL, line)[0]["verified"] is (line <= 8)
    debugger.break_at(CELL, 3)
    cell = debugger.kernel.execute(CELL)
    frame = debugger.stopped("breakpoint")[0]
    for number in NUMBERS:
        assert "no frame" in debugger.refusal("scopes", frameId=number)
        assert "no frame" in debugger.refusal("evaluate", expression="x", frameId=number)
        assert "no longer there" in debugger.refusal("variables", variablesReference=number)
        shown = debugger.ask("stackTrace", threadId=1, startFrame=number, levels=HUGE)["stackFrames"]
        assert len(shown) == (0 if number == HUGE else 2)
        local = debugger.ask("scopes", frameId=frame["id"])["scopes"][0]["variablesReference"]
        shown = debugger.ask("variables", variablesReference=local, start=number, count=number)["variables"]
        assert len(shown) == (0 if number == HUGE else 2)
    debugger.ask("continue", threadId=1)
    assert debugger.finished(cell)[1] == "10.0\n"


def test_what_closures_share_is_shared_with_what_is_evaluated(debugger):
    code = "func f() -> Int {\n  var n = 0\n  let inc = { n += 1 }\n  inc()\n  return n\n}\nprint(f())"
    debugger.break_at(code, 5)
    cell = debugger.kernel.execute(code)
    frame = debugger.stopped("breakpoint")[0]
    debugger.ask("evaluate", expression="inc()", frameId=frame["id"])
    assert debugger.ask("evaluate", expression="n", frameId=frame["id"])["result"] == "2"
    assert debugger.ask("evaluate", expression="n += 10; inc(); n", frameId=frame["id"])["result"] == "13"
    debugger.ask("continue", threadId=1)
    assert debugger.finished(cell)[1] == "13\n"


def test_each_event_and_response_has_a_number_of_its_own(debugger):
    debugger.break_at(CELL, 3)
    cell = debugger.kernel.execute(CELL)
    debugger.stopped("breakpoint")
    last = debugger.response(debugger.send("continue", threadId=1))["seq"]
    debugger.finished(cell)
    events = [m["content"]["seq"] for m in debugger.seen if m["msg_type"] == "debug_event"]
    assert len(events) == 3 and 0 < events[0] < events[1] < last and events[1] < events[2] != last


def test_only_names_are_given_to_the_session_and_to_expressions(debugger):
    code = "let pair = [1, 2]\nprint(pair)"
    debugger.break_at(code, 2)
    cell = debugger.kernel.execute(code)
    frame = debugger.stopped("breakpoint")[0]
    for name in ("", "1 x", "a.b"):
        assert "not a name" in debugger.refusal(
            "copyToGlobals", srcVariableName="pair", dstVariableName=name, srcFrameId=frame["id"]
        )
    pair = debugger.scope("Globals", frame)["pair"]
    assert pair["evaluateName"] == "pair"
    assert all("evaluateName" not in part for part in debugger.parts(pair).values())
    debugger.ask("continue", threadId=1)
    debugger.finished(cell)


def test_input_can_be_asked_for_where_a_program_is_paused(debugger):
    code = "print(1)\nprint(2)"
    debugger.break_at(code, 2)
    client = debugger.kernel.client
    cell = client.execute(code, allow_stdin=True)
    frame = debugger.stopped("breakpoint")[0]
    question = debugger.send("evaluate", expression="readLine()", frameId=frame["id"])
    client.get_stdin_msg(timeout=20)
    client.input("blue")
    assert debugger.response(question)["body"]["result"] == '"blue"'
    debugger.ask("continue", threadId=1)
    assert debugger.finished(cell)[1] == "1\n2\n"


def test_an_interrupt_ends_what_waits_for_input_in_a_paused_program(debugger):
    code = "print(1)\nprint(2)"
    debugger.break_at(code, 2)
    client = debugger.kernel.client
    cell = client.execute(code, allow_stdin=True)
    frame = debugger.stopped("breakpoint")[0]
    question = debugger.send("evaluate", expression="readLine()", frameId=frame["id"])
    client.get_stdin_msg(timeout=20)
    interrupt = debugger.kernel.send("interrupt_request", {}, "control")
    replies = {}
    while len(replies) < 2:
        message = client.get_control_msg(timeout=20)
        replies[message["parent_header"]["msg_id"]] = message["content"]
    assert replies[interrupt]["status"] == "ok" and not replies[question]["success"]
    assert debugger.finished(cell)[0]["ename"] == "Interrupted"
    assert debugger.kernel.run("1 + 1").result == "2"


def test_a_reloaded_page_finds_the_paused_program_again(debugger):
    debugger.break_at(CELL, 3)
    cell = debugger.kernel.execute(CELL)
    debugger.stopped("breakpoint")
    other = Debugger(debugger.kernel)
    info = other.ask("debugInfo")
    assert info["isStarted"] and info["stoppedThreads"] == [1] and info["breakpoints"][0]["breakpoints"][0]["line"] == 3
    assert other.where() == [("square", 3), ("cell 1", 6)]
    other.ask("continue", threadId=1)
    assert "not paused" in debugger.refusal("continue", threadId=1)
    assert debugger.finished(cell)[1] == "10.0\n"
