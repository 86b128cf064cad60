"""The cost of a file is that of its documents: nothing looks through all of it once for each."""

from __future__ import annotations

from pathlib import Path

from cozeops.manifests.yaml.parse import parse
from cozeops.manifests.yaml.source import Problems, Source


class Text(str):
    """Counts how often all of it is searched."""

    searches = 0

    def __contains__(self, part: object) -> bool:
        Text.searches += 1
        return super().__contains__(part)  # type: ignore[operator]


def test_a_file_of_many_documents_is_searched_for_references_once() -> None:
    one = 'kind: Prompt\nmetadata: {name: p%d}\nspec: {parts: [{text: "${values.x}"}]}\n'
    source = Source("all.yaml", Path("all.yaml"), "---\n".join(one % number for number in range(100)))
    documents = list(parse(source, Problems()))
    assert len(documents) == 100
    vars(source)["text"] = Text(source.text)
    Text.searches = 0
    assert all(document.source.has_references for document in documents)
    assert Text.searches == 1
