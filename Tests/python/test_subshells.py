"""Subshells: requests served at the safe points of a cell that runs."""

import pytest

from kernel_client import execute_content

ENDLESS = "var n = 0\nprint(\"running\")\nwhile true { n += 1 }"
TRAINING = """\
seed(1)
let model = MetaSequential(MetaLinear(1, 16), ReLU(), MetaLinear(16, 1))
let maml = MAML(model, optimizer: Adam(lr: 0.001))
let tasks = Sinusoid(shots: 5).batches(of: 4)
"""


def create(kernel):
    reply = kernel.ask("create_subshell_request", {}, "control")
    assert reply.content["status"] == "ok" and reply.states == ["busy", "idle"]
    return reply.content["subshell_id"]


def send(kernel, subshell, kind, content):
    message = kernel.client.session.msg(kind, content)
    message["header"]["subshell_id"] = subshell
    kernel.client.shell_channel.send(message)
    return message["header"]["msg_id"]


def run(kernel, subshell, code, **options):
    return kernel.finish(send(kernel, subshell, "execute_request", execute_content(code, **options)))


def start(kernel, code):
    message_id = kernel.execute(code)
    kernel.next(message_id, "stream")
    return message_id


def interrupt(kernel, message_id):
    kernel.interrupt()
    kernel.until_idle(message_id)
    assert kernel.reply(message_id)["content"]["ename"] == "Interrupted"


def test_subshells_are_offered_made_listed_and_ended(kernel):
    info = kernel.ask("kernel_info_request", {}).content
    assert "kernel subshells" in info["supported_features"]
    assert kernel.ask("list_subshell_request", {}, "control").content["subshell_id"] == []
    first, second = create(kernel), create(kernel)
    assert first != second
    assert kernel.ask("list_subshell_request", {}, "control").content["subshell_id"] == [first, second]
    assert kernel.ask("delete_subshell_request", {"subshell_id": first}, "control").content == {"status": "ok"}
    assert kernel.ask("list_subshell_request", {}, "control").content["subshell_id"] == [second]
    again = kernel.ask("delete_subshell_request", {"subshell_id": first}, "control").content
    assert again["status"] == "error" and again["ename"] == "UnknownSubshell"
    gone = run(kernel, first, "1")
    assert gone.content["status"] == "error" and first in gone.content["evalue"]
    assert run(kernel, second, "1 + 1").result == "2"


def test_state_is_seen_and_changed_while_a_cell_runs(kernel):
    subshell = create(kernel)
    cell = start(kernel, "var go = true\n" + ENDLESS.replace("while true", "while go"))
    first = run(kernel, subshell, "n")
    assert first.messages[0]["parent_header"]["subshell_id"] == subshell
    assert int(run(kernel, subshell, "n").result) >= int(first.result) >= 0
    failed = run(kernel, subshell, "n.nothing")
    assert failed.content["status"] == "error"
    assert run(kernel, subshell, "print(\"here\")\ngo = false").text() == "here\n"
    kernel.until_idle(cell)
    assert kernel.reply(cell)["content"]["status"] == "ok"


def test_a_training_run_is_watched_between_its_steps_and_not_disturbed(kernel):
    subshell = create(kernel)
    assert kernel.run(TRAINING).content["status"] == "ok"
    kernel.run("maml.train(tasks, maxBatches: 2000);")
    alone = kernel.run("maml.history.losses").result
    kernel.run(TRAINING)
    start(kernel, "var go = false\nprint(\"running\")\nwhile !go { }\nmaml.train(tasks, maxBatches: 2000);")
    assert run(kernel, subshell, "let task = Sinusoid(shots: 5, seed: 3)[0]\ngo = true").content["status"] == "ok"
    seen = []
    while not seen or seen[-1] < 2000:
        watched = run(kernel, subshell, "maml.adapt(task, numAdaptationSteps: 3);\nmaml.iteration")
        seen.append(int(watched.result))
    assert seen == sorted(seen) and seen[0] < 2000
    assert kernel.run("maml.history.losses").result == alone


