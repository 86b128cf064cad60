"""Plans made by hand, with everything that a reviewer may meet."""

from __future__ import annotations

from cozeops.address import Address
from cozeops.codes import Code
from cozeops.declare.verbs import Verb
from cozeops.engine.model.findings import finding
from cozeops.engine.model.outcome import Outcome, Status
from cozeops.engine.model.plan import Action, Change, FieldChange, Plan, Step

CHEF = Address("Bot", "chef")
GUIDE = Address("Bot", "guide")
KIOSK = Address("Bot", "kiosk-helper")
SPARE = Address("Bot", "试验")
RECIPES = Address("KnowledgeBase", "recipes")
KITCHEN = Address("Workspace", "kitchen")

PROMPT = """# 角色
你是一位经验丰富的川菜厨师，名叫老张，每天教用户做一道家常菜。你说话亲切，有耐心，从不嘲笑初学者。

## 技能
### 技能 1：推荐菜品
1. 当用户没有想法时，根据季节、天气和冰箱里的食材推荐一道菜。
2. 说明为什么推荐它，并给出难度（简单、中等、困难）。
3. 使用 {{user_city}} 判断当地容易买到的食材。

### 技能 2：讲解做法
1. 先列出食材和用量，再列出步骤。
2. 每一步不超过两句话，重要的火候用**粗体**标出。
3. 讲完后询问用户是否需要换一种口味。

## 限制
- 只讨论做菜，拒绝回答与做菜无关的问题。
- 不推荐野生动物。
- 回答不超过 300 字。
"""
PROMPT_AFTER = (
    PROMPT.replace("每天教用户做一道家常菜", "每天教用户做一道正宗川菜或粤菜")
    .replace(
        "2. 每一步不超过两句话，重要的火候用**粗体**标出。\n",
        "2. 每一步不超过三句话，重要的火候和时间用**粗体**标出。\n3. 提醒用户注意刀具和热油的安全。\n",
    )
    .replace("3. 讲完后询问", "4. 讲完后询问")
    .replace("- 不推荐野生动物。\n", "")
)
ENGLISH = (
    "You are a patient travel guide for first-time visitors to Chengdu. Answer in the language of the "
    "question, name at most three places, and always say how to get there by metro."
)
ENGLISH_AFTER = (
    "You are a patient travel guide for first-time visitors to Chengdu and Chongqing. Answer in the language "
    "of the question, name at most five places, and always say how to get there by metro or by bus."
)
LONG_NEW = "# Role\nYou help people at the kiosk.\n\n## Rules\n" + "\n".join(
    f"{number}. Rule number {number}: stay calm, be brief." for number in range(1, 87)
)


def story() -> Plan:
    """Creates, an edit that goes live, an edit that stays in draft, leaving a channel, a delete, findings."""
    return Plan(
        environment="prod",
        base_url="https://api.coze.cn",
        changes=(_recipes(), _chef(), _guide(), _kiosk(), _spare(), _menus(), *_quiet()),
        findings=(
            finding(
                Code.DRAFT_ONLY,
                GUIDE,
                "the edit stays in the draft: users see it once the bot is published",
                "declare spec.publish to publish it",
            ),
            finding(
                Code.REMOVES_UNKNOWN,
                RECIPES,
                "spec.documents does not list 旧菜单.txt, which is live: it would be removed",
                "list it to keep it, or acknowledge the removal",
            ),
            finding(
                Code.RESETS_UNREADABLE,
                CHEF,
                "this update resets what cannot be read back: spec.knowledge.auto_call",
                "declare these fields to keep them",
            ),
        ),
        stats={"requests": 12, "by_operation": {"listBots": 3}, "seconds": 0.84},
    )


def _recipes() -> Change:
    file = {"file": "docs/粤菜/白切鸡.pdf", "sha256": "9f2c51d07a4be263" * 4}
    return Change(
        RECIPES,
        "7431290000000001",
        Action.UPDATE,
        "documents: 1 added, 1 removed",
        fields=(
            FieldChange("spec.description", "川菜", "川菜与粤菜"),
            FieldChange("spec.documents[白切鸡.pdf]", None, {"name": "白切鸡.pdf", "file": file}),
            FieldChange("spec.documents[旧菜单.txt]", {"name": "旧菜单.txt", "chars": 1200}, None),
        ),
        steps=(
            Step(Verb.UPDATE, "updateDataset"),
            Step(Verb.ADD, "createDocument", "spec.documents", ("白切鸡.pdf",)),
            Step(Verb.REMOVE, "deleteDocument", "spec.documents", ("旧菜单.txt",), ("99",)),
        ),
        scope="厨房",
    )


def _chef() -> Change:
    return Change(
        CHEF,
        "73428668000000",
        Action.UPDATE,
        "4 fields differ from the live side; the draft changes",
        fields=(
            FieldChange("spec.prompt", PROMPT, PROMPT_AFTER),
            FieldChange("spec.model.temperature", 0.7, 0.9),
            FieldChange("spec.model.id", "1706077826", "1706077827"),
            FieldChange(
                "spec.plugins",
                [
                    {"plugin": "Plugin/news", "tool": "getToutiaoNews"},
                    {"plugin": "Plugin/map", "tool": "route"},
                ],
                [{"plugin": "Plugin/map", "tool": "route"}, {"plugin": "Plugin/map", "tool": "nearby"}],
            ),
            FieldChange(
                "spec.icon", None, {"file": "icons/chef.png", "sha256": "ab12cd34" * 8}, note="write-only"
            ),
            FieldChange("spec.voice_call", None, False, note="write-only"),
            FieldChange("spec.collaboration.collaborators[4114]", None, "4114", note="write-only"),
            FieldChange("spec.collaboration.collaborators[4115]", None, "4115", note="write-only"),
            FieldChange("spec.publish.connectors", ["api"], ["api", "chat_sdk"]),
        ),
        steps=(
            Step(Verb.UPLOAD, "uploadFile", "spec.icon"),
            Step(Verb.UPDATE, "updateBot"),
            Step(Verb.PUBLISH, "publishBot", "spec.publish.connectors", ("api", "chat_sdk"), ("1024", "999")),
        ),
        needs=(RECIPES,),
        scope="厨房",
    )


