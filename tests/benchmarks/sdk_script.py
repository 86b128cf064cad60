"""What a team would write first: a script on the official SDK that says which bots differ from their files.

    python -m tests.benchmarks.sdk_script PROJECT

It reads what a plan reads, one request after the other.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

from ruamel.yaml import YAML

warnings.simplefilter("ignore")
from cozepy import Coze, TokenAuth  # noqa: E402
from cozepy.bots import PublishStatus  # noqa: E402


def main(project: Path) -> None:
    """Print the bots whose draft, or whose published copy, is not what the files say."""
    coze = Coze(auth=TokenAuth(os.environ["COZE_API_TOKEN"]), base_url=os.environ["COZE_API_BASE"])
    yaml = YAML(typ="safe")
    wanted = {}
    for file in sorted(project.glob("team-*/bot-*.yaml")):
        spec = yaml.load(file.read_text("utf-8"))["spec"]
        wanted[spec["name"]] = (spec, (file.parent / spec["prompt"]["file"]).read_text("utf-8"))
    homes = [home for home in coze.workspaces.list() if home.name.startswith("团队")]
    for home in homes:
        # Pages of the default size, as the iterator of the SDK takes them.
        for status in (PublishStatus.ALL, PublishStatus.PUBLISHED_ONLINE):
            page = coze.bots.list(space_id=home.id, publish_status=status, use_api_version=2)
            while True:
                for bot in page.items if status is PublishStatus.ALL else ():
                    spec, prompt = wanted[bot.name]
                    for published in (False, True):
                        found = coze.bots.retrieve(bot_id=bot.id, is_published=published, use_api_version=2)
                        if found.prompt_info is None or found.prompt_info.prompt != prompt:
                            sys.stdout.write(f"{bot.name}: the prompt differs\n")
                        if found.description != spec["description"]:
                            sys.stdout.write(f"{bot.name}: the description differs\n")
                if not page.has_more:
                    break
                page = coze.bots.list(
                    space_id=home.id,
                    publish_status=status,
                    page_num=page.page_num + 1,
                    use_api_version=2,
                )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
