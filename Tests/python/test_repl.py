"""The REPL on a pseudo-terminal, as a person at a keyboard meets it.

What the editor draws while a line is typed is libedit's business; these tests read what the lines do.
"""

import os
import re
import subprocess
import time

import pexpect
import pytest

from kernel_client import Kernel

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("INNERLOOP_BIN", os.path.join(ROOT, ".build/release/innerloop"))
UP, DOWN, CTRL_LEFT, HOME, END = "\x1b[A", "\x1b[B", "\x1b[1;5D", "\x1b[H", "\x1b[F"
PASTE_BEGIN, PASTE_END = "\x1b[200~", "\x1b[201~"

pytestmark = pytest.mark.skipif(not os.path.exists(BIN), reason=f"{BIN} is not built")


@pytest.fixture
def environment(tmp_path):
    env = {k: v for k, v in os.environ.items() if not k.startswith("LC_") and k != "LANG"}
    env.update(
        TERM="xterm-256color",
        LANG="C.UTF-8",
        NO_COLOR="1",
        HOME=str(tmp_path),
        INNERLOOP_HISTORY=str(tmp_path / "history.sqlite"),
    )
    return env


class Terminal:
    def __init__(self, env, prompt="›", columns=100, arguments=("repl",)):
        self.child = pexpect.spawn(
            BIN, list(arguments), env=env, encoding="utf-8", timeout=20, dimensions=(40, columns)
        )
        # Keys sent before the editor is ready are echoed by the terminal itself.
        self.child.delaybeforesend = 0.05
        self.prompt = r"\[(\d+)\]" + prompt + " "
        self.number = 0
        self.wait()

    def wait(self, timeout=20):
        """Waits for the prompt; returns what was written before it."""
        self.child.expect(self.prompt, timeout=timeout)
        self.number = int(self.child.match.group(1))
        return self.child.before

    def keys(self, text):
        self.child.send(text)

    def run(self, line, timeout=20):
        """Types a line and returns what it wrote. The line itself is echoed first."""
        self.keys(line + "\r")
        return self.wait(timeout)

    def question(self, text):
        """Waits for a question at the beginning of a line."""
        self.child.expect(r"\r\n(\x1b\[\?2004l)?" + re.escape(text))

    def leave(self):
        self.keys("\x04")
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def terminal(environment):
    opened = []

    def open_terminal(env=None, **options):
        opened.append(Terminal({**environment, **(env or {})}, **options))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.child.close(force=True)


def output(text):
    """The lines after the echoed input, without the switches of bracketed paste."""
    lines = re.sub(r"\x1b\[\?2004[hl]", "", text).split("\r\n")[1:]
    return [line.rstrip() for line in lines if line.strip()]


def test_ctrl_d_leaves_without_a_question(terminal):
    assert terminal().leave() == 0


def test_a_model_is_built_over_several_lines(terminal):
    t = terminal()
    t.keys("let model = MetaSequential(\r")
    t.child.expect(" · ")
    t.keys("MetaLinear(1, 8),\r")
    t.child.expect(" · ")
    t.keys("ReLU(),\r")
    t.child.expect(" · ")
    t.keys("MetaLinear(8, 1))\r")
    t.wait()
    assert "4" in output(t.run("model.parameters.count"))


def test_blocks_are_indented_and_their_braces_step_back(terminal):
    t = terminal()
    t.keys("func twice(_ x: Int) -> Int {\r")
    t.child.expect(" · ")
    t.keys("if x > 0 {\r")
    t.child.expect(" · ")
    t.keys("return x + x\r")
    t.child.expect(" · ")
    t.keys("}\r")
    t.child.expect(" · ")
    t.keys("return 0\r")
    t.child.expect(" · ")
    t.keys("}\r")
    t.wait()
    assert "42" in output(t.run("twice(21)"))
    # The history holds the whole definition; the indentation is in it.
    t.keys("func" + UP)
    t.keys("\r")
    shown = t.wait()
    assert "        return x + x" in shown


