"""Widgets over comms, as ipywidgets' front end speaks to them."""

import pytest

from kernel_client import Kernel

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def kernel(kernelspec):
    with Kernel() as kernel:
        yield kernel


def models(run):
    """The states that a cell opened, by comm id."""
    opened = {}
    for message in run.messages:
        if message["msg_type"] == "comm_open":
            assert message["content"]["target_name"] == "jupyter.widget"
            assert message["metadata"] == {"version": "2.1.0"}
            opened[message["content"]["comm_id"]] = message["content"]["data"]["state"]
    return opened


def named(opened, model):
    return next(comm for comm, state in opened.items() if state["_model_name"] == model)


def tell(kernel, comm, data):
    """Sends news as the front end does; what the kernel published in answer."""
    message_id = kernel.send("comm_msg", {"comm_id": comm, "data": data})
    return kernel.until_idle(message_id)


def move(kernel, comm, **state):
    return tell(kernel, comm, {"method": "update", "state": state, "buffer_paths": []})


def news(messages, comm, method):
    return [
        m["content"]["data"]["state"] for m in messages
        if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == comm and m["content"]["data"]["method"] == method]


def test_a_slider_is_a_model_of_ipywidgets_with_its_layout_and_style(kernel):
    run = kernel.run("let rate = slider(0.001...0.5, value: 0.1, label: \"<b>rate\")\nrate")
    opened = models(run)
    slider = named(opened, "FloatSliderModel")
    state = opened[slider]
    assert (state["value"], state["min"], state["max"]) == (0.1, 0.001, 0.5)
    assert state["description"] == "<b>rate" and "description_allow_html" not in state
    for part in ("layout", "style"):
        assert state[part].removeprefix("IPY_MODEL_") in opened
    result = run.of_type("execute_result")[0]["data"]
    assert result[VIEW] == {"version_major": 2, "version_minor": 0, "model_id": slider}
    assert "0.1" in result["text/plain"]
    comms = kernel.ask("comm_info_request", {"target_name": "jupyter.widget"}).content["comms"]
    assert set(comms) == set(opened)
    assert kernel.ask("comm_info_request", {"target_name": "other"}).content["comms"] == {}


def test_both_sides_move_a_slider_and_hear_of_it(kernel):
    run = kernel.run("let rate = slider(0...10, value: 3)\nrate.onChange { print(\"now\", $0) }")
    slider = named(models(run), "IntSliderModel")
    answer = move(kernel, slider, value=7)
    assert news(answer, slider, "echo_update") == [{"value": 7}]
    assert [m["content"]["text"] for m in answer if m["msg_type"] == "stream"] == ["now 7\n"]
    assert answer[0]["content"] == {"execution_state": "busy"}
    assert kernel.run("rate.value").result == "7"
    moved = kernel.run("rate.value = 2")
    assert news(moved.messages, slider, "update") == [{"value": 2}]
    assert moved.text() == "now 2\n"
    refused = kernel.run("rate.value = 99")
    assert refused.content["status"] == "error" and "0...10" in refused.content["evalue"]
    assert news(tell(kernel, slider, {"method": "request_state"}), slider, "update")[0]["value"] == 2


def test_a_control_that_no_variable_holds_can_be_moved(kernel):
    slider = named(models(kernel.run("slider(0...10)")), "IntSliderModel")
    assert news(move(kernel, slider, value=7), slider, "echo_update") == [{"value": 7}]


def test_every_control_has_a_value_of_the_language(kernel):
    run = kernel.run("""
        let order = dropdown(["first", "second"], value: "second")
        let log = slider(0.001...1.0, log: true)
        let on = checkbox(value: true)
        let bar = progressBar(20)
        bar.value = 5
        print(order.value, log.value > 0.03, on.value, bar.value)""")
    assert run.text() == "second true true 5.0\n"
    opened = models(run)
    move(kernel, named(opened, "DropdownModel"), index=0)
    move(kernel, named(opened, "CheckboxModel"), value=False)
    assert opened[named(opened, "FloatLogSliderModel")]["min"] == -3
    assert kernel.run("(order.value, on.value)").result == '("first", false)'
    for wrong in ("slider(5...5)", "slider(0.0...1.0, log: true)", "dropdown([])", "order.value = \"third\"", "progressBar(0)"):
        assert kernel.run(wrong).content["status"] == "error"


