"""The official description of each configuration operation, rule by rule, and what holds it here.

A table, read from the description of the API: every field that can be written and where a manifest says it
(`FIELDS`), every limit, choice and rule with its proof (`RULES`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class By:
    """A manifest says it: the kind, and the path below `spec`."""

    kind: str
    path: str


@dataclass(frozen=True)
class Run:
    """No manifest says it: the run puts it in."""

    what: str


@dataclass(frozen=True)
class No:
    """It cannot be said, or is not checked offline, and this is why."""

    why: str


@dataclass(frozen=True)
class Refused:
    """`validate` refuses it: the spec of a resource, and words of the message."""

    kind: str
    spec: str
    words: str


@dataclass(frozen=True)
class Test:
    """Another test holds it: its file below `tests`, and its name."""

    file: str
    name: str
    __test__ = False


@dataclass(frozen=True)
class Batch:
    """The kind's declaration holds it: so many items of a list are added or removed by one request."""

    kind: str
    path: str
    verb: str
    most: int


OBJECT = Run("the id of the object")
SCOPE = Run("the id of the workspace that metadata names")
SERVER = "only the server knows it; its refusal is shown with its log id"

_BOT = {
    "description": By("Bot", "description"),
    "icon_file_id": By("Bot", "icon"),
    "media_config.is_voice_call_closed": By("Bot", "voice_call"),
    "model_info_config.model_id": By("Bot", "model.id"),
    **{
        f"model_info_config.{name}": By("Bot", f"model.{name}")
        for name in (
            "api_mode", "cache_type", "context_round", "frequency_penalty", "max_tokens", "presence_penalty",
            "response_format", "sp_anti_leak", "sp_current_time", "temperature", "top_k", "top_p",
        )
    },
    "model_info_config.parameters.thinking_type": By("Bot", "model.parameters"),
    "name": By("Bot", "name"),
    "onboarding_info.prologue": By("Bot", "onboarding.prologue"),
    "onboarding_info.suggested_questions[]": By("Bot", "onboarding.suggested_questions"),
    "plugin_id_list.id_list[].plugin_id": By("Bot", "plugins.plugin"),
    "plugin_id_list.id_list[].api_id": By("Bot", "plugins.tools"),
    "prompt_info.prompt": By("Bot", "prompt"),
    "prompt_info.prompt_mode": Run("prefix for a prompt in two parts, else standard"),
    "prompt_info.prefix_prompt_info.prefix_prompt": By("Bot", "prompt.prefix"),
    "prompt_info.prefix_prompt_info.dynamic_prompt": By("Bot", "prompt.dynamic"),
    "suggest_reply_info.reply_mode": By("Bot", "suggest_reply.mode"),
    "suggest_reply_info.customized_prompt": By("Bot", "suggest_reply.prompt"),
    "workflow_id_list.ids[].id": By("Bot", "workflows"),
}  # fmt: skip
_QUOTA = {
    name: By("Quota", name)
    for name in ("ended_at", "limit", "started_at", "status", "trigger_time", "trigger_unit")
}
_MODE = "collaboration.mode"
_PEOPLE = "collaboration.collaborators"
_FEATURE = {
    "file": By("VoiceprintGroup", "features.file"),
    "name": By("VoiceprintGroup", "features.name"),
    "desc": By("VoiceprintGroup", "features.description"),
    "sample_rate": By("VoiceprintGroup", "features.sample_rate"),
    "channel": By("VoiceprintGroup", "features.channel"),
}