def test_ctrl_c_in_a_loop_keeps_the_variables(terminal):
    t = terminal()
    t.run("var kept = 41")
    t.keys("while true { kept = 42 }\r")
    time.sleep(0.5)
    started = time.monotonic()
    t.child.sendintr()
    t.wait()
    assert time.monotonic() - started < 2
    assert "42" in output(t.run("kept"))


def test_ctrl_c_in_a_training_loop_keeps_the_learner(terminal):
    t = terminal()
    t.run("let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [40, 40]), optimizer: Adam(lr: 0.001), stepSize: 0.01)")
    t.keys("let h = maml.train(Sinusoid(shots: 10, testShots: 10).batches(of: 25), maxBatches: 1000000)\r")
    time.sleep(1.5)
    t.child.sendintr()
    t.wait()
    assert "true" in output(t.run("maml.iteration > 0"))
    assert "true" in output(t.run("maml.history.losses.count == maml.iteration"))


def test_ctrl_c_at_the_prompt_gives_up_the_line_only(terminal):
    t = terminal()
    number = t.number
    t.keys("let abandoned = 1")
    time.sleep(0.2)
    t.child.sendintr()
    t.wait()
    assert t.number == number
    assert "error" in t.run("abandoned")


def test_ctrl_c_gives_up_a_continued_input(terminal):
    t = terminal()
    t.keys("func broken(\r")
    t.child.expect(" · ")
    t.keys("x: Int")
    time.sleep(0.2)
    t.child.sendintr()
    t.wait()
    assert "3" in output(t.run("1 + 2"))


def test_ctrl_c_ends_a_question(terminal):
    t = terminal()
    t.keys('let answer = readLine("name? ")\r')
    t.question("name? ")
    t.child.sendintr()
    t.wait()
    assert "3" in output(t.run("1 + 2"))


def test_a_question_is_answered(terminal):
    t = terminal()
    t.keys('let answer = readLine("name? ")\r')
    t.question("name? ")
    t.keys("Ayşe\r")
    t.wait()
    assert "Hello Ayşe" in output(t.run('print("Hello \\(answer)")'))


def test_a_password_is_not_shown(terminal):
    t = terminal()
    t.keys('let secret = readPassword("word? ")\r')
    t.question("word? ")
    time.sleep(0.2)
    t.keys("hunter2\r")
    assert "hunter2" not in t.wait()
    assert "true" in output(t.run('secret == "hunter" + "2"'))


def test_errors_do_not_end_the_session(terminal):
    t = terminal()
    assert "error" in t.run("nothere + 1")
    assert "error" in t.run("let x = )")
    assert "7" in output(t.run("3 + 4"))
    assert t.leave() == 0


def test_history_goes_on_in_the_next_session(terminal):
    t = terminal()
    t.run("print(1000 + 1)")
    t.run("print(2000 + 2)")
    t.leave()
    t = terminal()
    t.keys(UP + UP)
    t.keys("\r")
    assert "1001" in output(t.wait())


def test_history_is_shared_with_notebooks(terminal, notebook):
    notebook.run("let fromTheNotebook = 77")
    notebook.ask("history_request", {"hist_access_type": "tail", "n": 1, "output": False, "raw": True})
    t = terminal(env={"INNERLOOP_HISTORY": os.environ["INNERLOOP_HISTORY"]})
    t.keys("let from" + UP + "\r")
    t.child.expect_exact("TheNotebook = 77")
    t.wait()
    assert output(t.run("fromTheNotebook")) == ["77"]


def test_training_shows_one_line_that_is_rewritten_and_plots_are_drawn_in_characters(terminal):
    t = terminal()
    t.run("let maml = MAML(MetaMLPModel(1, 1, hiddenSizes: [8]), optimizer: Adam(lr: 0.001))")
    t.keys("let h = maml.train(Sinusoid(shots: 5).batches(of: 4), maxBatches: 4000)\r")
    t.child.expect(r"training \d+/4000 · loss [0-9.]+ · [0-9.]+/s")
    t.child.expect_exact("\x1b[1A\r\x1b[J")
    t.child.expect("training 4000/4000")
    t.wait()
    drawn = output(t.run("plot([\"h\": h])"))
    assert any("┤" in line for line in drawn) and any("└" in line for line in drawn)
    assert max(len(line) for line in drawn) <= 100


