"""The `spanscape` command: one word chooses the program, the rest of the line is the program's."""

import sys
from collections.abc import Callable
from importlib import import_module

_COMMANDS = {
    "demo": ("spanscape.demo", "collector, dashboard, demo shop and traffic, all at once"),
    "collector": ("collector.main", "receive OpenTelemetry data, store it, answer questions"),
    "dashboard": ("dashboard.main", "show a collector's data in the browser"),
    "services": ("demo_services.supervisor", "the demo shop and its traffic"),
    "traffic": ("demo_services.traffic", "shoppers for a demo shop that runs"),
    "fault": ("demo_services.fault_command", "make something go wrong in the demo shop, for a while"),
    "scenario": ("demo_services.scenario_command", "play a named failure in the demo shop and say what shows"),
    "load": ("spanscape.load.main", "send recorded telemetry from files to a collector"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command. Returns its exit code; 2 when there is no such command."""
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in ("-h", "--help"):
        print(_usage())
        return 0
    if words[0] not in _COMMANDS:
        print(f"spanscape: no command {words[0]!r}\n\n{_usage()}", file=sys.stderr)
        return 2
    run: Callable[[list[str]], int] = import_module(_COMMANDS[words[0]][0]).main
    return run(words[1:])


def _usage() -> str:
    lines = [f"  {name:<10} {text}" for name, (_, text) in _COMMANDS.items()]
    return "\n".join(
        ["usage: spanscape COMMAND [OPTION ...]", "", *lines, "", "spanscape COMMAND --help tells a command's options."]
    )


if __name__ == "__main__":
    sys.exit(main())
