"""jupyter_kernel_test with every attribute set, so that it skips nothing."""

import jupyter_kernel_test
import pytest

pytestmark = pytest.mark.usefixtures("kernelspec")


class InnerloopTests(jupyter_kernel_test.KernelTests):
    kernel_name = "innerloop"
    language_name = "innerloop"
    file_extension = ".loop"
    code_hello_world = 'print("hello, world")'
    code_stderr = "7 / 2"  # truncates, and says so
    completion_samples = [
        {"text": "gradientUpdateP", "matches": {"gradientUpdateParameters"}},
        {"text": "clearOut", "matches": {"clearOutput"}},
        {"text": "let model = MetaSeq", "matches": {"MetaSequential"}},
        {"text": "nosuchnameanywhere", "matches": set()},
    ]
    complete_code_samples = [
        "1", 'print("hello, world")', "func f(x: Int) -> Int {\n  x * 2\n}", "let a = [1, 2, 3]", "",
        "for i in 0..<3 { print(i) }",
    ]
    incomplete_code_samples = ["print(", "func f(x: Int) -> Int {", "let a = [1, 2,", 'let s = """\nabc', "if true {\n"]
    invalid_code_samples = ["let = 3", "1 +* ) 2", "}", "func 5() { }"]
    code_page_something = "print?"
    code_generate_error = "let nothing: [Int] = []; nothing[3]"
    code_execute_result = [
        {"code": "1+2", "result": "3"},
        {"code": "6 * 7", "result": "42"},
        {"code": "[1, 2].map { $0 * 2 }", "result": "[2, 4]"},
        {"code": 'table(["step": [1, 2]])', "mime": "text/html"},
    ]
    code_display_data = [
        {"code": 'display(table(["step": [1, 2], "loss": [0.5, 0.25]]))', "mime": "text/html"},
        {"code": "display(plot(x: [1, 2, 3], y: [1, 4, 9]))", "mime": "application/vnd.vegalite.v5+json"},
        {"code": "display(plot(x: [1, 2, 3], y: [1, 4, 9]))", "mime": "image/svg+xml"},
    ]
    code_history_pattern = "1?2"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "print"
    code_clear_output = "clearOutput()"


class WelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "innerloop"
    support_iopub_welcome = True