def test_a_line_run_just_before_leaving_is_kept(terminal):
    t = terminal()
    t.keys("let marker = 1\r\x04")
    t.child.expect(pexpect.EOF)
    t = terminal()
    t.keys("let mar" + UP + "\r")
    t.child.expect_exact("ker = 1")


def test_up_finds_lines_that_begin_alike(terminal):
    t = terminal()
    t.run("print(1000 + 1)")
    t.run("2000 + 2")
    t.keys("pri" + UP)
    t.keys("\r")
    assert "1001" in output(t.wait())


def test_ctrl_r_searches(terminal):
    t = terminal()
    t.run("print(1000 + 1)")
    t.run("2000 + 2")
    t.keys("\x12000 + 1")
    time.sleep(0.2)
    t.keys("\r")
    assert "1001" in output(t.wait())


def test_tab_completes_a_name(terminal):
    t = terminal()
    t.run("let remarkableNumber = 4321")
    t.keys("remarkableN\t\r")
    assert "4321" in output(t.wait())


def test_tab_lists_what_is_possible(terminal):
    t = terminal()
    t.run("let zebraOne = 1")
    t.run("let zebraTwo = 2")
    t.keys("zeb\t")
    t.keys("\t")
    t.child.expect(r"\r\nzebraOne +Int\r\nzebraTwo +Int\r\n")
    t.wait()  # drawn anew
    t.keys("Two\r")
    assert "2" in output(t.wait())


def test_tab_in_front_of_a_line_indents(terminal):
    t = terminal()
    t.keys("\t1 + 2\r")
    assert "3" in output(t.wait())


def test_a_paste_of_several_lines_is_one_input(terminal):
    t = terminal()
    number = t.number
    t.keys(PASTE_BEGIN + "func cube(_ x: Int) -> Int {\n\treturn x * x * x\n}\ncube(3)\n" + PASTE_END)
    time.sleep(0.3)
    t.keys("\r")
    assert "27" in output(t.wait())
    assert t.number == number + 1
    t.keys(UP)
    t.keys("\r")
    assert "27" in output(t.wait())


def test_characters_beyond_ascii_are_typed_and_edited(terminal):
    t = terminal()
    t.run("let 損失 = 12")
    assert "24" in output(t.run("損失 * 2"))
    assert "é損👩" in output(t.run('print("é損👩")'))
    t.keys('print("損失")' + "\x1b[D\x1b[D\x7f" + "率\r")
    assert "損率" in output(t.wait())


def test_vi_keys_where_the_user_has_chosen_them(terminal, tmp_path):
    (tmp_path / ".editrc").write_text("bind -v\n")
    t = terminal()
    t.keys("let answer = 41\x1bxa2\r")
    t.wait()
    t.keys("answ\t\r")
    assert output(t.wait())[-1] == "42"
    t.keys("\x1bkk\r")
    t.wait()
    t.keys(PASTE_BEGIN + "let a = 1\nlet b = 2" + PASTE_END + "\r")
    t.wait()
    assert output(t.run("a + b"))[-1] == "3"


def test_words_are_jumped_over(terminal):
    t = terminal()
    t.keys("10 + 20" + CTRL_LEFT + "1" + HOME + "2" + END + "5\r")
    assert str(210 + 1205) in output(t.wait())


def test_names_are_documented(terminal):
    t = terminal()
    assert "stepSize" in t.run("MAML?")
    assert "nothing is known" in t.run("nosuchname?")
    assert ":quit" in t.run(":help")
    assert "no command" in t.run(":nosuch")