FIELDS: dict[str, dict[str, By | Run | No]] = {
    "createBot": {**_BOT, "space_id": SCOPE},
    "updateBot": {
        **_BOT,
        "bot_id": OBJECT,
        "knowledge.auto_call": By("Bot", "knowledge.auto_call"),
        "knowledge.dataset_ids[]": By("Bot", "knowledge.datasets"),
        "knowledge.search_strategy": By("Bot", "knowledge.search_strategy"),
    },
    "publishBot": {
        "bot_id": OBJECT,
        "connector_ids[]": By("Bot", "publish.connectors"),
        "connectors": By("Bot", "publish.connectors.params"),
    },
    "unpublishBot": {
        "bot_id": OBJECT,
        "connector_id": By("Bot", "publish.never"),
        "unpublish_reason": By("Bot", "publish.unpublish_reason"),
    },
    "setBotCollaborationMode": {"collaboration_mode": By("Bot", _MODE)},
    "addBotCollaborator": {"collaborators[].user_id": By("Bot", _PEOPLE)},
    "setWorkflowCollaborationMode": {"collaboration_mode": By("Workflow", _MODE)},
    "addWorkflowCollaborator": {"collaborators[].user_id": By("Workflow", _PEOPLE)},
    "addAppCollaborator": {"collaborators[].user_id": By("App", _PEOPLE)},
    "createWorkspace": {
        name: By("Workspace", path)
        for name, path in {
            "coze_account_id": "coze_account_id",
            "description": "description",
            "icon_file_id": "icon",
            "name": "name",
            "owner_uid": "owner_uid",
        }.items()
    },
    "updateWorkspace": {"description": By("Workspace", "description"), "name": By("Workspace", "name")},
    "addWorkspaceMembers": {
        "users[].user_id": By("Workspace", "members.user"),
        "users[].role_type": By("Workspace", "members.role"),
        "users[].user_nickname": No("people name themselves"),
        "users[].user_unique_name": No("people name themselves"),
        "users[].avatar_url": No("people choose it themselves"),
    },
    "removeWorkspaceMembers": {"user_ids[]": Run("who is not listed")},
    "createDataset": {
        "name": By("KnowledgeBase", "name"),
        "space_id": SCOPE,
        "format_type": By("KnowledgeBase", "format"),
        "description": By("KnowledgeBase", "description"),
        "file_id": By("KnowledgeBase", "icon"),
    },
    "updateDataset": {
        "name": By("KnowledgeBase", "name"),
        "description": By("KnowledgeBase", "description"),
        "file_id": By("KnowledgeBase", "icon"),
    },
    "updateImage": {"caption": By("KnowledgeBase", "images.caption")},
    "createDocuments": {
        "dataset_id": OBJECT,
        "format_type": Run("that of the base"),
        "chunk_strategy.caption_type": By("KnowledgeBase", "captions"),
        "chunk_strategy.chunk_type": By("KnowledgeBase", "chunking.mode"),
        **{
            f"chunk_strategy.{name}": By("KnowledgeBase", f"chunking.{name}")
            for name in ("max_tokens", "remove_extra_spaces", "remove_urls_emails", "separator")
        },
        "document_bases[].caption": By("KnowledgeBase", "images.caption"),
        "document_bases[].name": By("KnowledgeBase", "documents.name"),
        "document_bases[].source_info.document_source": Run("by what the entry has: file, url or image"),
        "document_bases[].source_info.file_base64": By("KnowledgeBase", "documents.file"),
        "document_bases[].source_info.file_type": Run("the type of the file"),
        "document_bases[].source_info.source_file_id": By("KnowledgeBase", "images.file"),
        "document_bases[].source_info.web_url": By("KnowledgeBase", "documents.url"),
        "document_bases[].update_rule.update_interval": By("KnowledgeBase", "documents.refresh.every_hours"),
        "document_bases[].update_rule.update_type": By("KnowledgeBase", "documents.refresh.mode"),
    },
    "updateDocument": {
        "document_id": Run("the id of the document"),
        "document_name": No("another name is another document: it is replaced"),
        "update_rule.update_interval": By("KnowledgeBase", "documents.refresh.every_hours"),
        "update_rule.update_type": By("KnowledgeBase", "documents.refresh.mode"),
    },
    "deleteDocuments": {"document_ids[]": Run("what is not listed")},
    "createApiApp": {
        "app_type": By("CallbackApp", "app_type"),
        "connector_id": By("CallbackApp", "connector"),
        "name": By("CallbackApp", "name"),
    },
    "updateApiApp": {"callback_url": By("CallbackApp", "callback_url"), "name": By("CallbackApp", "name")},
    "subscribeApiAppEvents": {"event_types[]": By("CallbackApp", "events")},
    "unsubscribeApiAppEvents": {"event_types[]": Run("what is not listed")},
    "installConnector": {"workspace_id": By("Workspace", "connectors")},
    "bindConnectorUserConfigs": {
        "configs[].key": By("Connector", "devices.key"),
        "configs[].enums[].label": By("Connector", "devices.values"),
        "configs[].enums[].value": By("Connector", "devices.values"),
        "user_id": By("Connector", "devices.developer"),
    },
    "updateConnectorBotAudit": {
        name: No("an answer to one publication, not a configuration: cozeops channel audit")
        for name in ("audit_status", "reason")
    },
    "createBenefitLimitation": {
        **{f"benefit_info.{name}": by for name, by in _QUOTA.items()},
        "benefit_info.benefit_type": By("Quota", "benefit_type"),
        "benefit_info.active_mode": Run("absolute_time, the only one"),
        "entity_id": By("Quota", "entity_id"),
        "entity_type": By("Quota", "entity_type"),
    },
    "updateBenefitLimitation": {
        **_QUOTA,
        "active_mode": No("there is only one"),
        "benefit_id": OBJECT,
    },
    "addEnterpriseMember": {
        "users[].user_id": By("EnterpriseMembers", "members.user"),
        "users[].role": By("EnterpriseMembers", "members.role"),
    },
    "updateEnterpriseMember": {"role": By("EnterpriseMembers", "members.role")},
    "removeEnterpriseMember": {"receiver_user_id": By("EnterpriseMembers", "receiver")},
    "createOrganization": {
        "name": By("Organization", "name"),
        "description": By("Organization", "description"),
        "super_admin_user_id": By("Organization", "super_admin_user_id"),
    },
    "updateOrganization": {
        "name": By("Organization", "name"),
        "description": By("Organization", "description"),
    },
    "addOrganizationMember": {
        "organization_people[].user_id": By("Organization", "members.user"),
        "organization_people[].organization_role_type": By("Organization", "members.role"),
    },
    "updateOrganizationMember": {"organization_role_type": By("Organization", "members.role")},
    "removeOrganizationMember": {"receiver_user_id": By("Organization", "receiver")},
    "cloneVoice": {
        "file": By("Voice", "file"),
        "audio_format": Run("the type of the file"),
        "voice_name": By("Voice", "name"),
        "language": By("Voice", "language"),
        "text": By("Voice", "text"),
        "preview_text": By("Voice", "preview_text"),
        "description": By("Voice", "description"),
        "space_id": By("Voice", "workspace"),
        "voice_id": OBJECT,
        "audio.audio_bytes": No("an older form of file"),
        "audio.format": No("an older form of audio_format"),
    },
    "createVoiceprintGroup": {
        "name": By("VoiceprintGroup", "name"),
        "desc": By("VoiceprintGroup", "description"),
    },
    "updateVoiceprintGroup": {
        "name": By("VoiceprintGroup", "name"),
        "desc": By("VoiceprintGroup", "description"),
    },
    "createVoiceprintFeature": _FEATURE,
    "updateVoiceprintFeature": _FEATURE,
    "updateVariables": {
        "app_id": By("VariableValues", "app"),
        "bot_id": By("VariableValues", "bot"),
        "connector_id": By("VariableValues", "connector"),
        "connector_uid": By("VariableValues", "connector_uid"),
        "data[].keyword": By("VariableValues", "values"),
        "data[].value": By("VariableValues", "values"),
    },
    "createCopyTask": {
        "entity_id": Run("the object of the other environment: cozeops promote"),
        "entity_type": Run("that of the kind"),
        "to_workspace_id": SCOPE,
    },
    "duplicateTemplate": {
        name: No("made once, by hand: cozeops template") for name in ("workspace_id", "name")
    },
    "uploadFile": {"file": Run("icons and images, before they are used")},
}
"""Operation -> each field of its body -> who says it."""

