"""The official Python SDK, unchanged, against the emulator.

Where the SDK itself is at odds with the documentation, the test says so.
"""

from __future__ import annotations

import httpx
import pytest
from cozepy import (
    BotKnowledge,
    BotModelInfo,
    BotOnboardingInfo,
    BotPromptInfo,
    BotSuggestReplyInfo,
    CozeAPIError,
    DocumentBase,
    DocumentChunkStrategy,
    DocumentFormatType,
    DocumentSourceInfo,
    DocumentStatus,
    DocumentUpdateRule,
    PluginIDList,
    PublishStatus,
    SuggestReplyMode,
    SyncHTTPClient,
    TokenAuth,
    WorkflowIDList,
    WorkspaceMember,
    WorkspaceRoleType,
)
from cozepy import (
    Coze as Sdk,
)

from .conftest import Coze


@pytest.fixture
def sdk(coze: Coze) -> Sdk:
    """The SDK on the emulator."""
    transport = httpx.WSGITransport(app=coze.emulator)
    return Sdk(
        TokenAuth("pat_emulator"),
        base_url="http://127.0.0.1",
        http_client=SyncHTTPClient(transport=transport),
    )


def test_users_and_workspaces(coze: Coze, sdk: Sdk) -> None:
    """Lists, members in and out."""
    space = coze.workspace()
    assert sdk.users.me().nick_name == "模拟器"
    assert [item.id for item in sdk.workspaces.list(page_size=1)][-1] == space
    wanted = [WorkspaceMember(user_id="101", role_type=WorkspaceRoleType.MEMBER)]
    added = sdk.workspaces.members.create(workspace_id=space, users=wanted)
    assert (added.added_success_user_ids, added.not_exist_user_ids) == (["101"], [])
    removed = sdk.workspaces.members.delete(workspace_id=space, user_ids=["101", "404"])
    assert (removed.removed_success_user_ids, removed.not_in_workspace_user_ids) == (["101"], ["404"])


def test_the_sdks_member_list_is_broken(coze: Coze, sdk: Sdk) -> None:
    """It casts the page to one member; the reply is as documented."""
    space = coze.workspace()
    with pytest.raises(Exception, match="validation errors for WorkspaceMember"):
        list(sdk.workspaces.members.list(workspace_id=space))


def test_the_life_of_a_bot(coze: Coze, sdk: Sdk) -> None:
    """Create, update, publish, read in both API versions, list in both, unpublish."""
    space = coze.workspace()
    plugins = PluginIDList(id_list=[PluginIDList.PluginIDInfo(plugin_id="500", api_id="501")])
    bot_id = sdk.bots.create(
        space_id=space,
        name="每日学一菜",
        prompt_info=BotPromptInfo(prompt="教做菜"),
        onboarding_info=BotOnboardingInfo(prologue="欢迎", suggested_questions=["川菜"]),
        suggest_reply_info=BotSuggestReplyInfo(
            reply_mode=SuggestReplyMode.CUSTOMIZED, customized_prompt="再问"
        ),
        model_info_config=BotModelInfo(model_id="7", temperature=0.5),
        plugin_id_list=plugins,
        workflow_id_list=WorkflowIDList(ids=[WorkflowIDList.WorkflowIDInfo(id="700")]),
    ).bot_id
    dataset = coze.dataset(space)
    sdk.bots.update(bot_id=bot_id, knowledge=BotKnowledge(dataset_ids=[dataset], search_strategy=1))
    draft = sdk.bots.retrieve(bot_id=bot_id, is_published=False, use_api_version=2)
    assert draft.prompt_info
    assert draft.prompt_info.prompt == "教做菜"
    assert draft.plugin_info_list
    assert draft.plugin_info_list[0].api_info_list[0].api_id == "501"
    with pytest.raises(CozeAPIError) as refused:
        sdk.bots.retrieve(bot_id=bot_id)
    assert (refused.value.code, bool(refused.value.logid)) == (4200, True)
    version = sdk.bots.publish(bot_id=bot_id).version
    assert sdk.bots.retrieve(bot_id=bot_id).version == version
    assert [item.bot_id for item in sdk.bots.list(space_id=space)] == [bot_id]
    drafts = sdk.bots.list(space_id=space, publish_status=PublishStatus.ALL, use_api_version=2)
    assert [item.is_published for item in drafts] == [True]
    sdk.bots.unpublish(bot_id=bot_id, connector_id="1024", unpublish_reason="休息")
    assert list(sdk.bots.list(space_id=space)) == []


