"""Plan a project and apply it from Python: what a notebook, a scheduler or a service of your own would do.

COZE_API_TOKEN=... python roll_out.py examples/quickstart [ENVIRONMENT]
"""

import sys

import cozeops


def roll_out(folder: str, environment: str | None = None) -> int:
    """Make the live side what the manifests say, unless a finding blocks it. Gives back an exit code."""
    with cozeops.open(folder, environment=environment, say=print) as session:
        plan = session.plan()
        for change in plan.changes:
            if change.action is not cozeops.Action.NONE:
                print(f"{change.action:<9} {change.address}  {change.reason}")
        if plan.blocked:
            for finding in plan.findings:
                print(f"{finding.severity}: {finding.code} {finding.address}: {finding.message}")
            return cozeops.ExitCode.BLOCKED
        if not plan.has_changes:
            print("Nothing to do.")
            return cozeops.ExitCode.OK
        run = session.apply(plan)
    for outcome in run.outcomes:
        print(f"{outcome.status:<9} {outcome.address}  {outcome.message}")
    return run.exit_code


if __name__ == "__main__":
    try:
        sys.exit(roll_out(*sys.argv[1:3]))
    except cozeops.InvalidProject as error:
        sys.exit("\n".join(f"{problem.position}: {problem.message}" for problem in error.problems))
    except cozeops.CozeopsError as error:
        sys.exit(f"{error.message}\n{error.hint}")