def test_commands_say_what_there_is_and_forget_it(terminal):
    t = terminal()
    t.run("let rate = 0.5")
    t.run("let model = MetaLinear(1, 1)")
    assert output(t.run(":vars"))[0].split() == ["rate", "Double", "0.5"]
    assert len(output(t.run(":vars mod"))) == 1
    assert "forgotten" in output(t.run(":reset"))[0]
    assert output(t.run(":v")) == ["there are no variables"]
    assert "not defined" in " ".join(output(t.run("rate")))
    assert ":load FILE" in " ".join(output(t.run(":help")))
    assert "there is no command" in output(t.run(":frobnicate"))[0]


def test_a_session_is_saved_and_loaded(terminal, tmp_path):
    file = tmp_path / "it's a session.loop"
    t = terminal()
    t.run("let five = 5")
    t.run("let broken = five.nothing")
    t.keys("func twice(_ x: Int) -> Int {\rx * 2\r}\r")
    t.wait()
    assert "2 inputs written" in output(t.run(f":save {file}"))[0]
    assert "exists already" in output(t.run(f":save {file}"))[0]
    t.run(":reset")
    t.run(f":load {file}")
    assert output(t.run("twice(five)")) == ["10"]
    assert "cannot be read" in output(t.run(":load nowhere.loop"))[0]


def test_an_inner_loop_is_walked_by_commands(terminal):
    t = terminal()
    assert "let s = maml.stepper(task)" in output(t.run(":step"))[0]
    t.run("let maml = MAML(MetaLinear(1, 1, seed: 1), stepSize: 0.01)")
    t.run("let s = maml.stepper(Sinusoid(seed: 1)[0])")
    first = output(t.run(":watch s.loss"))
    assert first[0].startswith("s.loss: ")
    moved = output(t.run(":step"))
    assert moved[0].startswith("Stepper(step 1 of 1, ") and moved[1].startswith("s.loss: ")
    assert output(t.run(":step 2"))[0].startswith("Stepper(step 3 of 3, ")
    assert output(t.run(":back s 3"))[1] == first[0]
    assert "there is nothing before step 0" in " ".join(output(t.run(":back")))
    assert output(t.run(":watch")) == ["s.loss"]
    t.run(":watch -")
    assert len(output(t.run(":step"))) == 1
    t.run("let u = maml.stepper(Sinusoid(seed: 1)[1])")
    assert "which of s, u?" in output(t.run(":step"))[0]
    assert output(t.run(":step u"))[0].startswith("Stepper(step 1 of 1, ")
    for wrong in (":step x", ":step s 1 2", ":step s -1"):
        assert "Stepper(" not in " ".join(output(t.run(wrong)))


def test_code_is_timed(terminal):
    t = terminal()
    shown = output(t.run(":time 6 * 7"))
    assert shown[0] == "42" and re.fullmatch(r"took [\d.]+ (µs|ms|s)", shown[1])


def test_the_last_input_is_changed_in_the_users_editor(terminal, tmp_path):
    editor = tmp_path / "an editor.sh"
    editor.write_text("#!/bin/sh\nsed -i s/41/42/ \"$1\"\n")
    editor.chmod(0o755)
    t = terminal(env={"EDITOR": f"'{editor}'"})
    t.run("let answer = 41")
    t.run(":edit")
    assert output(t.run("answer")) == ["42"]
    t.keys(UP * 2 + "\r")
    t.wait()
    t = terminal(env={"EDITOR": "false"})
    assert "failed" in output(t.run(":edit"))[0]


@pytest.fixture
def notebook(kernelspec):
    with Kernel() as kernel:
        yield kernel


def attached(terminal, kernel, **options):
    return terminal(arguments=("repl", "--existing", kernel.manager.connection_file), **options)


