import os
import re
import subprocess
import sys

import pytest

from wordvec import __version__
from wordvec.cli import app
from wordvec.errors import ConfigError, EngineError


def run_process(arguments, **options):
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "wordvec", *map(str, arguments)], check=False, capture_output=True, **options
    )


@pytest.mark.parametrize("verb", app.VERBS)
def test_each_help_ends_with_examples_that_parse(shell, monkeypatch, verb):
    monkeypatch.setenv("COLUMNS", "200")  # no example is broken into two lines
    status, out, _ = shell(verb, "--help")
    examples = out.rstrip().partition("Examples:\n")[2].splitlines()
    assert status == 0
    assert len(examples) in (2, 4)
    for example in examples:
        wordvec, *arguments = example.rpartition("|")[2].split()
        assert wordvec == "wordvec"
        assert arguments[0] == verb
        app.app.parse_args(arguments, exit_on_error=False, print_error=False)


def test_the_main_help_names_each_verb_and_ends_with_two_examples(shell):
    status, out, _ = shell("--help")
    assert status == 0
    for verb, summary in app.VERBS.items():
        assert re.search(rf"\b{verb} +{re.escape(summary)}", out)
    assert len(out.rstrip().partition("Examples:\n")[2].splitlines()) == 2


def test_the_version_is_data(shell):
    assert shell("--version") == (0, f"{__version__}\n", "")


def test_no_arguments_are_a_misuse_that_shows_the_help(shell):
    status, out, err = shell()
    assert (status, out) == (2, "")
    assert "Usage: wordvec" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["similar"],
        ["similar", "model.wv", "a", "--bogus"],
        ["similar", "model.wv", "a", "--k", "many"],
        ["similar", "model.wv", "a", "--k"],
        ["analogy", "model.wv", "a", "b"],
        ["convert", "model.wv"],
        ["convert", "a", "b", "--format", "pickle"],
        ["info"],
    ],
    ids=" ".join,
)
def test_a_misuse_is_one_line_with_the_way_to_the_help(shell, arguments):
    status, out, err = shell(*arguments)
    assert (status, out) == (2, "")
    assert re.fullmatch(r"wordvec: error: [^\n]+ Try: wordvec( \w+)? --help\n", err)


@pytest.mark.parametrize(
    ("problem", "status", "line"),
    [
        (ConfigError("dim must\nbe large"), 2, "wordvec: error: dim must be large\n"),
        (EngineError("no engine"), 1, "wordvec: error: no engine\n"),
        (OSError(5, "Input/output error"), 1, "wordvec: error: [Errno 5] Input/output error\n"),
        (KeyboardInterrupt(), 130, "wordvec: interrupted\n"),
    ],
    ids=["config", "failure", "system", "ctrl-c"],
)
def test_what_goes_wrong_is_one_line_and_a_status(shell, monkeypatch, problem, status, line):
    def fail(*args, **kwargs):
        raise problem

    monkeypatch.setattr("wordvec.formats.load.load", fail)
    monkeypatch.setattr(app, "close", lambda _: None)
    assert shell("similar", "model.wv", "a") == (status, "", line)


def test_a_bug_is_not_hidden(shell, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("wordvec.formats.load.load", fail)
    with pytest.raises(ZeroDivisionError):
        shell("similar", "model.wv", "a")


def test_warnings_are_talk_of_one_line(shell, tmp_path):
    (tmp_path / "v.txt").write_bytes(b"3 1\na 1\nb 2\na 3\n")
    status, out, err = shell("similar", tmp_path / "v.txt", "a")
    assert (status, out) == (0, "b\t1.0000\n")
    assert re.fullmatch(r"wordvec: warning: .*repeats 1 words.*\n", err)


def test_a_reader_that_stops_early_is_not_an_error(model):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "wordvec", "similar", str(model), "king"],
        check=False,
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_an_answer_that_cannot_be_written_is_a_failure(model):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "wordvec", "similar", str(model), "king"],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 1
    assert done.stderr == b"wordvec: error: [Errno 28] No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_talk_that_cannot_be_written_changes_no_status(model, tmp_path):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        for target, status in (("v.npz", 0), ("v.npz.gz", 2)):
            command = [sys.executable, "-m", "wordvec", "convert", str(model), str(tmp_path / target)]
            assert subprocess.run(command, check=False, stderr=full).returncode == status  # noqa: S603


def test_a_small_encoding_shows_escapes(model):
    done = run_process(["similar", model, "paris"], env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert b"\\u6771\\u4eac\t" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_stream_that_is_closed_takes_nothing_and_breaks_nothing(model):
    def closing(redirection):
        command = [sys.executable, "-m", "wordvec", "similar", str(model), "king"]
        return subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *command], check=False, capture_output=True
        )

    assert (closing(">&-").returncode, closing(">&-").stderr) == (0, b"")
    (model / "vocabulary.parquet").unlink()
    failed = closing("2>&-")
    assert (failed.returncode, failed.stdout) == (1, b"")


def test_the_process_leaves_with_the_status(tmp_path):
    done = run_process(["info", tmp_path / "missing.wv"])
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], ["numpy", "pyarrow", "torch", "numba"]),
        (
            ["similar", "MODEL", "king"],
            ["torch", "numba", "pyarrow.dataset", "pyarrow.compute", "rich", "pandas"],
        ),
    ],
    ids=["help", "similar"],
)
def test_a_verb_loads_only_what_it_needs(model, arguments, unwanted):
    arguments = [str(model) if argument == "MODEL" else argument for argument in arguments]
    script = f"import sys; from wordvec.cli.app import run; run({arguments!r}); print('LOADED', *sys.modules)"
    out = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout  # noqa: S603
    loaded = out.partition("LOADED ")[2].split()
    assert [name for name in unwanted if name in loaded] == []