def test_nobody_visits_the_middle_of_a_step(kernel):
    subshell = create(kernel)
    cell = start(
        kernel, "var go = true\nvar inside = false\nprint(\"running\")\nwhile go {\n  [1].forEach { _ in\n"
        "    inside = true\n    for _ in 0..<20 { }\n    inside = false\n  }\n}")
    for _ in range(20):
        assert run(kernel, subshell, "inside").result == "false"
    run(kernel, subshell, "go = false")
    assert kernel.reply(cell)["content"]["status"] == "ok"


def test_inspection_follows_a_training_run(kernel):
    kernel.run(TRAINING)
    cell = start(kernel, "var steps = 0\nprint(\"running\")\nfor _ in maml.trainIter(tasks, maxBatches: 100000) { steps += 1 }")
    def shown():
        content = {"code": "steps", "cursor_pos": 5, "detail_level": 1}
        return kernel.ask("inspect_request", content).content["data"]["text/plain"]
    first = shown()
    while shown() == first:
        pass
    interrupt(kernel, cell)


def test_an_interrupt_ends_what_visits_and_what_is_visited(kernel):
    subshell = create(kernel)
    cell = start(kernel, ENDLESS)
    visit = send(kernel, subshell, "execute_request", execute_content("print(\"visiting\")\nwhile true { }"))
    kernel.next(visit, "stream")
    kernel.interrupt()
    for message_id in (visit, cell):
        assert kernel.reply(message_id)["content"]["ename"] == "Interrupted"
    assert run(kernel, subshell, "n >= 0").result == "true"


def test_a_failure_aborts_the_cells_of_its_own_line_only(kernel):
    subshell = create(kernel)
    cell = start(kernel, ENDLESS)
    ids = [send(kernel, subshell, "execute_request", execute_content(code)) for code in ("nothing", "2")]
    other = create(kernel)
    assert [kernel.reply(i)["content"]["ename"] for i in ids] == ["UnknownName", "Aborted"]
    assert run(kernel, other, "3").result == "3"
    waiting = kernel.execute("4")
    interrupt(kernel, cell)
    assert kernel.reply(waiting)["content"]["status"] == "error"  # its own line's cell has failed


def test_a_subshell_can_be_asked_everything_else(kernel):
    subshell = create(kernel)
    start(kernel, ENDLESS)
    completed = kernel.finish(send(kernel, subshell, "complete_request", {"code": "prin", "cursor_pos": 4}))
    assert "print" in completed.content["matches"]
    shown = kernel.finish(
        send(kernel, subshell, "inspect_request", {"code": "n", "cursor_pos": 1, "detail_level": 0}))
    assert shown.content["found"]


def test_work_that_waits_survives_an_interrupt_meant_for_the_cell_that_runs(kernel):
    subshell = create(kernel)
    # A closure called from Swift is no place for visitors.
    cell = start(kernel, "print(\"running\")\n[1].forEach { _ in while true { } }")
    waiting = send(kernel, subshell, "execute_request", execute_content("6 * 7"))
    kernel.interrupt()
    result = kernel.finish(waiting)
    assert result.result == "42"
    kernel.ask("kernel_info_request", {})
    assert kernel.run("1").content["status"] == "ok" and cell != waiting


def test_what_waits_when_the_kernel_ends_is_answered(kernel):
    subshell = create(kernel)
    start(kernel, "print(\"running\")\n[1].forEach { _ in while true { } }")
    waiting = [send(kernel, subshell, "execute_request", execute_content("6 * 7")) for _ in range(2)]
    kernel.next(waiting[0], "execute_input")
    kernel.send("shutdown_request", {"restart": False}, "control")
    for message_id in waiting:
        assert kernel.reply(message_id)["content"]["ename"] in ("Aborted", "Interrupted")
    idle = [m["parent_header"]["msg_id"] for m in kernel.drain() if m["content"].get("execution_state") == "idle"]
    assert set(waiting) <= set(idle)


def test_an_evaluation_is_visited_only_with_the_model_in_its_own_mode(kernel):
    subshell = create(kernel)
    kernel.run(TRAINING)
    start(kernel, "print(\"running\")\nvar e = maml.evaluate(tasks, maxBatches: 100000)")
    for _ in range(10):
        assert run(kernel, subshell, "model.isTraining").result == "true"
    kernel.interrupt()