def test_a_terminal_attaches_to_a_notebooks_kernel(terminal, notebook):
    notebook.run("let shared = 40")
    t = attached(terminal, notebook)
    assert t.number == 2
    assert output(t.run("shared + 2")) == ["42"]
    t.run("func twice(_ x: Int) -> Int { x * 2 }")
    assert notebook.run("twice(shared)").result == "80"
    t.child.expect_exact("[4]: twice(shared)\r\n")
    t.child.expect_exact("80\r\n")
    t.wait()
    assert "not defined" in " ".join(output(t.run("nothing")))
    t.keys("shar\t\r")
    assert output(t.wait()) == ["40"]
    assert "slider" in " ".join(output(t.run("slider?")))
    t.keys("func later() {\rprint(7)\r}\r")
    t.wait()
    assert output(t.run("later()")) == ["7"]
    t.keys('readLine("who? ")!\r')
    t.question("who? ")
    t.keys("me\r")
    assert output(t.wait())[-1] == '"me"'
    assert t.leave() == 0
    assert notebook.run("shared").result == "40"


def test_an_attached_terminal_updates_what_the_notebook_shows(terminal, notebook):
    notebook.run('display("before", id: "board")')
    t = attached(terminal, notebook)
    t.run('updateDisplay("after", id: "board")')
    update = next(m for m in notebook.drain() if m["msg_type"] == "update_display_data")
    assert "after" in update["content"]["data"]["text/plain"]


def test_what_the_notebook_does_appears_above_the_line_that_is_typed(terminal, notebook):
    t = attached(terminal, notebook)
    t.keys("1 +")
    t.child.expect(r"1 \+")
    notebook.run("let seen = 20\nprint(\"from the notebook\")\nseen")
    for words in ("[1]: let seen = 20 …\r\n", "from the notebook\r\n", "20\r\n"):
        t.child.expect_exact(words)
    t.wait()
    assert t.number == 2
    t.child.expect(r"1 \+")
    t.keys(" seen\r")
    assert output(t.wait())[-1] == "21"
    notebook.run("nothing")
    t.child.expect("not defined")
    t.wait()


def test_an_attached_terminal_looks_into_a_running_cell(terminal, notebook):
    notebook.run("var n = 0")
    loop = notebook.start_loop("var go = true\n")
    notebook.interrupt()
    notebook.until_idle(loop)
    cell = notebook.execute("print(\"running\")\nwhile go { n += 1 }\nn")
    notebook.next(cell, "stream")
    t = attached(terminal, notebook)
    assert int(output(t.run("n"))[-1]) >= 0
    t.run("go = false")
    assert int(notebook.finish(cell).result) > 0


def test_an_attached_terminal_leaves_the_kernel_as_it_was(terminal, notebook):
    t = attached(terminal, notebook)
    assert len(notebook.ask("list_subshell_request", {}, "control").content["subshell_id"]) == 1
    assert t.leave() == 0
    assert notebook.ask("list_subshell_request", {}, "control").content["subshell_id"] == []


def test_an_attached_terminal_goes_on_after_a_restart(terminal, notebook):
    t = attached(terminal, notebook)
    assert output(t.run("40 + 2")) == ["42"]
    notebook.manager.restart_kernel(now=True)
    notebook.client.wait_for_ready(timeout=20)
    assert output(t.run("6 * 7")) == ["42"]


def test_an_attached_terminal_lists_the_notebooks_variables(terminal, notebook):
    notebook.run("let shared = 40\nlet model = MetaLinear(1, 1)")
    t = attached(terminal, notebook)
    listed = [line.split() for line in output(t.run(":vars"))]
    assert ["shared", "Int", "40"] in listed and len(listed) == 2
    assert "not the terminal's" in " ".join(output(t.run(":reset")))


def test_ctrl_c_interrupts_the_notebooks_kernel(terminal, notebook):
    t = attached(terminal, notebook)
    t.keys('print("running"); while true { }\r')
    t.child.expect(r"\r\n(\x1b\[\?2004l)?running\r\n")
    t.keys("\x03")
    assert "interrupted" in t.wait()
    assert output(t.run("6 * 7")) == ["42"]


