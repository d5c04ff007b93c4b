"""What jupyter_kernel_test does not ask: order, trust, loss, interruption and the end of a kernel."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime
from queue import Empty

import psutil
import pytest
import zmq

from kernel_client import TIMEOUT, Kernel, execute_content

PROTOCOL = "5.5"


# Kernelspec and versions


def test_kernelspec_names_the_binary_absolutely_and_carries_logos(kernelspec):
    spec = json.loads((kernelspec / "kernel.json").read_text())
    assert os.path.isabs(spec["argv"][0]) and os.access(spec["argv"][0], os.X_OK)
    assert spec["argv"][1:] == ["kernel", "{connection_file}"]
    assert spec["interrupt_mode"] == "message" and spec["language"] == "innerloop"
    assert {"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"} <= {path.name for path in kernelspec.iterdir()}


def test_one_protocol_version_everywhere(kernel, kernelspec):
    info = kernel.ask("kernel_info_request", {})
    versions = {m["header"]["version"] for m in info.messages} | {info.reply["header"]["version"]}
    versions.add(info.content["protocol_version"])
    versions.add(json.loads((kernelspec / "kernel.json").read_text())["kernel_protocol_version"])
    assert versions == {PROTOCOL}
    assert info.content["language_info"]["mimetype"] == "text/x-swift"
    assert info.content["language_info"]["pygments_lexer"] == "swift"


# Order and status


def test_idle_is_the_last_message_of_a_cell(kernel):
    first = kernel.run('for i in 0..<200 { print(i) }\ndisplay("shown")\n"value"')
    assert first.states == ["busy", "idle"]
    assert [m["msg_type"] for m in first.messages][-1] == "status"
    parent = first.messages[0]["parent_header"]["msg_id"]
    second = kernel.execute("1")
    while True:  # nothing of the first cell comes after its idle
        message = kernel.client.get_iopub_msg(timeout=TIMEOUT)
        assert message["parent_header"].get("msg_id") != parent
        if message["parent_header"].get("msg_id") == second and message["content"].get("execution_state") == "idle":
            break


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_unknown_requests_get_busy_idle_and_an_error_reply(kernel, channel):
    result = kernel.ask("nonsense_request", {}, channel)
    assert result.states == ["busy", "idle"]
    assert result.reply["msg_type"] == "nonsense_reply" and result.content["status"] == "error"
    message_id = kernel.send("nonsense", {}, channel)
    assert [m["content"]["execution_state"] for m in kernel.until_idle(message_id)] == ["busy", "idle"]


def test_control_answers_kernel_info_with_status(kernel):
    result = kernel.ask("kernel_info_request", {}, "control")
    assert result.states == ["busy", "idle"] and result.content["status"] == "ok"


def test_every_message_carries_the_kernels_own_session_and_the_requests_header(kernel):
    result = kernel.run('print("a")\n1')
    ours = kernel.client.session.session
    sessions = {m["header"]["session"] for m in result.messages + [result.reply]}
    assert len(sessions) == 1 and ours not in sessions
    ids = [m["header"]["msg_id"] for m in result.messages + [result.reply]]
    assert len(ids) == len(set(ids))
    assert {m["parent_header"]["session"] for m in result.messages} == {ours}


def test_starting_is_sent_once_and_every_subscriber_is_welcomed(kernelspec):
    with Kernel(wait=False) as kernel:
        kinds = []
        while len(kinds) < 2:
            message = kernel.client.get_iopub_msg(timeout=TIMEOUT)
            assert message["parent_header"] == {}
            kinds.append(message["content"].get("execution_state", message["msg_type"]))
        assert kinds == ["iopub_welcome", "starting"]
        second = kernel.raw("iopub")
        message = kernel.decoded(second.recv_multipart())
        assert message["msg_type"] == "iopub_welcome" and message["content"] == {"subscription": ""}
        kernel.client.wait_for_ready(timeout=TIMEOUT)
        message_id = kernel.execute("1")
        while True:
            message = kernel.decoded(second.recv_multipart())
            assert message["content"].get("execution_state") != "starting"
            if message["parent_header"].get("msg_id") == message_id and message["content"].get("execution_state") == "idle":
                break


# Executing


def test_no_subscription_spoils_what_others_receive(kernel):
    evil = kernel.client.context.socket(zmq.SUB)
    kernel.sockets.append(evil)
    evil.connect(f"tcp://127.0.0.1:{kernel.manager.iopub_port}")
    evil.setsockopt(zmq.SUBSCRIBE, b"<IDS|MSG>")
    evil.setsockopt(zmq.SUBSCRIBE, b"\xff\xfe")
    evil.setsockopt(zmq.RCVTIMEO, TIMEOUT * 1000)
    assert evil.recv_multipart()[0] == b"\xff\xfe"  # so the kernel has seen both
    assert kernel.run("6 * 7").result == "42"
    assert {m["msg_type"] for m in kernel.drain()} <= {"iopub_welcome"}


def test_execution_count_rises_only_with_history(kernel):
    first = kernel.run("10")
    assert first.content["execution_count"] == 1
    silent = kernel.run("11", silent=True)
    unstored = kernel.run("12", store_history=False)
    assert unstored.of_type("execute_input")[0]["execution_count"] == unstored.content["execution_count"]
    assert unstored.of_type("execute_result")[0]["execution_count"] == unstored.content["execution_count"]
    assert silent.content["execution_count"] == 1
    last = kernel.run("13")
    counts = {last.content["execution_count"], last.of_type("execute_input")[0]["execution_count"],
              last.of_type("execute_result")[0]["execution_count"]}
    assert counts == {2}


def test_silent_sends_only_status(kernel):
    result = kernel.run('print("x")\ndisplay("y")\n7', silent=True)
    assert {m["msg_type"] for m in result.messages} == {"status"}
    assert result.content["status"] == "ok"
    failed = kernel.run("[1][5]", silent=True)
    assert {m["msg_type"] for m in failed.messages} == {"status"}
    assert failed.content["status"] == "error"


def test_user_expressions_are_evaluated_after_the_cell(kernel):
    result = kernel.run("let x = 20", user_expressions={"double": "x * 2", "wrong": "nosuchname"})
    values = result.content["user_expressions"]
    assert values["double"]["status"] == "ok" and values["double"]["data"]["text/plain"] == "40"
    assert values["wrong"]["status"] == "error" and values["wrong"]["evalue"]


def test_a_traceback_shows_the_place_the_calls_and_a_hint_in_colour(kernel):
    run = kernel.run("func outer(_ n: Int) -> Int {\n  inner(n)\n}\nfunc inner(_ n: Int) -> Int {\n  n / 0\n}\nouter(3)")
    shown = run.of_type("error")[0]["traceback"]
    assert shown == run.content["traceback"] and "\x1b[1;31merror:" in shown[0]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(shown))
    assert "cell 1:5:3: error: division of an Int by zero" in plain
    assert "  5 |   n / 0\n    |   ^~~~~" in plain
    assert "hint: " in plain
    assert plain.index("in `inner`, called at cell 1:2:3") < plain.index("in `outer`, called at cell 1:7:1")


def test_timing_metadata(kernel):
    reply = kernel.run("1").reply
    assert datetime.fromisoformat(reply["metadata"]["started"]) <= reply["header"]["date"]


def test_stop_on_error_aborts_only_queued_cells(kernel):
    failing = kernel.execute('print("ran")\n[1][5]')
    queued = [kernel.execute("let after = 1"), kernel.execute("let after = 2")]
    info = kernel.send("kernel_info_request", {})
    replies = {}
    while len(replies) < 4:
        message = kernel.client.get_shell_msg(timeout=TIMEOUT)
        replies[message["parent_header"]["msg_id"]] = message["content"]
    assert replies[info]["status"] == "ok"
    assert [replies[i]["status"] for i in (failing, *queued)] == ["error"] * 3
    assert [replies[i]["execution_count"] for i in (failing, *queued)] == [1] * 3
    after = kernel.run("after")
    assert after.content["status"] == "error"  # never defined
    assert kernel.run("1").result == "1"


def test_without_stop_on_error_later_cells_run(kernel):
    failing = kernel.execute("[1][5]", stop_on_error=False)
    later = kernel.execute("40 + 2")
    assert kernel.finish(failing).content["status"] == "error"
    assert kernel.finish(later).content["status"] == "ok"


def test_other_requests_are_answered_while_a_cell_runs(kernel):
    loop = kernel.start_loop()
    assert kernel.reply(kernel.client.kernel_info())["content"]["status"] == "ok"
    assert kernel.reply(kernel.client.complete("clearOut"))["content"]["matches"] == ["clearOutput"]
    assert kernel.reply(kernel.client.inspect("print"))["content"]["found"]
    assert kernel.reply(kernel.client.is_complete("f("))["content"]["status"] == "incomplete"
    assert kernel.reply(kernel.client.history(hist_access_type="tail", n=1))["content"]["status"] == "ok"
    kernel.manager.interrupt_kernel()
    assert kernel.finish(loop).content["status"] == "error"


def test_a_50_megabyte_cell_is_refused_and_variables_live_on(kernel):
    kernel.run("let kept = 5")
    result = kernel.run("// " + "x" * 50_000_000, timeout=60)
    assert result.content["status"] == "error" and "MB" in result.content["evalue"]
    assert result.states == ["busy", "idle"] and len(result.of_type("error")) == 1
    assert kernel.run("kept").result == "5"


# Positions


def test_cursor_positions_count_code_points(kernel):
    code = 'let s = "👩‍👩‍👧🙂é"; clearOut'
    reply = kernel.reply(kernel.client.complete(code, len(code)))["content"]
    assert reply["matches"] == ["clearOutput"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (len(code) - len("clearOut"), len(code))
    types = reply["metadata"]["_jupyter_types_experimental"]
    assert len(types) == len(reply["matches"])
    assert (types[0]["start"], types[0]["end"]) == (reply["cursor_start"], reply["cursor_end"])
    code = '"🙂" + print'
    assert kernel.reply(kernel.client.inspect(code, len(code)))["content"]["found"]
    beyond = kernel.reply(kernel.client.complete("clearOut", 4_000_000))["content"]
    assert beyond["status"] == "ok" and beyond["cursor_end"] == len("clearOut")


# Input


def test_a_line_is_read_from_the_client(kernel):
    message_id = kernel.execute('let name = readLine("name? ")\nname', allow_stdin=True)
    question = kernel.client.get_stdin_msg(timeout=TIMEOUT)
    assert question["content"] == {"prompt": "name? ", "password": False}
    assert question["parent_header"]["msg_id"] == message_id
    kernel.client.input("Ada ✓")
    result = kernel.finish(message_id)
    assert result.content["status"] == "ok" and "Ada ✓" in result.result


def test_a_password_is_asked_as_one(kernel):
    message_id = kernel.execute('let secret = readPassword("key? ")', allow_stdin=True)
    assert kernel.client.get_stdin_msg(timeout=TIMEOUT)["content"] == {"prompt": "key? ", "password": True}
    kernel.client.input("s3cret")
    result = kernel.finish(message_id)
    assert result.content["status"] == "ok" and "s3cret" not in json.dumps(result.messages, default=str)


def test_input_fails_at_once_where_it_is_not_allowed(kernel):
    result = kernel.run('readLine("name? ")', allow_stdin=False)
    assert result.content["status"] == "error"
    with pytest.raises(Empty):
        kernel.client.get_stdin_msg(timeout=0.01)


def test_input_can_be_interrupted_and_a_stale_answer_is_discarded(kernel):
    first = kernel.execute('readLine("first? ")', allow_stdin=True)
    stale = kernel.client.get_stdin_msg(timeout=TIMEOUT)
    kernel.manager.interrupt_kernel()
    assert kernel.finish(first).content["status"] == "error"
    second = kernel.execute('readLine("second? ")', allow_stdin=True)
    question = kernel.client.get_stdin_msg(timeout=TIMEOUT)
    assert question["content"]["prompt"] == "second? "
    for parent, value in ((stale, "old"), (question, "new")):
        message = kernel.client.session.msg("input_reply", {"value": value}, parent=parent["header"])
        kernel.client.stdin_channel.send(message)
    result = kernel.finish(second)
    assert "new" in result.result and "old" not in result.result


# Interrupting


def test_interrupt_message_ends_an_endless_loop_and_keeps_variables(kernel):
    loop = kernel.start_loop("var x = 41\n")
    reply = kernel.ask("interrupt_request", {}, channel="control")
    assert reply.reply["content"] == {"status": "ok"}
    assert kernel.reply(loop)["content"]["status"] == "error"
    assert kernel.run("x + 1").result == "42"


def test_sigint_interrupts_and_does_not_kill(kernel):
    loop = kernel.start_loop("var x = 41\n")
    os.kill(kernel.process.pid, signal.SIGINT)
    assert kernel.finish(loop).content["status"] == "error"
    os.kill(kernel.process.pid, signal.SIGINT)  # between cells: nothing to interrupt
    for _ in range(2):  # the control thread has met the signal before it answers the second time
        kernel.ask("kernel_info_request", {}, "control")
    assert kernel.run("x + 1").result == "42"
    assert kernel.process.poll() is None


def test_an_interrupt_between_cells_does_not_reach_the_next(kernel):
    kernel.interrupt()
    assert kernel.run("6 * 7").result == "42"


# Trust


def test_unsigned_forged_and_broken_frames_do_nothing(kernel):
    shell, control, stdin = kernel.raw("shell"), kernel.raw("control"), kernel.raw("stdin")
    frames, _ = kernel.frames("execute_request", execute_content("let forged = 1"))
    delimiter = frames.index(b"<IDS|MSG>")
    signature, signed = frames[delimiter + 1], frames[delimiter + 2:]
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    bad = [
        [b""], [b"garbage"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b""], [b"<IDS|MSG>", signature],
        [b"<IDS|MSG>", signature, *signed[:3]],
        [b"<IDS|MSG>", b"", *signed], [b"<IDS|MSG>", signature[:10], *signed], [b"<IDS|MSG>", signature + b"00", *signed],
        [b"<IDS|MSG>", flipped, *signed], [b"<IDS|MSG>", signature, *signed[:3], signed[3] + b" "],
        [b"<IDS|MSG>", signature, b"{", b"{}", b"{}", b"{}"], [os.urandom(1000)], [os.urandom(10)] * 300,
        [b"\xff\xfe" * 64], [b"<IDS|MSG>"] * 7,
    ]
    for message in bad:
        for socket in (shell, control, stdin):
            socket.send_multipart(message)
    result = kernel.run("1")
    assert result.result == "1" and result.content["execution_count"] == 1
    assert kernel.run("forged").content["status"] == "error"
    assert kernel.process.poll() is None


def test_signed_nonsense_is_answered_or_ignored(kernel):
    shell = kernel.raw("shell")
    session = kernel.client.session
    for parts in ([b"[]", b"{}", b"{}", b"{}"], [b"{}", b"{}", b"{}", b"{}"], [b"{\"msg_id\": 1}", b"{}", b"{}", b"{}"],
                  [b"[" * 100_000, b"{}", b"{}", b"{}"], [b"\xff", b"\xff", b"\xff", b"\xff"]):
        shell.send_multipart([b"<IDS|MSG>", session.sign(parts), *parts])
    for content in ({}, {"code": 7}, {"code": None, "silent": "yes"}):
        result = kernel.ask("execute_request", content)
        assert result.content["status"] == "error" and result.states == ["busy", "idle"]
    for kind in ("complete_request", "inspect_request", "is_complete_request"):
        assert kernel.ask(kind, {}).content["status"] == "error"
    assert kernel.ask("history_request", {"hist_access_type": "sideways"}).content["status"] == "error"
    assert kernel.run("1").content["execution_count"] == 1


def test_a_date_that_there_is_not_reaches_no_other_client(kernel):
    shell, session = kernel.raw("shell"), kernel.client.session
    for field in ("date", "username"):
        for date in ("2020-02-31T00:00:00Z", "2020-13-01T00:00:00", "2021-01-01T24:00:00.5+00:00", "2021-01-01T00:00:00+99:00"):
            header = {"msg_id": date + field, "msg_type": "kernel_info_request", "session": "s", "username": "u",
                      "date": "2020-01-01T00:00:00Z", "version": "5.5", field: date}
            parts = [json.dumps(p).encode() for p in (header, {}, {}, {})]
            shell.send_multipart([b"<IDS|MSG>", session.sign(parts), *parts])
    assert kernel.run("6 * 7").result == "42"  # this client reads everything that is published


def test_a_replayed_cell_runs_once(kernel):
    kernel.run("var runs = 0")
    frames, message_id = kernel.frames("execute_request", execute_content("runs += 1"))
    shell, control = kernel.raw("shell"), kernel.raw("control", b"other")
    shell.send_multipart(frames)
    kernel.until_idle(message_id)
    for socket in (shell, shell, control):
        socket.send_multipart(frames)
    # The second reply on this socket is to the request after the replays.
    info, info_id = kernel.frames("kernel_info_request", {})
    shell.send_multipart(info)
    answered = [kernel.decoded(shell.recv_multipart())["parent_header"]["msg_id"] for _ in range(2)]
    assert answered == [message_id, info_id]
    assert kernel.run("runs").result == "1"


def test_a_client_that_comes_back_under_its_name_gets_the_replies(kernel):
    for channel in ("shell", "control"):
        for _ in range(3):  # the earlier connections stay open
            socket = kernel.raw(channel, b"same")
            frames, message_id = kernel.frames("kernel_info_request", {})
            socket.send_multipart(frames)
            assert kernel.decoded(socket.recv_multipart())["parent_header"]["msg_id"] == message_id


# Heartbeat, loss


def test_heartbeat_echoes_the_very_bytes_while_a_cell_computes(kernel):
    loop = kernel.start_loop()
    heart = kernel.raw("hb")
    for beat in (b"ping", b"", bytes(range(256)) * 40):
        heart.send(beat)
        assert heart.recv() == beat
    kernel.manager.interrupt_kernel()
    kernel.finish(loop)


def test_a_slow_subscriber_loses_nothing(kernel):
    slow = kernel.raw("iopub")
    assert kernel.decoded(slow.recv_multipart())["msg_type"] == "iopub_welcome"
    code = 'for i in 0..<100000 { print("line", i) }\nfor i in 0..<4000 { display(i) }\nprint("end")'
    message_id = kernel.execute(code)
    assert kernel.reply(message_id, 60)["content"]["status"] == "ok"  # nothing has been read from IOPub so far
    text, shown = "", 0
    while True:
        message = kernel.decoded(slow.recv_multipart())
        if message["parent_header"].get("msg_id") != message_id:
            continue
        if message["msg_type"] == "stream":
            text += message["content"]["text"]
        elif message["msg_type"] == "display_data":
            shown += 1
        elif message["content"].get("execution_state") == "idle":
            break
    assert text == "".join(f"line {i}\n" for i in range(100_000)) + "end\n"
    assert shown == 4000


def test_a_client_that_dies_mid_cell_does_not_stop_the_kernel(kernel):
    mayfly = kernel.raw("iopub")
    mayfly.recv_multipart()
    message_id = kernel.execute('for i in 0..<3000 { display(i) }\nprint("end")')
    mayfly.recv_multipart()
    mayfly.close(0)
    assert kernel.finish(message_id).text() == "end\n"


def test_progress_stays_far_below_the_limits_of_a_jupyter_server(kernel):
    kernel.run("let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [8]), optimizer: Adam(lr: 0.001))")
    message_id = kernel.execute("maml.train(Sinusoid(shots: 5).batches(of: 4), maxBatches: 10000000)")
    shown, start, size = 0, time.monotonic(), 0
    while shown < 12:
        message = kernel.client.get_iopub_msg(timeout=20)
        size += len(json.dumps(message["content"]))
        shown += message["msg_type"] in ("display_data", "update_display_data")
    seconds = time.monotonic() - start
    kernel.interrupt()
    kernel.until_idle(message_id)
    assert shown / seconds < 100 and size / seconds < 300_000  # of 1000 messages and 1 MB a second


def test_long_results_are_cut_and_whole_on_request(kernel):
    for code, kept in (("(0..<100000).map { $0 }", "99999]"), ("String(repeating: \"x\", count: 5000000)", "5,000,000"),
                       ("(0..<2000).map { _ in (0..<2000).map { $0 } }", "2,000 elements")):
        run = kernel.run(code)
        assert len(run.result) < 110_000 and kept in run.result and "`print` shows all" in run.result
    assert len(kernel.run("print((0..<100000).map { $0 })").text()) > 600_000
    kernel.run("let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [8]), optimizer: Adam(lr: 0.001))\n"
               "let h = maml.train(Sinusoid(shots: 5).batches(of: 4), maxBatches: 2000)")
    table = kernel.run("h.table").of_type("execute_result")[0]["data"]
    assert "2,000 rows" in table["text/plain"] and len(table["text/html"]) < 10_000


def test_a_million_terms_are_refused_with_a_hint(kernel):
    refused = kernel.run("+".join(["1"] * 1_000_000))
    assert refused.content["ename"] == "NestedTooDeep" and "hint" in "\n".join(refused.content["traceback"])
    assert kernel.run("1 + 1").result == "2"


# Comms


def test_comms_are_declined_politely(kernel):
    assert kernel.ask("comm_info_request", {}).content == {"status": "ok", "comms": {}}
    message_id = kernel.send("comm_open", {"comm_id": "c1", "target_name": "nobody", "data": {}})
    closed = [m["content"] for m in kernel.until_idle(message_id) if m["msg_type"] == "comm_close"]
    assert [c["comm_id"] for c in closed] == ["c1"]
    for kind in ("comm_msg", "comm_close"):
        assert len(kernel.until_idle(kernel.send(kind, {"comm_id": "c1", "data": {}}))) == 2


# Transports


def test_the_kernel_listens_only_where_its_connection_file_says(kernel):
    client = kernel.client
    wanted = {("127.0.0.1", port) for port in
              (client.shell_port, client.iopub_port, client.stdin_port, client.control_port, client.hb_port)}
    kernel.run("let a = 1")
    listening = {tuple(c.laddr) for c in psutil.Process(kernel.process.pid).net_connections() if c.status == psutil.CONN_LISTEN}
    assert listening == wanted
    assert not [c for c in psutil.Process(kernel.process.pid).net_connections("udp")]
    assert os.stat(kernel.manager.connection_file).st_mode & 0o077 == 0


def test_encrypted_connection(kernelspec):
    with Kernel(transport_encryption="required") as kernel:
        assert kernel.run("6 * 7").result == "42"
        plain = kernel.context.socket(zmq.DEALER)
        kernel.sockets.append(plain)
        plain.connect(kernel.client._make_url("shell"))
        frames, _ = kernel.frames("execute_request", execute_content("let leaked = 1"))
        plain.send_multipart(frames)
        assert kernel.run("1").content["execution_count"] == 2
        assert not plain.poll(0)


def test_ipc_connection(kernelspec, tmp_path):
    with Kernel(transport="ipc", ip=str(tmp_path / "k")) as kernel:
        assert kernel.run("6 * 7").result == "42"


def test_a_bad_connection_file_is_one_sentence_and_exit_1(kernelspec, tmp_path):
    binary = json.loads((kernelspec / "kernel.json").read_text())["argv"][0]
    good = dict(transport="tcp", ip="127.0.0.1", key="k", signature_scheme="hmac-sha256", shell_port=1, iopub_port=2,
                stdin_port=3, control_port=4, hb_port=5)
    for text, word in (
        ("", "JSON"), ("[]", "object"), (json.dumps({**good, "shell_port": 0}), "shell_port"),
        (json.dumps({**good, "transport": "carrier-pigeon"}), "carrier-pigeon"),
        (json.dumps({**good, "signature_scheme": "hmac-md5"}), "hmac-md5"),
        (json.dumps({**good, "curve_publickey": "x"}), "curve_publickey"), (None, "No such file"),
    ):
        path = tmp_path / "connection.json"
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        run = subprocess.run([binary, "kernel", path], capture_output=True, text=True, timeout=TIMEOUT)
        assert run.returncode == 1 and word in run.stderr and len(run.stderr.strip().splitlines()) == 1


# The end


@pytest.mark.parametrize("restart", [False, True])
def test_shutdown_is_answered_with_restart_echoed_and_exit_0(kernel, restart):
    loop = kernel.start_loop()  # a running cell does not hold up the end
    result = kernel.ask("shutdown_request", {"restart": restart}, "control")
    assert result.content == {"status": "ok", "restart": restart}
    assert [c["restart"] for c in result.of_type("shutdown_reply")] == [restart]
    assert kernel.process.wait(timeout=TIMEOUT) == 0
    del loop


def test_sigterm_ends_the_kernel_with_exit_0(kernel):
    kernel.process.terminate()
    assert kernel.process.wait(timeout=TIMEOUT) == 0


def test_a_restarted_kernel_starts_afresh(kernel):
    kernel.run("let old = 1")
    kernel.manager.restart_kernel()
    kernel.client.wait_for_ready(timeout=TIMEOUT)
    assert kernel.run("old").content["status"] == "error"


def test_the_kernel_ends_when_its_parent_dies(kernelspec):
    script = (
        "from jupyter_client.manager import KernelManager\n"
        "km = KernelManager(kernel_name='innerloop'); km.start_kernel()\n"
        "kc = km.client(); kc.start_channels(); kc.wait_for_ready(timeout=20)\n"
        "print(km.provisioner.process.pid, flush=True); input()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    child.wait(timeout=TIMEOUT)  # raises TimeoutExpired if it lives on
