"""Runs every command of a document, in order, on the machine that `sandbox` made.

A block of commands is run by bash exactly as printed; a block of settings is passed to the program. Any other
block must be listed in `exceptions.txt` with the reason, or it fails.

Usage: main.py DOCUMENT
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import machine
import scenes
from blocks import blocks, commands

HERE = Path(__file__).parent


def exceptions(document):
    """Returns the first lines of the blocks that are not run, each with the reason."""
    lines = (HERE / "exceptions.txt").read_text().splitlines()
    entries = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    for entry in entries:
        assert len(entry) == 3 and all(entry), f"exceptions.txt: {entry}"
    return {first: reason for name, first, reason in entries if name == document}


def fail(block, words):
    print(f"FAILED  {block}\n{words}", flush=True)
    return 1


def run(block, scene):
    """Runs a block, and returns the number of failures."""
    extra = scene.before(block)
    if block.is_settings:
        given = dict(line.split("=", 1) for line in block.text.splitlines())
        done = call(["/usr/bin/tenantry", "doctor"], scene, given)
        is_wrong = "TENANTRY_" in done.stderr or not done.stdout.startswith("ok")
        return fail(block, done.stdout + done.stderr) if is_wrong else 0
    done = call(["bash", "-euo", "pipefail", "-c", scene.text(block)], scene, extra)
    if done.returncode != scene.expected(block):
        return fail(block, f"{block.text}\n{done.stdout}{done.stderr}exit code {done.returncode}")
    scene.after(block, done.stdout)
    print(f"ok      {block}", flush=True)
    return 0


def call(command, scene, extra):
    """Runs a command, and returns when it ends, even if something that it started goes on."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        code = subprocess.run(
            command, cwd=scene.folder, env={**os.environ, **scene.variables, **(extra or {})},
            input="yes\nyes\n", stdout=out, stderr=error, text=True, timeout=120).returncode
        out.seek(0), error.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), error.read())


def check_sentences(document, text):
    """Checks that the program knows each command in a sentence; returns the number of failures."""
    wrong = 0
    for command in sorted(set(commands(text))):
        words = command.split()[1:]
        names = [word for word in words[: next((n for n, word in enumerate(words) if not re.fullmatch("[a-z][a-z-]*", word)), len(words))]]
        flags = {word.split("=")[0] for word in words if word.startswith("--")}
        for count in range(len(names), 0, -1):
            done = subprocess.run(["/usr/bin/tenantry", *names[:count], "--help"], capture_output=True, text=True)
            if done.returncode == 0:
                break
        if names and (done.returncode != 0 or not all(flag in done.stdout for flag in flags)):
            print(f"FAILED  {document}: `{command}` is none that the program knows")
            wrong += 1
    return wrong


def main(document):
    text = Path(document).read_text()
    server = machine.start()
    scene = scenes.of(document)
    left_out, wrong, count = exceptions(document), 0, 0
    unused = set(left_out)
    for block in blocks(document, text):
        if block.first in left_out:
            unused.discard(block.first)
            continue
        count += 1
        wrong += run(block, scene)
    wrong += check_sentences(document, text)
    for first in unused:
        print(f"FAILED  exceptions.txt: {document} has no such block: {first}")
        wrong += 1
    scene.end()
    server.terminate()
    print(f"{document}: {count} blocks were run, {wrong} failed")
    return 1 if wrong else 0


sys.exit(main(sys.argv[1]))