def test_a_button_runs_its_closure_and_shows_what_goes_wrong(kernel):
    run = kernel.run('var count = 0\nbutton("<i>go") { count += 1; if count == 2 { throw "enough" }; print("pressed", count) }')
    button = named(models(run), "ButtonModel")
    click = {"method": "custom", "content": {"event": "click"}}
    assert "pressed 1\n" in [m["content"].get("text") for m in tell(kernel, button, click)]
    failed = [m["content"]["text"] for m in tell(kernel, button, click) if m["msg_type"] == "stream"]
    assert len(failed) == 1 and "enough" in failed[0]
    assert kernel.run("count").result == "2"


def test_interact_redraws_its_output_as_a_control_moves(kernel):
    run = kernel.run("""
        interact(0.0...1.0, [1, 2, 3]) { rate, count in
          print("rate", rate)
          if count == 3 { throw "no third" }
          return plot(x: [0, 1], y: [rate, rate * Double(count)])
        }""")
    assert run.content["status"] == "ok"
    opened = models(run)
    slider, choice, area = (named(opened, name) for name in ("FloatSliderModel", "DropdownModel", "OutputModel"))
    assert opened[slider]["description"] == "rate" and opened[choice]["description"] == "count"
    box = opened[named(opened, "VBoxModel")]
    assert box["children"] == [f"IPY_MODEL_{comm}" for comm in (slider, choice, area)]
    first = news(run.messages, area, "update")[-1]["outputs"]
    assert first[0] == {"output_type": "stream", "name": "stdout", "text": "rate 0.5\n"}
    assert "application/vnd.vegalite.v5+json" in first[1]["data"]
    assert run.text() == ""
    drawn = news(move(kernel, slider, value=0.25), area, "update")[-1]["outputs"]
    assert drawn[0]["text"] == "rate 0.25\n" and len(drawn) == 2
    failed = news(move(kernel, choice, index=2), area, "update")[-1]["outputs"]
    assert failed[1]["output_type"] == "error" and "no third" in failed[1]["evalue"]
    assert "application/vnd.vegalite.v5+json" in news(move(kernel, choice, index=1), area, "update")[-1]["outputs"][1]["data"]


def test_a_control_is_moved_while_a_cell_runs(kernel):
    run = kernel.run("let n = slider(0...9, value: 0)\nn.onChange { print(\"moved to\", $0) }")
    slider = named(models(run), "IntSliderModel")
    loop = kernel.execute("print(\"running\")\nwhile n.value < 5 { }\nn.value")
    kernel.next(loop, "stream")
    moved = move(kernel, slider, value=3)
    assert news(moved, slider, "echo_update") == [{"value": 3}]
    assert [m["content"]["text"] for m in moved if m["msg_type"] == "stream"] == ["moved to 3\n"]
    kernel.send("comm_msg", {"comm_id": slider, "data": {"method": "update", "state": {"value": 7}}})
    assert kernel.finish(loop).result == "7"


def test_a_cell_that_waits_comes_before_later_moves(kernel):
    slider = named(models(kernel.run("let n = slider(0...9, value: 0)")), "IntSliderModel")
    loop = kernel.execute("print(\"running\")\nwhile true { }", stop_on_error=False)
    kernel.next(loop, "stream")
    waiting = kernel.execute("n.value")
    later = kernel.send("comm_msg", {"comm_id": slider, "data": {"method": "update", "state": {"value": 3}}})
    kernel.interrupt()
    assert kernel.reply(loop)["content"]["status"] == "error"
    assert kernel.finish(waiting).result == "0"
    kernel.until_idle(later)
    assert kernel.run("n.value").result == "3"


def test_an_endless_answer_to_a_move_can_be_interrupted(kernel):
    run = kernel.run("let n = slider(0...9, value: 0)\nn.onChange { if $0 == 5 { while true { } } }")
    slider = named(models(run), "IntSliderModel")
    endless = kernel.send("comm_msg", {"comm_id": slider, "data": {"method": "update", "state": {"value": 5}}})
    kernel.next(endless, "comm_msg")
    kernel.interrupt()
    kernel.until_idle(endless)
    assert kernel.run("n.value").result == "5"