def test_a_kernel_that_is_gone_is_one_sentence(terminal, environment, notebook, tmp_path):
    for arguments, words in [(["--existing", str(tmp_path / "none.json")], "none.json"), (["stray.json"], "--existing")]:
        run = subprocess.run([BIN, "repl", *arguments], env=environment, capture_output=True, text=True, timeout=60)
        assert run.returncode != 0 and words in run.stderr
    t = attached(terminal, notebook)
    notebook.manager.shutdown_kernel(now=True)
    assert "no longer answers" in " ".join(output(t.run("1 + 1", timeout=30)))


def test_quit_leaves(terminal):
    t = terminal()
    t.keys(":quit\r")
    t.child.expect(pexpect.EOF)
    t.child.close()
    assert t.child.exitstatus == 0


def test_no_arguments_on_a_terminal_mean_the_repl(terminal):
    t = terminal(arguments=())
    assert "3" in output(t.run("1 + 2"))


def test_output_without_a_newline_does_not_hide_the_prompt(terminal):
    t = terminal()
    assert "half" in output(t.run('print("half", terminator: "")'))


def test_results_fit_a_narrow_terminal(terminal):
    t = terminal(columns=40)
    shown = output(t.run('plot(x: [1, 2, 3], y: [1, 4, 9], title: "squares")'))
    assert any("squares" in line for line in shown)
    assert all(len(line) <= 40 for line in shown)


def test_a_resized_terminal_goes_on(terminal):
    t = terminal()
    t.keys("1000 + ")
    t.child.setwinsize(20, 50)
    t.wait()  # drawn anew
    t.keys("234\r")
    assert "1234" in output(t.wait())


def test_without_a_utf8_locale_the_prompt_is_ascii(terminal):
    t = terminal(env={"LC_ALL": "C"}, prompt=">")
    shown = t.run("plot(x: [1, 2, 3], y: [1, 4, 9])")
    assert shown.isascii()
    assert "é" in t.run('print("é")')
    assert t.leave() == 0


def test_a_dumb_terminal_gets_no_sequences(terminal):
    t = terminal(env={"TERM": "dumb"})
    assert "\x1b" not in t.run("1 + 2")


def test_colour_only_where_it_is_wanted(terminal):
    t = terminal(env={"NO_COLOR": ""}, prompt=r"›\x1b\[0m")
    t.keys("nosuchname\r")
    t.child.expect_exact("\x1b[1;31merror")
    t.wait()
    t.keys("let greeting = \"hello\"\r")
    t.child.expect_exact("\x1b[35mlet\x1b[0m greeting = \x1b[32m\"hello\"\x1b[0m\r\n")
    t.wait()
    t.keys("[1, 2]\r")
    t.child.expect_exact("\r\n[\x1b[36m1\x1b[0m, \x1b[36m2\x1b[0m]\r\n")
    t.wait()
    t.keys("1 // \x16\x1b]0;owned\x16\x07\r")
    t.child.expect_exact("1\x1b[0m\r\n")
    assert "\x1b]0;" not in t.child.before
    plain = terminal()
    assert "\x1b[3" not in plain.run("let greeting = \"hello\"")


def run(environment, *arguments, text=""):
    return subprocess.run(
        [BIN, *arguments], input=text, env=environment, capture_output=True, text=True, timeout=60
    )


def test_input_from_a_pipe_has_no_prompt_and_no_colour(environment):
    done = run(environment, "repl", text="let a = 20\nfunc f() -> Int {\n  a + 1\n}\nprint(f() * 2)")
    assert done.stdout == "42\n"
    assert done.stderr == ""
    assert done.returncode == 0


def test_an_error_in_a_pipe_makes_the_exit_status_1(environment):
    done = run(environment, "repl", text="nosuchname\nprint(1)\n")
    assert "error" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert done.returncode == 1


def test_an_unfinished_block_in_a_pipe_is_an_error(environment):
    done = run(environment, "repl", text="func f() {\n")
    assert "error" in done.stderr
    assert done.returncode == 1


