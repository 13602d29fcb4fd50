"""The Java virtual machine, each time in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.tokenizer.test_long_words import UNSPACED


def run_script(script: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, where Java has not started."""
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=300
    )


def test_a_heap_larger_than_memory_is_refused(tmp_path: Path) -> None:
    script = (
        "from pipeline.tokenizer.jvm import start_jvm\n"
        "from pipeline.errors import RunError\n"
        "try:\n    start_jvm(10**9)\n"
        "except RunError as error:\n    print(error)\n"
    )
    ended = run_script(script)
    assert "decrease tokenizer.jvm_heap_mb" in ended.stdout


@pytest.mark.parametrize("heap_mb", [64, 66])
def test_a_heap_that_is_too_small_raises_an_error(heap_mb: int) -> None:
    """With 64 and 66 MB, Komoran's models nearly fit, and Java could collect garbage for ever."""
    script = (
        "from pipeline.errors import RunError\n"
        "from pipeline.settings import TokenizerSettings\n"
        "from pipeline.tokenizer import make_tokenizer\n"
        "settings = TokenizerSettings(name='komoran').model_copy(\n"
        f"    update={{'jvm_heap_mb': {heap_mb}}}\n)\n"
        "try:\n    print(list(make_tokenizer(settings, workers=1).tokenize(['좋아요'])))\n"
        "except RunError as error:\n    print(error)\n"
    )
    ended = run_script(script)
    assert f"Komoran does not fit into {heap_mb} MB of Java heap" in ended.stdout, ended.stderr


def test_deeply_nested_json_is_an_error_where_java_runs() -> None:
    script = (
        "import json\n"
        "from pipeline.tokenizer.jvm import start_jvm\n"
        "start_jvm(256)\n"
        "try:\n    json.loads('[' * 100_000)\n"
        "except RecursionError:\n    print('too deep')\n"
    )
    ended = run_script(script)
    assert (ended.stdout, ended.returncode) == ("too deep\n", 0), ended.stderr


def test_java_and_python_collect_garbage_each_for_itself() -> None:
    """JPype would run each collector after the other's; the first run of Java's may still do so."""
    script = (
        "import gc, time\n"
        "from pipeline.tokenizer.jvm import start_jvm\n"
        "start_jvm(256)\n"
        "import jpype\n"
        "def collect():\n"
        "    jpype.java.lang.System.gc()\n"
        "    time.sleep(0.3)\n"
        "    return gc.get_stats()[2]['collections']\n"
        "counts = [collect() for _ in range(3)]\n"
        "print(gc.callbacks, counts[1] - counts[0], counts[2] - counts[1])\n"
    )
    ended = run_script(script)
    assert ended.stdout == "[] 0 0\n", ended.stderr


def test_a_process_exits_after_a_thread_started_java_and_prints_no_stack_traces() -> None:
    """Hannanum fails on this word."""
    script = (
        "import threading\n"
        "from pipeline.settings import TokenizerSettings\n"
        "from pipeline.tokenizer import make_tokenizer\n"
        "def work():\n"
        "    tokenizer = make_tokenizer(TokenizerSettings(name='hannanum'))\n"
        f"    print(len(list(tokenizer.tokenize(['{UNSPACED}']))[0]) > 0)\n"
        "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\n"
    )
    ended = run_script(script)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("True\n", "", 0)
