#!/usr/bin/env python3
"""Our training step, the published code's own, and our composition of it, in turns: what bench/gpu runs with --published-code.

A machine's speed changes while it is measured, so each round runs the three one after the other, each in a process of its own,
and the medians of the rounds' ratios count. Resident memory is the process's largest, as the system counts it.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 3


def run(command):
    """Runs to the end; the largest resident memory in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(process.returncode if process.returncode > 0 else 1)
    return usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("sigma", "code", "model", "target", "batch", "steps", "device", "json"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    step = [f"--{name}={getattr(options, name)}" for name in ("model", "target", "batch", "steps", "device")]
    theirs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "published_step.py")
    commands = {
        "ours": [options.sigma, "bench", "step", "--variant=ours-alone", *step],
        "published code": [sys.executable, theirs, f"--code={options.code}", *step],
        "composition": [options.sigma, "bench", "step", "--variant=published", *step],
    }
    speeds, memory = {name: [] for name in commands}, {name: [] for name in commands}
    with tempfile.NamedTemporaryFile(suffix=".json") as found:
        for number in range(ROUNDS):
            for name, command in commands.items():
                memory[name].append(run([*command, f"--json={found.name}"]))
                with open(found.name) as file:
                    speeds[name].append(json.load(file)["clipsPerSecond"])
                print(f"round {number + 1}: {name:14} {speeds[name][-1]:8.3g} clips/s, {memory[name][-1] / 1e9:.2f} GB resident", flush=True)

    def over(one, other):
        return statistics.median(a / b for a, b in zip(speeds[one], speeds[other]))

    result = {
        "ratio": over("ours", "published code"), "overComposition": over("ours", "composition"),
        "compositionOverPublishedCode": over("composition", "published code"),
        "clipsPerSecond": {name: statistics.median(values) for name, values in speeds.items()},
        "residentBytes": {name: statistics.median(values) for name, values in memory.items()},
    }
    with open(options.json, "w") as file:
        json.dump(result, file, indent=2)
    print(f"ours over the published code       {result['ratio']:.2f}×")
    print(f"ours over our composition of it    {result['overComposition']:.2f}×")
    print(f"our composition over the code      {result['compositionOverPublishedCode']:.2f}×")
    print(f"resident memory, ours over theirs  {result['residentBytes']['ours'] / result['residentBytes']['published code']:.2f}")


if __name__ == "__main__":
    main()