def _guide() -> Change:
    return Change(
        GUIDE,
        "73428668000001",
        Action.UPDATE,
        "2 fields differ from the live side",
        fields=(
            FieldChange("spec.prompt", ENGLISH, ENGLISH_AFTER),
            FieldChange(
                "spec.onboarding.suggested_questions",
                ["Where to eat?", "火锅在哪里"],
                ["火锅在哪里", "Where to eat?"],
            ),
        ),
        steps=(Step(Verb.UPDATE, "updateBot"),),
        scope="厨房",
    )


def _kiosk() -> Change:
    return Change(
        KIOSK,
        None,
        Action.CREATE,
        "not on Coze yet",
        fields=(
            FieldChange("spec.name", None, "点餐助手"),
            FieldChange("spec.prompt", None, LONG_NEW),
            FieldChange("spec.knowledge.datasets", None, ["KnowledgeBase/recipes"], note="known after apply"),
            FieldChange(
                "spec.icon", None, {"file": "icons/kiosk.png", "sha256": "cd34ab12" * 8}, note="write-only"
            ),
            FieldChange("spec.collaboration.collaborators", None, ["4114791485510000"], note="write-only"),
            FieldChange("spec.token", None, None, note="secret"),
            FieldChange("spec.publish.connectors", None, ["api", "kiosk"]),
        ),
        steps=(
            Step(Verb.UPLOAD, "uploadFile", "spec.icon"),
            Step(Verb.CREATE, "createBot"),
            Step(Verb.UPDATE, "updateBot"),
            Step(Verb.PUBLISH, "publishBot", "spec.publish.connectors", ("api", "kiosk"), ("1024", "7470")),
        ),
        needs=(RECIPES,),
        scope="厨房",
    )


def _spare() -> Change:
    return Change(
        SPARE,
        "73428668000003",
        Action.UNPUBLISH,
        "",
        fields=(FieldChange("spec.publish.connectors", ["api", "chat_sdk"], ["api"]),),
        steps=(Step(Verb.UNPUBLISH, "unpublishBot", "spec.publish.connectors", ("chat_sdk",), ("999",)),),
        scope="实验室",
    )


def _menus() -> Change:
    return Change(
        Address("KnowledgeBase", "menus"),
        "7431290000000002",
        Action.DELETE,
        "left the manifests",
        steps=(Step(Verb.DELETE, "deleteDataset"),),
        scope="实验室",
    )


def _quiet() -> tuple[Change, ...]:
    still = [
        Change(KITCHEN, "7548", Action.NONE, scope="厨房", uncompared=("spec.members", "spec.connectors"))
    ]
    quiet = [Address("Bot", f"quiet-{number}") for number in range(39)]
    return (*still, *(Change(address, "7", Action.NONE, scope="厨房") for address in quiet))


def empty() -> Plan:
    """Nothing to do."""
    return Plan("dev", "https://api.coze.cn", _quiet(), (), stats={"requests": 3, "seconds": 0.2})


def outcomes() -> list[Outcome]:
    """One of each status."""
    return [
        Outcome(RECIPES, Status.PENDING, "1", "3 documents are still being processed", wrote=True),
        Outcome(CHEF, Status.DONE, "2", version="v7", seconds=1.25, wrote=True),
        Outcome(GUIDE, Status.STALE, "3", "the live side moved: spec.prompt"),
        Outcome(
            KIOSK,
            Status.FAILED,
            None,
            "the model 1706077826 is not available here (code 4000)",
            "choose a model of this workspace",
            "20261122070101ABCDEF",
            wrote=True,
        ),
        Outcome(SPARE, Status.SKIPPED, "5", "it needs Bot/kiosk-helper, which failed"),
        Outcome(
            Address("KnowledgeBase", "menus"),
            Status.UNKNOWN,
            "6",
            "the reply to deleteDataset was lost",
            log_id="2026X",
        ),
    ]


def fleet(number: int) -> Plan:
    """So many bots with rewritten prompts: some stay in draft, the last of each hundred is deleted, and what
    stands before it is blocked."""
    changes = tuple(_of_fleet(one) for one in range(number))
    findings = tuple(
        finding(Code.REMOVES_UNKNOWN, one.address, f"{one.address} would lose what nobody listed", "list it")
        for one in changes[98::100]
    )
    return Plan("prod", "https://api.coze.cn", changes, findings)


def _of_fleet(number: int) -> Change:
    address, team = Address("Bot", f"bot-{number:05}"), f"团队{number % 200:03}"
    if number % 100 == 99:
        return Change(address, str(number), Action.DELETE, "left the manifests", scope=team)
    steps = [Step(Verb.UPDATE, "updateBot")]
    if number % 2:
        steps.append(Step(Verb.PUBLISH, "publishBot", "spec.publish.connectors", ("api",), ("1024",)))
    before = PROMPT * 3
    prompt = FieldChange("spec.prompt", before, before.replace("老张", f"老王{number}").replace("300", "200"))
    reason = "1 field differs from the live side"
    return Change(
        address, str(number), Action.UPDATE, reason, fields=(prompt,), steps=tuple(steps), scope=team
    )
