"""What --dry-run says that a run would take."""

import json
import re
import shutil
from dataclasses import fields

import pytest

from wordvec.cli.plan import estimate_rows
from wordvec.planning import check
from wordvec.planning import estimate as estimating
from wordvec.planning.estimate import Estimate

QUICK = ["--dim", "4", "--epochs", "2", "--threads", "1", "--min-count", "2", "--subsample", "0"]


@pytest.fixture
def corpus(tmp_path):
    file = tmp_path / "corpus.txt"
    file.write_text("red green blue\nblue green\nred red green blue rare\n" * 40 + "once\n", encoding="utf-8")
    return file


def rows_of(shell, *arguments):
    status, out, err = shell("train", *arguments, "--dry-run", *QUICK)
    assert status == 0
    return dict(line.split("\t") for line in out.splitlines()), err


def test_counts_are_exact_and_estimates_are_about_right(shell, corpus):
    rows, err = rows_of(shell, corpus)
    assert rows["words"] == "401, and 400 of them in the vocabulary"
    assert rows["vocabulary"] == "4 of 5 distinct words"
    assert re.fullmatch(r"about \d+ MB \(.* free\)", rows["memory"])
    assert re.fullmatch(r"about \d\.\d kB \(.* free\)", rows["temporary_disk"])
    assert re.fullmatch(r"about .* for the model and .* for a checkpoint \(.* free\)", rows["output_disk"])
    time = r"about .*: .* to read, .* to get ready, .* to train \(2 epochs, [\d,]+ words a second\)"
    assert re.fullmatch(time, rows["time"])
    assert "looking at the text" in err


def test_what_was_not_counted_has_about_before_it(shell, tmp_path, monkeypatch):
    monkeypatch.setattr(estimating, "SAMPLE_BYTES", 5_000)
    (tmp_path / "corpus.txt").write_text("red green blue\n" * 10_000, encoding="utf-8")
    rows, _ = rows_of(shell, tmp_path)
    assert rows["words"] == "about 30,000, and about 30,000 of them in the vocabulary"
    assert rows["vocabulary"] == "about 3 of about 3 distinct words"


def test_json_has_the_same_facts(shell, corpus):
    plan = json.loads(shell("train", corpus, "--dry-run", "--json", *QUICK)[1])
    found = plan["estimate"]
    assert plan["no_estimate"] is None
    assert set(found) == {field.name for field in fields(Estimate)}
    assert (found["is_exact"], found["words"], found["vocabulary"]) == (True, 401, 4)
    assert found["checkpoint_bytes"] >= found["model_bytes"] > 0
    assert found["refusal"] is None


def test_checkpoints_that_are_not_written_need_nothing(shell, corpus):
    plan = json.loads(shell("train", corpus, "--dry-run", "--json", *QUICK, "--checkpoint-every", "never")[1])
    assert plan["estimate"]["checkpoint_bytes"] == 0


def test_the_text_of_standard_input_is_left_for_the_run(shell):
    rows, err = rows_of(shell, "-")
    assert rows["estimate"].startswith("none: the text can be read only once")
    assert "time" not in rows
    assert "looking" not in err


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "there are no words in"), ("red\nred\ngreen\ngreen\n", "texts has one word")],
    ids=["empty", "one-word texts"],
)
def test_a_text_that_a_run_would_refuse_is_refused(shell, tmp_path, text, message):
    (tmp_path / "corpus.txt").write_text(text, encoding="utf-8")
    status, out, err = shell("train", tmp_path, "--dry-run", *QUICK)
    assert (status, out) == (1, "")
    assert message in err


def test_a_run_that_would_not_fit_is_announced_to_fail(shell, corpus, monkeypatch):
    monkeypatch.setattr(check, "free_memory", lambda: 10)
    rows, err = rows_of(shell, corpus)
    assert rows["time"].endswith("to read; training was not tried, as it would fail")
    assert "this run would fail: not enough memory: training 4 words x 4 needs about" in err


def test_a_model_that_would_find_no_room_is_refused_before_the_text_is_read(
    shell, corpus, tmp_path, monkeypatch
):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 100))
    monkeypatch.setattr("wordvec.pipeline.train.encode", lambda *_: pytest.fail("the text was read"))
    status, _, err = shell("train", corpus, "-o", tmp_path / "m.wv", *QUICK)
    assert status == 1
    assert "not enough disk for" in err


def test_what_the_system_does_not_tell_is_left_out():
    facts = {field.name: 7 for field in fields(Estimate)} | {"memory_free_bytes": None, "checkpoint_bytes": 0}
    rows = dict(estimate_rows(Estimate(**facts), epochs=1))
    assert rows["memory"] == "about 0.0 kB"
    assert rows["output_disk"] == "about 0.0 kB for the model (0.0 kB free)"