def test_the_sdk_pages_bots_by_page_index(coze: Coze, sdk: Sdk) -> None:
    """The documentation says page_num; both work."""
    space = coze.workspace()
    made = [coze.bot(space, str(number)) for number in range(5)]
    listed = sdk.bots.list(space_id=space, publish_status=PublishStatus.ALL, page_size=2, use_api_version=2)
    assert [item.bot_id for item in listed] == made


def test_knowledge(coze: Coze, sdk: Sdk) -> None:
    """Datasets and documents, with processing in between."""
    space = coze.workspace()
    dataset = sdk.datasets.create(
        name="菜谱", space_id=space, format_type=DocumentFormatType.DOCUMENT
    ).dataset_id
    sdk.datasets.update(dataset_id=dataset, name="新菜谱", description="川菜")
    documents = sdk.datasets.documents.create(
        dataset_id=dataset,
        document_bases=[
            DocumentBase(name="a", source_info=DocumentSourceInfo.build_local_file("麻婆豆腐")),
        ],
        chunk_strategy=DocumentChunkStrategy.build_custom(max_tokens=800, separator="\n"),
    )
    page = DocumentBase(
        name="b",
        source_info=DocumentSourceInfo.build_web_page("https://example.com"),
        update_rule=DocumentUpdateRule.build_auto_update(24),
    )
    more = sdk.datasets.documents.create(dataset_id=dataset, document_bases=[page])
    ids = [document.document_id for document in (*documents, *more)]
    coze.clock.time += 1
    progress = sdk.datasets.process(dataset_id=dataset, document_ids=ids)
    assert [item.status for item in progress.data] == [DocumentStatus.COMPLETED] * 2
    sdk.datasets.documents.update(document_id=ids[0], document_name="c.txt")
    assert [item.name for item in sdk.datasets.documents.list(dataset_id=dataset)] == ["c.txt", "b"]
    sdk.datasets.documents.delete(document_ids=ids)
    shown = next(iter(sdk.datasets.list(space_id=space)))
    assert (shown.name, shown.description, shown.doc_count) == ("新菜谱", "川菜", 0)
    sdk.datasets.delete(dataset_id=dataset)
    assert list(sdk.datasets.list(space_id=space)) == []


def test_images_and_files(coze: Coze, sdk: Sdk) -> None:
    """An uploaded file becomes an image with a caption."""
    space = coze.workspace()
    dataset = sdk.datasets.create(
        name="照片", space_id=space, format_type=DocumentFormatType.IMAGE
    ).dataset_id
    file = sdk.files.upload(file=("mapo.jpg", b"image"))
    assert sdk.files.retrieve(file_id=file.id).bytes == 5
    image = sdk.datasets.documents.create(
        dataset_id=dataset,
        document_bases=[DocumentBase(name="mapo", source_info=DocumentSourceInfo.build_file_id(file.id))],
        chunk_strategy=DocumentChunkStrategy(caption_type=1),
        format_type=DocumentFormatType.IMAGE,
    )
    sdk.datasets.images.update(
        dataset_id=dataset, document_id=next(iter(image)).document_id, caption="麻婆豆腐"
    )
    photos = list(sdk.datasets.images.list(dataset_id=dataset, keyword="豆腐"))
    assert [photo.caption for photo in photos] == ["麻婆豆腐"]


def test_apps_workflows_and_audits(coze: Coze, sdk: Sdk) -> None:
    """What exists already, and the audit of a custom connector."""
    personal = "7300000000000000001"
    assert [item.name for item in sdk.apps.list(workspace_id=personal)] == ["shop"]
    # its default of 100 per page is above the documented 30
    workflows = sdk.workflows.list(workspace_id=personal, page_size=30)
    assert [item.workflow_id for item in workflows] == ["700", "702"]
    assert sdk.workflows.retrieve(workflow_id="700").workflow_detail.workflow_name == "order-lookup"
    assert [item.version for item in sdk.workflows.versions.list(workflow_id="700")] == ["v0.0.1"]
    coze.post("/v1/connectors/900/install", workspace_id=personal)
    bot = coze.bot(personal)
    sdk.bots.publish(bot_id=bot, connector_ids=["1024", "900"])
    sdk.connectors.bots.update(bot_id=bot, connector_id="900", audit_status=2)