_MANY = ", ".join(["{id: '1'}"] * 151)
_OWN = "manifests/test_official.py"
_RULES_FILE = "manifests/test_rules.py"
_REFUSED = Test(_RULES_FILE, "test_what_coze_does_not_take_is_refused_offline")
_PEOPLE_RULES = Test("manifests/test_enterprise.py", "test_what_coze_would_refuse_is_found_offline")
_QUOTAS = Test("cli/test_quota.py", "test_mistakes_are_found_offline")
_SOUNDS = Test("cli/test_sounds.py", "test_what_coze_refuses_is_found_offline")
_VOICES = Test("cli/test_sounds.py", "test_a_voice_is_checked_offline")

RULES: tuple[tuple[str, str, Refused | Test | Batch | No], ...] = (
    # bots
    ("createBot", "a name has 1 to 20 characters", Refused("Bot", f"name: {'菜' * 21}", "at most 20")),
    (
        "createBot",
        "a description has at most 500",
        Refused("Bot", f"description: {'菜' * 501}", "at most 500"),
    ),
    (
        "createBot",
        "a prompt has at most 20,000",
        Refused("Bot", f"prompt: {'菜' * 20_001}", "at most 20,000"),
    ),
    (
        "createBot",
        "a prologue has at most 300",
        Refused("Bot", f"onboarding: {{prologue: {'菜' * 301}}}", "at most 300"),
    ),
    (
        "createBot",
        "a suggested question has at most 50",
        Refused("Bot", f"onboarding: {{suggested_questions: [{'菜' * 51}]}}", "at most 50"),
    ),
    ("createBot", "model_info_config needs model_id", Refused("Bot", "model: {top_k: 1}", 'needs "id"')),
    (
        "createBot",
        "response_format is one of three",
        Refused("Bot", 'model: {id: "1", response_format: x}', "text,"),
    ),
    ("createBot", "api_mode is one of two", Refused("Bot", 'model: {id: "1", api_mode: x}', "chat_api")),
    ("createBot", "cache_type is one of two", Refused("Bot", 'model: {id: "1", cache_type: x}', "closed")),
    ("createBot", "cache_type is for the Context API alone", _REFUSED),
    ("createBot", "parameters.caching is for responses_api", _REFUSED),
    ("createBot", "prefix caching by either switch takes no plain prompt", _REFUSED),
    ("createBot", "prefix caching needs store", _REFUSED),
    ("createBot", "a cache lives for at most 259200 seconds", _REFUSED),
    ("createBot", "thinking_type is one of three", _REFUSED),
    ("createBot", "a model that thinks has neither plugins nor workflows", _REFUSED),
    ("createBot", "triggers, databases and shortcuts of a thinking model", No("no call writes them")),
    ("createBot", "prefix caching, thinking and responses_api are for some models", No(SERVER)),
    ("createBot", "ranges of temperature, top_p and penalties", _REFUSED),
    ("createBot", "a model's own ranges, which are narrower", No(SERVER)),
    ("createBot", "prefix caching is for paid editions", No("no call lists what an edition has of a model")),
    ("createBot", "reply_mode is one of three", Refused("Bot", "suggest_reply: {mode: x}", "enable")),
    (
        "createBot",
        "reply_mode customized needs a prompt",
        Refused("Bot", "suggest_reply: {mode: customized}", "needs a prompt"),
    ),
    ("createBot", "a prompt is for reply_mode customized", _REFUSED),
    (
        "getBot",
        "suggested questions are not returned while suggestions are off",
        Test("engine/test_told.py", "test_questions_go_together_with_no_suggestions"),
    ),
    (
        "createBot",
        "plugin_id and api_id are both needed",
        Refused("Bot", 'plugins: [{plugin: {id: "1"}}]', "tools"),
    ),
    (
        "updateBot",
        "at most 150 knowledge bases",
        Refused("Bot", f"knowledge: {{datasets: [{_MANY}]}}", "at most 150"),
    ),
    (
        "updateBot",
        "search_strategy is one of three",
        Refused("Bot", "knowledge: {search_strategy: x}", "semantic"),
    ),
    (
        "updateBot",
        "no Volcano knowledge bases",
        No("an id does not tell; of those that are declared none is"),
    ),
    ("updateBot", "bases and workflows of the bot's own workspace", _REFUSED),
    (
        "updateBot",
        "plugins of the bot's own workspace, or of the store",
        No("no call tells whose a plugin is"),
    ),
    (
        "publishBot",
        "a custom channel only together with the API",
        Refused("Bot", "publish: {connectors: [kiosk]}", "only together with api"),
    ),
    ("publishBot", "only the API, the Chat SDK and custom channels are published to", _REFUSED),
    ("publishBot", "parameters are for custom channels", _REFUSED),
    (
        "publishBot",
        "a value is text in JSON",
        Test("engine/test_safety.py", "test_channel_parameters_are_counted_and_can_be_sent_again"),
    ),
    (
        "unpublishBot",
        "it takes bots off Coze's own channels, too",
        Test("engine/test_never.py", "test_it_leaves_a_channel_that_it_must_never_be_on"),
    ),
    (
        "unpublishBot",
        "a reason has at most 1024 characters",
        Test("engine/test_never.py", "test_what_cannot_be_meant_is_refused"),
    ),
    ("unpublishBot", "only the owner of the bot or of the channel", No(SERVER)),
    ("unpublishBot", "not off Doubao", No("its id is nowhere documented")),
    # collaboration
    ("setBotCollaborationMode", "one of two", Refused("Bot", "collaboration: {mode: x}", "single")),
    ("setBotCollaborationMode", "single only without collaborators", _REFUSED),
    ("setWorkflowCollaborationMode", "single only without collaborators", _REFUSED),
    ("setWorkflowCollaborationMode", "not for workflows of an app", No(SERVER)),
    ("addBotCollaborator", "one per request", Batch("Bot", "collaboration.collaborators", "add", 1)),
    ("addBotCollaborator", "only members of the workspace", No("members need not be declared; " + SERVER)),
    (
        "addBotCollaborator",
        "5 a second, for all of the account",
        Test("api/test_limiter.py", "test_the_known_limits"),
    ),
    ("addBotCollaborator", "enterprise editions", Test(_OWN, "test_what_an_edition_lacks_is_declared")),
    # workspaces
    ("createWorkspace", "a name has at most 50", Refused("Workspace", f"name: {'厨' * 51}", "at most 50")),
    (
        "createWorkspace",
        "a description has at most 2000",
        Refused("Workspace", f"description: {'厨' * 2001}", "at most 2,000"),
    ),
    ("updateWorkspace", "empty means: as it is", Refused("Workspace", 'description: ""', "at least 1")),
    ("updateWorkspace", "not for personal workspaces", No("the list tells; " + SERVER)),
    ("updateWorkspace", "safe content (4014)", No(SERVER)),
    (
        "removeWorkspaceMembers",
        "never the owner",
        Test("engine/test_items.py", "test_the_owner_is_neither_removed_nor_demoted"),
    ),
    ("removeWorkspaceMembers", "at most 5 per request", Batch("Workspace", "members", "remove", 5)),
    # knowledge
    (
        "updateDataset",
        "a name has at most 100",
        Refused("KnowledgeBase", f"name: {'菜' * 101}", "at most 100"),
    ),
    (
        "updateDataset",
        "what is left out goes back to its default",
        Test(_OWN, "test_an_update_of_a_base_sends_all_of_it"),
    ),
    ("createDocuments", "at most 10 per request", Batch("KnowledgeBase", "documents", "add", 10)),
    (
        "createDocuments",
        "a body has at most 15 MB",
        Test("engine/test_bodies.py", "test_documents_share_a_request_as_far_as_its_bytes_go"),
    ),
    ("createDocuments", "files or web pages", Test(_OWN, "test_files_and_pages_share_no_request")),
    (
        "createDocuments",
        "pdf, txt, doc and docx",
        Refused("KnowledgeBase", "documents: [{file: a.png}]", "Coze takes"),
    ),
    (
        "createDocuments",
        "documents in a text base",
        Refused("KnowledgeBase", "format: image\n  documents: [{file: a.md}]", "has no documents"),
    ),
    (
        "createDocuments",
        "images in an image base",
        Refused("KnowledgeBase", "format: text\n  images: [{file: a.png}]", "has no images"),
    ),
    (
        "createDocuments",
        "chunk_type 1 needs separator and max_tokens",
        Refused("KnowledgeBase", "chunking: {mode: custom, max_tokens: 800}", "needs separator"),
    ),
    (
        "createDocuments",
        "max_tokens is 100 to 2000",
        Refused("KnowledgeBase", 'chunking: {mode: custom, separator: "#", max_tokens: 99}', "at least 100"),
    ),
    (
        "createDocuments",
        "separator and the rest are for chunk_type 1",
        Refused("KnowledgeBase", "chunking: {mode: auto, max_tokens: 800}", "only mode custom"),
    ),
    (
        "createDocuments",
        "a page is read again after 24 hours at the earliest",
        Refused(
            "KnowledgeBase",
            "documents: [{url: 'https://a.cn', name: a, refresh: {every_hours: 23}}]",
            "at least 24",
        ),
    ),
    (
        "createDocuments",
        "update_rule is for web pages",
        Refused("KnowledgeBase", "documents: [{file: a.md, refresh: {every_hours: 24}}]", "for web pages"),
    ),
    ("createDocuments", "captions are written by Coze or by you", _REFUSED),
    ("createDocuments", "only the owner of the base", No(SERVER)),
    ("deleteDocuments", "at most 100 per request", Batch("KnowledgeBase", "documents", "remove", 100)),
    (
        "uploadFile",
        "the types of images",
        Refused("Bot", "icon: a.md", "is no image"),
    ),
    (
        "uploadFile",
        "512 MB",
        No("no test writes such a file; icons and images are measured as documents are"),
    ),
    ("uploadFile", "10 or 20 a second", Test("api/test_pace.py", "test_a_count_per_second_is_found_out_too")),
    # callback apps
    (
        "createApiApp",
        "a name has at most 128",
        Refused("CallbackApp", f"name: {'事' * 129}", "at most 128"),
    ),
    (
        "createApiApp",
        "type connector needs its channel",
        Refused("CallbackApp", "app_type: connector", "needs its channel"),
    ),
    (
        "createApiApp",
        "type connector has the name of its channel",
        Test("engine/test_callback_apps.py", "test_the_app_of_a_channel_is_found_by_the_channel"),
    ),
    ("createApiApp", "only admins, only the maker of the channel", No(SERVER)),
    ("updateApiApp", "the URL answers a challenge", No("it is asked while the call is made; " + SERVER)),
    ("subscribeApiAppEvents", "known events", Refused("CallbackApp", "events: [bot.made]", "bot.published")),
    # channels
    ("installConnector", "custom and public channels", _REFUSED),
    (
        "bindConnectorUserConfigs",
        "a device has a label and a value",
        Refused("Connector", 'id: "7"\n  devices: [{key: a, values: {"": "1"}}]', "a name and an id"),
    ),
    ("bindConnectorUserConfigs", "the key is the one that was agreed upon", No(SERVER)),
    (
        "bindConnectorUserConfigs",
        "a developer",
        Test("cli/test_devices.py", "test_the_request_names_the_developer"),
    ),
    # quotas
    ("createBenefitLimitation", "entity_id with single_* only, and always there", _QUOTAS),
    ("createBenefitLimitation", "benefit_type is one of three", _QUOTAS),
    ("createBenefitLimitation", "times are seconds", _REFUSED),
    ("createBenefitLimitation", "a period needs its trigger_time", _REFUSED),
    ("createBenefitLimitation", "trigger_time means nothing with never", _REFUSED),
    (
        "createBenefitLimitation",
        "for everybody one that counts on and one that begins anew",
        Test("cli/test_quota.py", "test_two_manifests_of_one_quota_are_a_mistake"),
    ),
    ("createBenefitLimitation", "voice needs a licence", No(SERVER)),
    # people
    ("addEnterpriseMember", "one at a time", Test("api/test_limiter.py", "test_members_go_one_at_a_time")),
    ("addEnterpriseMember", "role is one of two", _PEOPLE_RULES),
    ("addWorkspaceMembers", "at most 20 per request", Batch("Workspace", "members", "add", 20)),
    ("addEnterpriseMember", "at most 100 in the standard edition", No(SERVER)),
    ("updateEnterpriseMember", "not for guests", No("guests are not listed there; " + SERVER)),
    (
        "createOrganization",
        "a name has at most 30",
        Refused("Organization", f"name: {'餐' * 31}", "at most 30"),
    ),
    (
        "createOrganization",
        "a description has at most 100",
        Refused("Organization", f"description: {'餐' * 101}", "at most 100"),
    ),
    ("createOrganization", "at most 20", No(SERVER)),
    ("updateOrganization", "empty means: as it is", Refused("Organization", 'description: ""', "at least 1")),
    ("updateOrganization", "safe content (4102)", No(SERVER)),
    (
        "addOrganizationMember",
        "after the person is in the enterprise",
        Test("engine/test_company.py", "test_a_run_that_breaks_off_remembers_whom_it_let_in"),
    ),
    (
        "updateOrganizationMember",
        "guests stay guests, and nobody else becomes one",
        Test("engine/test_company.py", "test_a_guest_stays_a_guest"),
    ),
    ("updateOrganizationMember", "a super admin is made by one", No(SERVER)),
    # voices
    ("cloneVoice", "types, and 10 MB", _VOICES),
    ("cloneVoice", "a name has at most 128 bytes, the text 1024", _VOICES),
    ("cloneVoice", "language is one of six", Refused("Voice", "language: fr", "zh")),
    ("cloneVoice", "pcm has 24 kHz and one channel", No("such a file does not say what it is")),
    (
        "cloneVoice",
        "10 trainings of a voice",
        Test("cli/test_sounds.py", "test_another_recording_trains_the_voice_again"),
    ),
    # copies
    ("createCopyTask", "never out of a personal workspace", No("the list tells; " + SERVER)),
    ("createCopyTask", "both workspaces are joined", No(SERVER)),
)
"""(operation, the rule, what holds it)."""