def test_an_unusable_history_is_a_warning(environment, tmp_path):
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 20)
    done = run({**environment, "INNERLOOP_HISTORY": str(tmp_path / "noise")}, "repl", text="print(1)\n")
    assert done.stdout == "1\n"
    assert done.returncode == 0
    assert (tmp_path / "noise").read_bytes() == bytes(range(256)) * 20


PROGRAM = "func square(_ x: Double) -> Double {\nlet y = x * x\nreturn y\n}\n"


def test_a_program_pauses_at_a_breakpoint_and_is_walked(terminal):
    t = terminal()
    t.keys(PASTE_BEGIN + PROGRAM + PASTE_END + "\r")
    t.wait()
    assert output(t.run(":next"))[0].startswith("no program is paused")
    t.run(":break square")
    assert output(t.run(":break")) == ["square"]

    def paused(line):
        """Types a line and returns what was written up to the prompt of a paused program."""
        t.keys(line + "\r")
        t.child.expect("paused› ")
        return output(t.child.before)

    shown = paused("square(3.0) + 1")
    assert shown[0] == "paused at a breakpoint" and shown[1] == "in square, line 1:2"
    assert shown[3] == "→ 2 | let y = x * x"
    assert paused(":vars") == ["x  Double  3.0"]
    assert "not defined" in "".join(paused("y"))
    assert paused(":next")[0] == "paused after a step"
    assert paused("y * 10") == ["90.0"]
    assert paused(":frame")[0] == "→ 0  square, line 1:3"
    assert "square(3.0) + 1" in paused(":frame 1")[1]
    assert "numbered 0 to 1" in paused(":frame 7")[0]
    assert "not for a paused program" in paused(":time 1")[0]
    assert "Ctrl-D" in paused(":help")[-1]
    assert output(t.run(":continue")) == ["10.0"]
    t.run(":break square if x > 5")
    assert output(t.run("square(4.0)")) == ["16.0"]
    assert paused("square(6.0)")[0] == "paused at a breakpoint"
    t.keys("\x04")
    assert "interrupted" in "".join(output(t.wait()))
    assert output(t.run(":break -")) == []
    assert output(t.run("square(6.0)")) == ["36.0"]


def test_a_program_pauses_on_an_error_and_at_a_line_of_a_file(environment, tmp_path):
    program = tmp_path / "train.loop"
    program.write_text("let rate = 0.5\nprint(\"begun\")\nlet z = [1][4]\n")
    lines = f":break throw\n:break {program}:2\n:load {program}\nrate * 4\n:continue\nrate * 8\n:continue\n"
    done = run(environment, "repl", text=lines)
    assert "→ 2 | print(\"begun\")" in done.stdout and "2.0" in done.stdout
    assert "paused on an error: index 4 is out of range" in done.stdout and "4.0" in done.stdout
    assert "cannot be read" in run(environment, "repl", text=":break nowhere.loop:3\n").stderr
    assert "a function's name" in run(environment, "repl", text=":break 1 + 1\n").stderr


def test_an_interrupt_at_a_pause_ends_what_is_computed_and_leaves_the_program_paused(terminal):
    t = terminal()
    t.keys(PASTE_BEGIN + PROGRAM + PASTE_END + "\r")
    t.wait()
    t.run(":break square")
    t.keys("square(3.0)\r")
    t.child.expect("paused› ")
    t.keys('print("busy"); while true { }\r')
    t.child.expect("busy\r\n")
    t.keys("\x03")
    t.child.expect("interrupted")
    t.child.expect("paused› ")
    t.keys("x\r")
    t.child.expect_exact("3.0")
    t.child.expect("paused› ")
    assert output(t.run(":continue")) == ["9.0"]


def test_a_breakpoint_that_cannot_be_set_leaves_those_that_are(environment, tmp_path):
    program = tmp_path / "train.loop"
    program.write_text('let rate = 0.5\nprint("begun")\n')
    lines = f":break {program}:2\n:break {program}:99\n:load {program}\n:continue\n"
    done = run(environment, "repl", text=lines)
    assert "no statement on line 99" in done.stderr and "paused at a breakpoint" in done.stdout
