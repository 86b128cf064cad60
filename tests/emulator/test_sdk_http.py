"""The official Python SDK, unchanged, over a real socket: everything it offers in the configuration plane.

Every answer is held to the contract. Where the SDK itself is at odds with the documentation, the test says so
and asserts what happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cozepy import (
    AppType,
    AudioFormat,
    BotKnowledge,
    BotPromptInfo,
    CozeAPIError,
    DocumentBase,
    DocumentChunkStrategy,
    DocumentFormatType,
    DocumentSourceInfo,
    DocumentStatus,
    DocumentUpdateRule,
    PublishStatus,
    SyncHTTPClient,
    TokenAuth,
    VariableValue,
    VoiceState,
    WorkspaceMember,
    WorkspaceRoleType,
)
from cozepy import Coze as Sdk
from cozepy.enterprises.members import EnterpriseMember, EnterpriseMemberRole
from cozepy.folders import FolderType

from cozeops.emulator import DEFAULT_USER, DEFAULT_WORKSPACE, ENTERPRISE
from tests.contract import Checked

from .conftest import Coze
from .receiver import receiving

SPACE = DEFAULT_WORKSPACE


@pytest.fixture
def sdk(coze: Coze) -> Iterator[Sdk]:
    """The SDK on a served emulator; its answers are checked, its requests are its own affair."""
    with coze.emulator.serve() as url, httpx.HTTPTransport() as transport:
        client = SyncHTTPClient(transport=Checked(transport, requests=False))
        yield Sdk(TokenAuth("pat_emulator"), base_url=url, http_client=client)


def code(refused: Any) -> int | None:
    """Return the code of a refusal that pytest caught."""
    error = refused.value
    assert isinstance(error, CozeAPIError)
    assert error.logid
    return error.code


def test_users_workspaces_and_members(coze: Coze, sdk: Sdk) -> None:
    """Pages of one, members in and out."""
    space = coze.workspace()
    assert sdk.users.me().user_id == DEFAULT_USER
    pages = sdk.workspaces.list(page_size=1)
    assert [item.id for item in pages] == [SPACE, space]
    assert pages.items[0].workspace_type == "personal"
    users = [WorkspaceMember(user_id="101", role_type=WorkspaceRoleType.ADMIN)]
    added = sdk.workspaces.members.create(workspace_id=space, users=users)
    assert added.added_success_user_ids == ["101"]
    removed = sdk.workspaces.members.delete(workspace_id=space, user_ids=["101", DEFAULT_USER])
    assert removed.owner_not_support_remove_user_ids == [DEFAULT_USER]


def test_the_member_list_cannot_be_read_with_the_sdk(coze: Coze, sdk: Sdk) -> None:
    """The SDK casts the whole page to one member; the reply fits the documentation."""
    with pytest.raises(ValueError, match="validation errors for WorkspaceMember"):
        sdk.workspaces.members.list(workspace_id=coze.workspace())


def test_bots(coze: Coze, sdk: Sdk) -> None:
    """Create, update, publish, read and list in both API versions, unpublish."""
    space = coze.workspace()
    made = sdk.bots.create(space_id=space, name="小厨", prompt_info=BotPromptInfo(prompt="一")).bot_id
    dataset = coze.dataset(space)
    sdk.bots.update(bot_id=made, knowledge=BotKnowledge(dataset_ids=[dataset]))
    with pytest.raises(CozeAPIError) as refused:
        sdk.bots.retrieve(bot_id=made, use_api_version=2)
    assert code(refused) == 4200
    version = sdk.bots.publish(bot_id=made).version
    sdk.bots.update(bot_id=made, prompt_info=BotPromptInfo(prompt="二"))
    prompts = [
        bot.prompt_info.prompt
        for bot in (
            sdk.bots.retrieve(bot_id=made),
            sdk.bots.retrieve(bot_id=made, use_api_version=2),
            sdk.bots.retrieve(bot_id=made, use_api_version=2, is_published=False),
        )
        if bot.prompt_info
    ]
    assert prompts == ["一", "一", "二"]
    assert sdk.bots.retrieve(bot_id=made).version == version
    for other in range(3):
        sdk.bots.publish(bot_id=coze.bot(space, str(other)))
    assert len(list(sdk.bots.list(space_id=space, page_size=2))) == 4
    listed = sdk.bots.list(space_id=space, page_size=2, use_api_version=2, publish_status=PublishStatus.ALL)
    assert (listed.total, len({bot.id for bot in listed})) == (4, 4)
    sdk.bots.unpublish(bot_id=made, connector_id="1024")
    assert sdk.bots.list(space_id=space).total == 3


def test_the_sdk_reads_knowledge_by_the_names_of_writing(coze: Coze, sdk: Sdk) -> None:
    """It expects `dataset_ids` where `knowledge_infos` is documented, and so finds none."""
    space = coze.workspace()
    bot, dataset = coze.bot(space), coze.dataset(space)
    sdk.bots.update(bot_id=bot, knowledge=BotKnowledge(dataset_ids=[dataset]))
    read = sdk.bots.retrieve(bot_id=bot, use_api_version=2, is_published=False)
    assert coze.draft(bot)["knowledge"]["knowledge_infos"][0]["id"] == dataset
    assert read.knowledge
    assert read.knowledge.dataset_ids == []


def test_variables_of_a_bot_are_read(coze: Coze, sdk: Sdk) -> None:
    """The SDK needs `variable_type`, which the emulator answers."""
    variable = {"keyword": "diet", "default_value": "all"}
    seed = {"bot_id": "1000", "name": "x", "publish": ["1024"], "variables": [variable]}
    coze.emulator.seed({"bots": [seed]})
    bot = sdk.bots.retrieve(bot_id="1000", use_api_version=2)
    assert bot.variables
    assert bot.variables[0].default_value == "all"
    value = [VariableValue(keyword="diet", value="vegan")]
    sdk.variables.update(bot_id="1000", connector_uid="u", data=value)
    read = sdk.variables.retrieve(bot_id="1000", connector_uid="u", keywords=["diet"])
    assert [item.value for item in read] == ["vegan"]


def test_datasets_and_documents(coze: Coze, sdk: Sdk) -> None:
    """Create, update, list, process, delete."""
    dataset = sdk.datasets.create(
        name="菜谱", space_id=SPACE, format_type=DocumentFormatType.DOCUMENT
    ).dataset_id
    sdk.datasets.update(dataset_id=dataset, name="新菜谱")
    made = sdk.datasets.documents.create(
        dataset_id=dataset,
        document_bases=[DocumentBase(name="a", source_info=DocumentSourceInfo.build_local_file("麻婆"))],
        chunk_strategy=DocumentChunkStrategy.build_auto(),
    )
    ids = [document.document_id for document in made]
    coze.clock.time += 1
    progress = sdk.datasets.process(dataset_id=dataset, document_ids=ids)
    assert [item.status for item in progress] == [DocumentStatus.COMPLETED]
    sdk.datasets.documents.update(document_id=ids[0], document_name="b.txt")
    assert [item.name for item in sdk.datasets.documents.list(dataset_id=dataset)] == ["b.txt"]
    found = list(sdk.datasets.list(space_id=SPACE, name="新", format_type=DocumentFormatType.DOCUMENT))
    assert [(item.name, item.doc_count) for item in found] == [("新菜谱", 1)]
    sdk.datasets.documents.delete(document_ids=ids)
    sdk.datasets.delete(dataset_id=dataset)
    assert sdk.datasets.list(space_id=SPACE).total == 0


def test_the_sdk_cannot_send_an_update_rule(sdk: Sdk) -> None:
    """It hands the model itself to the JSON encoder."""
    with pytest.raises(TypeError, match="not JSON serializable"):
        sdk.datasets.documents.update(document_id="1", update_rule=DocumentUpdateRule.build_auto_update(24))


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_the_older_documents_client(coze: Coze, sdk: Sdk) -> None:
    """`knowledge.documents` leaves out `format_type`, as the first documented example does."""
    dataset = coze.dataset(SPACE)
    base = DocumentBase(name="a", source_info=DocumentSourceInfo.build_local_file("麻婆"))
    documents, chunks = sdk.knowledge.documents, DocumentChunkStrategy.build_auto()
    documents.create(dataset_id=dataset, document_bases=[base], chunk_strategy=chunks)
    documents.create(dataset_id=dataset, document_bases=[base])
    assert len(list(documents.list(dataset_id=dataset))) == 2


def test_images_and_files(coze: Coze, sdk: Sdk) -> None:
    """An uploaded file becomes an image with a caption."""
    dataset = coze.dataset(SPACE, 2)
    file = sdk.files.upload(file=("mapo.jpg", b"image"))
    assert sdk.files.retrieve(file_id=file.id).file_name == "mapo.jpg"
    image = sdk.datasets.documents.create(
        dataset_id=dataset,
        document_bases=[DocumentBase(name="mapo", source_info=DocumentSourceInfo.build_file_id(file.id))],
        chunk_strategy=DocumentChunkStrategy(caption_type=1),
        format_type=DocumentFormatType.IMAGE,
    )[0]
    sdk.datasets.images.update(dataset_id=dataset, document_id=image.document_id, caption="豆腐")
    assert [photo.caption for photo in sdk.datasets.images.list(dataset_id=dataset)] == ["豆腐"]


def test_folders_apps_and_templates(coze: Coze, sdk: Sdk) -> None:
    """What exists already; the SDK pages apps by page_index."""
    folders = [{"id": "20", "name": "菜"}, {"id": "21", "name": "川菜", "parent_folder_id": "20"}]
    template = {"template_id": "60", "name": "客服"}
    coze.emulator.seed({"folders": folders, "templates": [template], "apps": [{"id": "801", "name": "b"}]})
    root = list(sdk.folders.list(workspace_id=SPACE, folder_type=FolderType.DEVELOPMENT))
    assert [(folder.id, folder.children_count) for folder in root] == [("20", 1)]
    assert sdk.folders.retrieve(folder_id="21").parent_folder_id == "20"
    assert [app.id for app in sdk.apps.list(workspace_id=SPACE, page_size=1)] == ["800", "801"]
    made = sdk.templates.duplicate(template_id="60", workspace_id=SPACE)
    assert (coze.draft(made.entity_id)["name"], made.entity_type) == ("客服", "agent")


def test_workflows(coze: Coze, sdk: Sdk) -> None:
    """List by page, read, versions."""
    listed = sdk.workflows.list(workspace_id=SPACE, page_size=1)
    assert [workflow.workflow_id for workflow in listed] == ["700", "702"]
    assert sdk.workflows.retrieve(workflow_id="700").workflow_detail.app_id == "0"
    assert [item.version for item in sdk.workflows.versions.list(workflow_id="700")] == ["v0.0.1"]


def test_what_the_sdk_asks_of_a_list_of_workflows(coze: Coze, sdk: Sdk) -> None:
    """Its default page of 100 is above the documented 30: it gets 30. Enums are sent by their Python names.

    `PublishStatus.ALL` goes over the wire as just that, with Python 3.11 and later, and is refused.
    """
    more = [{"workflow_id": str(number), "workflow_name": "w"} for number in range(900, 940)]
    coze.emulator.seed({"workflows": more})
    listed = sdk.workflows.list(workspace_id=SPACE)
    assert len(listed.items) == 30
    assert len({workflow.workflow_id for workflow in listed}) == 42
    with pytest.raises(CozeAPIError, match="publish_status") as refused:
        sdk.workflows.list(workspace_id=SPACE, publish_status=PublishStatus.ALL, page_size=2)
    assert code(refused) == 4000


def test_the_audit_of_a_connector(coze: Coze, sdk: Sdk) -> None:
    """The only thing of connectors that the SDK has."""
    space = coze.workspace()
    coze.post("/v1/connectors/900/install", workspace_id=space)
    bot = coze.bot(space)
    sdk.bots.publish(bot_id=bot, connector_ids=["1024", "900"])
    sdk.connectors.bots.update(bot_id=bot, connector_id="900", reason="好")


def test_collaborators_are_beyond_the_sdk(sdk: Sdk) -> None:
    """Neither collaborators nor modes are in it, so they are tested elsewhere."""
    assert not any(hasattr(sdk.bots, name) for name in ("collaborators", "collaboration_mode"))


def test_callback_apps_and_events(coze: Coze, sdk: Sdk) -> None:
    """Create, set the URL, subscribe, list by token, unsubscribe, delete."""
    made = sdk.api_apps.create(app_type=AppType.NORMAL, name="hook")
    sdk.api_apps.create(app_type=AppType.CONNECTOR, connector_id="900")
    with receiving() as receiver:
        sdk.api_apps.update(app_id=made.id, callback_url=receiver.url)
        listed = list(sdk.api_apps.list(page_size=1))
        assert [app.callback_url for app in listed] == [receiver.url, None]
        assert len(list(sdk.api_apps.list(app_type=AppType.CONNECTOR))) == 1
        sdk.api_apps.events.create(api_app_id=made.id, event_types=["bot.published", "bot.unpublished"])
        events = list(sdk.api_apps.events.list(api_app_id=made.id, page_size=1))
        assert [event.event_type for event in events] == ["bot.published", "bot.unpublished"]
        sdk.api_apps.events.delete(api_app_id=made.id, event_types=["bot.unpublished"])
        sdk.bots.publish(bot_id=coze.bot(SPACE))
        assert b"bot.published" in receiver.push()[1]
    sdk.api_apps.delete(app_id=made.id)
    assert len(list(sdk.api_apps.list())) == 1


def test_enterprise_members(coze: Coze, sdk: Sdk) -> None:
    """Add, change, remove with a body; organizations are beyond the SDK."""
    users = [EnterpriseMember(user_id="103", role=EnterpriseMemberRole.ENTERPRISE_MEMBER)]
    members = sdk.enterprises.members
    members.create(enterprise_id=ENTERPRISE, users=users)
    members.update(enterprise_id=ENTERPRISE, user_id="103", role=EnterpriseMemberRole.ENTERPRISE_ADMIN)
    with pytest.raises(CozeAPIError) as refused:
        members.delete(enterprise_id=ENTERPRISE, user_id="103", receiver_user_id=DEFAULT_USER)
    assert code(refused) == 4000
    organization = "/v1/organizations/7300000000000000002/members/103"
    coze.delete(organization, {"receiver_user_id": DEFAULT_USER})
    members.delete(enterprise_id=ENTERPRISE, user_id="103", receiver_user_id=DEFAULT_USER)
    assert not hasattr(sdk.enterprises, "organizations")


def test_voices(sdk: Sdk) -> None:
    """Listed with all they have."""
    voices = list(sdk.audio.voices.list(voice_state=VoiceState.ALL, page_size=2))
    assert [voice.language_code for voice in voices] == ["zh", "zh", "en"]


def test_a_cloned_voice_cannot_be_read_by_the_sdk(coze: Coze, sdk: Sdk) -> None:
    """It expects a whole voice where `voice_id` alone is documented; the voice is made all the same."""
    with pytest.raises(ValueError, match="validation errors for Voice"):
        sdk.audio.voices.clone(voice_name="小厨", file=("a.wav", b"audio"), audio_format=AudioFormat.WAV)
    assert [voice["name"] for voice in coze.emulator.store["voices"]] == ["小厨"]


def test_voiceprint_groups_and_features(sdk: Sdk) -> None:
    """Groups and features in full, and the matching of a speaker."""
    groups = sdk.audio.voiceprint_groups
    group = groups.create(name="家人", desc="在家").id
    groups.update(group_id=group, name="亲人")
    feature = groups.features.create(group_id=group, name="妈妈", file=("a.wav", b"a")).id
    groups.features.update(group_id=group, feature_id=feature, desc="温柔", file=("a.wav", b"b"))
    assert [one.desc for one in groups.features.list(group_id=group)] == ["温柔"]
    assert [(one.name, one.feature_count) for one in groups.list(name="亲")] == [("亲人", 1)]
    scores = groups.speaker_identify(group_id=group, file=("a.wav", b"b")).feature_score_list
    assert [(score.feature_id, score.score) for score in scores] == [(feature, 99.0)]
    groups.features.delete(group_id=group, feature_id=feature)
    groups.delete(group_id=group)
    assert list(groups.list()) == []


def test_the_sdk_cannot_send_numbers_in_a_form(sdk: Sdk) -> None:
    """`sample_rate`, `channel` and `top_k` go to httpx as integers, which it refuses to write."""
    group = sdk.audio.voiceprint_groups.create(name="x").id
    with pytest.raises(AttributeError, match="read"):
        sdk.audio.voiceprint_groups.speaker_identify(group_id=group, file=("a.wav", b"a"), top_k=1)