def test_a_front_end_that_comes_back_is_told_all_states(kernel):
    opened = models(kernel.run("let rate = slider(0...4)"))
    message_id = kernel.send("comm_open", {"comm_id": "control", "target_name": "jupyter.widget.control", "data": {}})
    assert "comm_close" not in [m["msg_type"] for m in kernel.until_idle(message_id)]
    answer = tell(kernel, "control", {"method": "request_states"})
    data = next(m["content"]["data"] for m in answer if m["msg_type"] == "comm_msg")
    assert data["method"] == "update_states" and set(data["states"]) == set(opened)
    slider = data["states"][named(opened, "IntSliderModel")]
    assert slider["model_name"] == "IntSliderModel" and slider["state"]["value"] == 2


def test_what_the_front_end_makes_up_changes_nothing(kernel):
    slider = named(models(kernel.run("let rate = slider(0...4)")), "IntSliderModel")
    for data in ({}, {"method": "update"}, {"method": "update", "state": 5}, {"method": "nonsense"}, {"method": "custom"},
                 {"method": "update", "state": {"evil": "<script>"}}):
        assert tell(kernel, slider, data)[-1]["content"] == {"execution_state": "idle"}
    move(kernel, slider, value="wide")
    assert kernel.run("rate.value").result == "2"
    kernel.until_idle(kernel.send("comm_close", {"comm_id": slider, "data": {}}))
    assert len(move(kernel, slider, value=1)) == 2


STEPPER = """
    let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [8], seed: 1), stepSize: 0.05)
    let s = maml.stepper(Sinusoid(shots: 5, seed: 3)[0]).step(2)
"""
PLOT = "application/vnd.vegalite.v5+json"


def test_a_stepper_has_a_slider_that_goes_through_its_steps(kernel):
    run = kernel.run(STEPPER + "s.slider(steps: 6)")
    assert run.content["status"] == "ok", run.content
    opened = models(run)
    slider, area = named(opened, "IntSliderModel"), named(opened, "OutputModel")
    state = opened[slider]
    assert (state["min"], state["max"], state["value"], state["description"]) == (0, 6, 2, "step")
    first = news(run.messages, area, "update")[-1]["outputs"]
    assert PLOT in first[0]["data"] and "after 2 steps" in first[0]["data"]["text/plain"]
    rows = first[1]["data"]["text/plain"].splitlines()
    assert len(rows) == 1 + 7 and [row.rstrip().endswith("◀") for row in rows] == [False] * 3 + [True] + [False] * 4
    moved = news(move(kernel, slider, value=5), area, "update")[-1]["outputs"]
    assert "after 5 steps" in moved[0]["data"]["text/plain"]
    assert "◀" in moved[1]["data"]["text/plain"].splitlines()[6]
    # The start lies dashed over the curve, so that both are seen where they agree.
    assert moved[0]["data"]["image/svg+xml"].count("stroke-dasharray") == 2
    # The stepper is there, and a change from there on is followed.
    assert kernel.run("s.position").result == "5"
    before = moved[1]["data"]["text/plain"].splitlines()
    kernel.run("s.to(1).edit(0, target: [4.0])")
    after = news(move(kernel, slider, value=6), area, "update")[-1]["outputs"][1]["data"]["text/plain"].splitlines()
    assert [a.split()[:2] == b.split()[:2] for a, b in zip(before[1:], after[1:])] == [True] + [False] * 6
    for wrong in ("s.slider(steps: 0)", "s.slider(steps: 99999)"):
        assert "must be 1 to 10000" in kernel.run(wrong).content["evalue"]


def test_a_range_and_a_closure_are_a_slider_over_a_stepper_as_well(kernel):
    run = kernel.run(STEPPER + "interact(0...10) { step in s.to(step).plot() }")
    opened = models(run)
    slider, area = named(opened, "IntSliderModel"), named(opened, "OutputModel")
    assert opened[slider]["description"] == "step"
    assert PLOT in news(move(kernel, slider, value=7), area, "update")[-1]["outputs"][0]["data"]
    assert kernel.run("s.position").result == "7"


def test_a_stepper_over_images_has_a_slider_with_confidences(kernel):
    run = kernel.run("""
        let tasks = Glyphs(ways: 3, shots: 1, testShots: 2, classes: 10, perClass: 4)
        let maml = MAML(MetaSequential(Flatten(), MetaLinear(784, 3, seed: 1)), stepSize: 0.1)
        maml.stepper(tasks[0]).slider(steps: 2)""")
    outputs = news(run.messages, named(models(run), "OutputModel"), "update")[-1]["outputs"]
    assert "p(right class)" in str(outputs[0]["data"][PLOT])
    assert "test (query) accuracy" in outputs[1]["data"]["text/plain"].splitlines()[0]
