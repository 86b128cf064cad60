"""Every code that can be printed, in one place: what it is called, how much it matters, what it means.

Codes are stable: people filter by them and acknowledge them. Problems (below 100) are wrong in the project's
files and end a run before anything is written; those below 90 are found offline. Findings (from 100 on) stand
in a plan. Words about one case are where it is found; what is always true of a code is here. Data only.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Final

_FIRST_FINDING = "COZE1"


class Severity(StrEnum):
    """How much a finding matters: `block` stops apply until it is acknowledged."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class LiveSide(StrEnum):
    """What a finding says of the live side, whatever else it says: no signal is green where it says any."""

    NOTHING = ""
    MISSING = "missing"
    """Something that was applied, or is needed, is not there."""
    UNREAD = "unread"
    """Nobody could look, so nobody knows whether it is as it should be."""
    MOVED = "moved"
    """It is not as it was applied."""


_PROBLEM = _FINAL = (Severity.BLOCK, False, LiveSide.NOTHING)
_BLOCK = (Severity.BLOCK, True, LiveSide.NOTHING)
_WARN = (Severity.WARN, True, LiveSide.NOTHING)
_INFO = (Severity.INFO, True, LiveSide.NOTHING)
_MISSING = (Severity.BLOCK, False, LiveSide.MISSING)
_GONE = (Severity.BLOCK, True, LiveSide.MISSING)
_UNREAD = (Severity.BLOCK, False, LiveSide.UNREAD)
_UNREAD_WARN = (Severity.WARN, True, LiveSide.UNREAD)
_MOVED = (Severity.BLOCK, True, LiveSide.MOVED)
_MOVED_WARN = (Severity.WARN, True, LiveSide.MOVED)


@unique
class Code(StrEnum):
    """A code; its name in words, `slug`, is that of the member: NOT_FOUND is `not-found`."""

    severity: Severity
    """What a finding has unless it says otherwise; problems are errors."""
    acknowledgeable: bool
    """Whether people may let a blocking finding through."""
    live_side: LiveSide
    """What it says of the live side."""
    explanation: str
    """What it means and what to do about it."""

    def __new__(cls, code: str, weight: tuple[Severity, bool, LiveSide], explanation: str) -> Code:
        """A member, from its row below."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.severity, member.acknowledgeable, member.live_side = weight
        member.explanation = explanation
        return member

    @property
    def slug(self) -> str:
        """The same in words, such as `removes-unknown`."""
        return self._name_.lower().replace("_", "-")

    @property
    def summary(self) -> str:
        """The first sentence of the explanation, without its full stop."""
        return self.explanation.partition(". ")[0].rstrip(".")

    @property
    def is_problem(self) -> bool:
        """Whether it is about the project's files, and not a finding of a plan."""
        return self._value_ < _FIRST_FINDING

    # 001: YAML and what stands around the spec
    SYNTAX = (
        "COZE001",
        _PROBLEM,
        "The file is not YAML. Mostly it is a tab, a missing quote or bracket, or an indentation.",
    )
    UNREADABLE = (
        "COZE002",
        _PROBLEM,
        "It is no text that can be read: binary, not UTF-8, too large, or without permission.",
    )
    DUPLICATE_KEY = (
        "COZE003",
        _PROBLEM,
        "A key stands twice in one map, and YAML would silently drop one of them. Remove one.",
    )
    TOO_COMPLEX = (
        "COZE004",
        _PROBLEM,
        "The file is nested too deep, or its aliases multiply to too many values. Write it out flat.",
    )
    FOREIGN_VALUE = (
        "COZE005",
        _PROBLEM,
        "Manifests have text, numbers, true and false, lists and maps. null, dates, tags and keys that "
        "are no text are refused: quote a date, and leave out a field that is not to be managed.",
    )
    ENVELOPE = "COZE006", _PROBLEM, "Something around the spec is wrong: apiVersion, kind or metadata."
    UNKNOWN_KIND = "COZE007", _PROBLEM, "There is no such kind. `cozeops explain` lists them."
    BAD_NAME = (
        "COZE008",
        _PROBLEM,
        "metadata.name takes letters and digits of any script, with -_. between them, at most 64.",
    )

    # 010: fields
    UNKNOWN_FIELD = (
        "COZE010",
        _PROBLEM,
        "The kind has no such field. `cozeops explain KIND` lists its fields.",
    )
    WRONG_TYPE = (
        "COZE011",
        _PROBLEM,
        "The value is of another type: an id without its quotes, say, is a number and not text.",
    )
    MISSING_FIELD = "COZE012", _PROBLEM, "A field that must be there is missing."
    BAD_VALUE = "COZE013", _PROBLEM, "The type is right, but this is none of the values that the field takes."
    SIZE = (
        "COZE014",
        _PROBLEM,
        "Coze refuses what is longer or shorter than this; it is better to know before apply.",
    )
    RULE = "COZE015", _PROBLEM, "These fields do not go together. The message says which rule they break."

    # 020: names
    DUPLICATE_ADDRESS = (
        "COZE020",
        _PROBLEM,
        "Two documents declare the same kind and metadata.name. Rename one, or make one a patch.",
    )
    DUPLICATE_IDENTITY = (
        "COZE021",
        _PROBLEM,
        "Two resources would be the same object on Coze, and each would undo the other.",
    )
    DANGLING = (
        "COZE022",
        _PROBLEM,
        "The field names a resource that the project does not have. Declare it, or write {id: ...}.",
    )
    WORKSPACE = (
        "COZE023",
        _PROBLEM,
        "metadata.workspace must name a Workspace of the project, for the kinds that live in one; "
        "metadata.enterprise an EnterpriseMembers, for organizations.",
    )
    PROMPT_CYCLE = "COZE024", _PROBLEM, "Prompts contain each other, so that none of them has an end."
    VARIABLE = (
        "COZE025",
        _PROBLEM,
        "The text uses a variable that its prompt does not declare, or that has no value.",
    )
    INTERPOLATION = (
        "COZE026",
        _PROBLEM,
        "A ${...} cannot be filled: values.x, vars.x and env:NAME are what there is. $$ is a plain $.",
    )
    PATCH = (
        "COZE027",
        _PROBLEM,
        "A patch changes a resource that exists. A document of its own belongs under manifests.",
    )

    # 030: files and setup
    MISSING_FILE = (
        "COZE030",
        _PROBLEM,
        "There is no such file. Paths begin in the folder of the file that names them.",
    )
    OUTSIDE = (
        "COZE031",
        _PROBLEM,
        "The path leaves the project, by itself or through a link. Only files inside it are read.",
    )
    UNUSABLE_FILE = "COZE032", _PROBLEM, "It is a folder, too large, or a text that is not UTF-8."
    NO_MATCH = (
        "COZE033",
        _PROBLEM,
        "The pattern matches no file, or several where one name can stand for one file only.",
    )
    ENVIRONMENT = (
        "COZE035",
        _PROBLEM,
        "It is not clear which environment is meant. Name it with --env or COZEOPS_ENV.",
    )
    SAME_TARGET = (
        "COZE036",
        _PROBLEM,
        "Two environments have the same base URL, token and workspaces: each would undo the other.",
    )
    PROJECT = "COZE037", _PROBLEM, "There is one Project document, in cozeops.yaml at the project's root."
    EMPTY = "COZE038", _PROBLEM, "No manifests were found."
    SECRET = (
        "COZE039",
        _PROBLEM,
        "What is secret does not belong in a file that others read. Write ${env:NAME}, set the variable "
        "where cozeops runs, and change the secret if it was a real one.",
    )

    # 050: promotion
    PINNED = (
        "COZE050",
        _PROBLEM,
        "The id is that of one environment's object, and `promote` is to give the other one its own. "
        "Leave it out, so that each finds its own by the name, or move it into a patch of one "
        "environment.",
    )

    # 055: checks and gates
    CHECK_SUBJECT = (
        "COZE055",
        _PROBLEM,
        "A Check is about one bot, with turns, or about one workflow, with parameters and expect.",
    )
    EXPECTS_NOTHING = (
        "COZE056",
        _PROBLEM,
        "Nothing is expected of any answer: such a Check passes whatever is said. Write expect.",
    )
    PATTERN = (
        "COZE057",
        _PROBLEM,
        "The regular expression cannot be read. They are written as Python has them.",
    )
    JSON_PATH = (
        "COZE058",
        _PROBLEM,
        "A path into a JSON answer is made of keys and positions, such as order.items[0].name.",
    )
    JSON_SCHEMA = (
        "COZE059",
        _PROBLEM,
        "What json_schema says, or the file that it names, is no JSON Schema (draft 2020-12).",
    )
    BOUNDS = "COZE060", _PROBLEM, "at_least is more than at_most, so that nothing fits."
    GATE = (
        "COZE061",
        _PROBLEM,
        "The gate asks for what another environment found out: it must be another one, and keep a state, "
        "for the evidence lives there.",
    )

    # 090: what only the live side shows: these end a plan, with their place in the manifest
    NO_SUCH_PART = (
        "COZE090",
        _PROBLEM,
        "The plugin has no tool of that name. The hint lists those that it has.",
    )
    NEEDED_TO_CREATE = (
        "COZE091",
        _PROBLEM,
        "The object does not exist yet, and Coze needs this field to create it.",
    )
    AMBIGUOUS_NAME = (
        "COZE092",
        _PROBLEM,
        "Several live objects have this name. Write the id of the one that is meant under spec.",
    )
    UNKNOWN_REFERENCE = (
        "COZE093",
        _PROBLEM,
        "The object named by {id: ...} or {name: ...} is not there, or several have that name.",
    )
    SAME_OBJECT = (
        "COZE094",
        _PROBLEM,
        "Two addresses mean the same live object, and each apply would undo the other.",
    )

    # 101: findings of every plan
    NOT_FOUND = (
        "COZE101",
        _MISSING,
        "The API cannot make this kind of object, and none of that name is in the workspace. Make it in "
        "the console, or write the id of the one that is meant.",
    )
    GONE_OR_INVISIBLE = (
        "COZE102",
        _MISSING,
        "An object that was there before is not listed any more: deleted, or hidden from this token. "
        "Nothing is created in its place until somebody has looked.",
    )
    INCOMPLETE_LISTING = (
        "COZE103",
        _UNREAD,
        "Coze's list did not add up, so it does not prove that something is missing. A create could make "
        "a second one: plan again.",
    )
    FIXED_FIELD = (
        "COZE104",
        _FINAL,
        "The field is set when the object is created and cannot be changed. Put the old value back, or "
        "make a new object by hand and write its id.",
    )
    REMOVES_UNKNOWN = (
        "COZE105",
        _MOVED,
        "The list in the manifest is the whole truth, so what is live and not listed would be removed, "
        "and nothing says that it was ever yours. Add it to the list, or acknowledge the finding.",
    )
    DESTRUCTIVE_CHANGE = (
        "COZE106",
        _BLOCK,
        "The change loses something on the way, such as the resources of a member whose role changes. The "
        "message says what; acknowledge it if that is meant.",
    )
    PROTECTED = (
        "COZE107",
        _FINAL,
        "metadata.lifecycle.protect forbids what the change would do. Take the word out of the list "
        "first, in a commit of its own.",
    )
    NOT_OWNER = (
        "COZE108",
        _WARN,
        "The object belongs to another user than the token's. Coze may refuse the change: use the owner's "
        "token, or make this user a collaborator.",
    )
    WRONG_ACCOUNT = (
        "COZE109",
        _UNREAD,
        "The token's user or a workspace's id is not the one that `expect` names for this environment. "
        "The token is probably that of another environment.",
    )
    CANNOT_COMPARE = (
        "COZE110",
        _UNREAD_WARN,
        "Nothing of the resource that the manifest declares can be read back, so no plan knows whether it "
        "took. --rewrite ADDRESS sends it again.",
    )
    RESETS_UNREADABLE = (
        "COZE111",
        _WARN,
        "Coze replaces a group of fields as a whole, and some of them cannot be read: those that the "
        "manifest does not declare go back to their defaults. Declare them to keep them.",
    )
    CANNOT_REMOVE = (
        "COZE112",
        _WARN,
        "The entry left the manifest, but the API has no call to remove it. Do it in the console.",
    )
    DRAFT_ONLY = (
        "COZE113",
        _INFO,
        "The draft changes and nothing is published, because the manifest has no `publish`. Users go on "
        "talking to the version that was published before.",
    )
    MAYBE_RENAMED = (
        "COZE114",
        _INFO,
        "A live object that no manifest names stands beside one that would be created. If it is the same, "
        "renamed, write its id under spec instead.",
    )
    THRESHOLD = (
        "COZE115",
        _BLOCK,
        "The plan changes more than the thresholds of the environment allow in one apply.",
    )
    ADOPT_OVERWRITES = (
        "COZE116",
        _WARN,
        "The resource is taken over by its name, and its live values differ from the manifest: they would "
        "be overwritten. Compare them first.",
    )
    RELEASED = (
        "COZE117",
        _INFO,
        "The field left the manifest: it is not managed any more, and its live value stays.",
    )
    LEFT_MANIFESTS = "COZE118", _INFO, "The resource left the manifests. It is kept; --prune removes it."
    FORGETS = "COZE119", _WARN, "The API cannot delete the object: it stays on Coze, and cozeops forgets it."
    LOCAL_STATE_IN_CI = (
        "COZE120",
        _WARN,
        "The state is a file on this machine, and a CI runner throws it away. Use a state backend that "
        "outlives the run.",
    )
    PRUNES_EVERYTHING = (
        "COZE121",
        _FINAL,
        "Everything that was applied left the manifests, so --prune would remove it all. That is mostly "
        "the wrong folder, or a path in cozeops.yaml that leads nowhere.",
    )
    PROCESSING = (
        "COZE122",
        _INFO,
        "Coze is still reading a document that was added before. Plan again in a while: what it replaces "
        "goes once it is ready.",
    )
    NOT_INSTALLED = (
        "COZE123",
        _WARN,
        "A bot goes to a custom channel that its workspace's manifest does not install, and no bot there "
        "is on it yet. List the channel under spec.connectors of the workspace.",
    )
    CANNOT_EMPTY = (
        "COZE124",
        _UNREAD_WARN,
        "The list is written as empty, and Coze cannot tell who is there: without a state nobody knows "
        "whom to remove.",
    )
    AWAITING = (
        "COZE125",
        _INFO,
        "The bot was published to a channel that does not show it yet, such as one that checks bots "
        "first. The same draft is not published again.",
    )
    NOT_BROUGHT_BACK = (
        "COZE126",
        _WARN,
        "Going back leaves this otherwise than it was: the manifests of then do not say what it was, or "
        "Coze has no call for it. Look at it by hand before you apply the rollback.",
    )
    STATE_LEFT_BEHIND = (
        "COZE127",
        _WARN,
        "The project remembers nothing where its state is kept now, and there is a state in another place "
        "where it was kept before. If that one is of this environment, move it as the hint says: without "
        "it what was made before is found by its name only.",
    )

    GONE = (
        "COZE128",
        _GONE,
        "An object that was applied is gone from Coze, and no other has its name. Acknowledged, it is made "
        "anew from its manifest: with another id, and without what only Coze knew of it. To leave it gone, "
        "take it out of the manifests.",
    )

    TWIN = (
        "COZE129",
        _BLOCK,
        "Coze has an object whose name looks the same as that of one that would be created: it differs "
        "only in how its letters are encoded, in blanks, in the width of characters, or in capitals. If it "
        "is the same, write its id under spec; if there are to be two, acknowledge the finding.",
    )

    # 130: people and secrets
    NO_RECEIVER = (
        "COZE130",
        _FINAL,
        "Coze removes a person only if it is told who gets what they own. Name somebody who stays under "
        "spec.receiver: a super admin of the organization, or a super admin or admin of the enterprise.",
    )
    MOVES_RESOURCES = (
        "COZE131",
        _WARN,
        "Somebody leaves, and what they own goes to the one who is named: bots, workflows, knowledge. To "
        "let them in again later does not give it back.",
    )
    SECRET_DIFFERS = (
        "COZE132",
        _MOVED_WARN,
        "Coze makes this secret, and it cannot be set. The variable has another than Coze, so whoever "
        "checks it refuses what Coze sends. Look the right one up in the console, and put it into the "
        "variable and where the events arrive. A new object always gets a new one.",
    )

    # 140: voices, quotas, values of variables
    COSTS = (
        "COZE140",
        _BLOCK,
        "To clone a voice, and to train it again, costs money and one of the ten trainings that it has, "
        "and no call of the API deletes a voice. So it is done only where somebody acknowledges the "
        "finding.",
    )
    NEEDED_TO_UPDATE = (
        "COZE141",
        _FINAL,
        "Coze takes a change of this object only together with a field that it never gives back, and the "
        "manifest does not have that field. Add it, or put the live values into the manifest.",
    )
    ID_UNKNOWN = (
        "COZE142",
        _FINAL,
        "Coze tells the id of a quota once, when it is made, and never lists it. Nobody remembers the id "
        "of this one, so nothing of it can be changed, not even to freeze it. If somebody noted it, write "
        "it under spec.",
    )
    NOT_PUBLISHED = (
        "COZE143",
        _FINAL,
        "Coze takes values of variables only for a bot that is published to api or chat_sdk. Publish it "
        "in the same project: the values are then written after it.",
    )
    WOULD_BE_REFUSED = (
        "COZE144",
        _FINAL,
        "Coze would refuse what the manifest asks for. The message says why.",
    )
    NEEDS_STATE = (
        "COZE145",
        _BLOCK,
        "Coze tells the id of a new quota once. A state remembers it; without one nobody can change the "
        "quota again, and none is ever deleted.",
    )

    # 150: permissions
    NEEDS_EDITION = (
        "COZE150",
        _BLOCK,
        "The change needs a larger edition of Coze than the account has, so Coze would refuse it. If the "
        "edition was changed just now, acknowledge the finding.",
    )
    NEEDS_ROLE = (
        "COZE151",
        _BLOCK,
        "Only owners and admins of a workspace may change it, its members and its channels, and the "
        "token's user is neither.",
    )
    ENTERPRISE_TOKEN = (
        "COZE152",
        _WARN,
        "The resource belongs to an enterprise, and the token is the one for workspaces. Coze gives most "
        "of these operations only to the token of an enterprise-privileged OAuth app; `cozeops whoami` "
        "shows which tokens are used.",
    )

    # 153: copies
    NO_SOURCE = (
        "COZE153",
        _FINAL,
        "The environment that is promoted from has nothing to copy: it does not declare the workflow or "
        "app, Coze has none of that name there, or the token does not see its workspace.",
    )
    UNPUBLISHED_COPY = (
        "COZE154",
        _BLOCK,
        "The bot uses a workflow that `cozeops promote` copied, and a copy is a draft that fails when it "
        "is called. Publish it in the Coze console; no call of the API can.",
    )
    RECOPY = (
        "COZE155",
        _BLOCK,
        "A copy was made before and stays: nothing in the API deletes one. Another copy gets the bots, "
        "once it is published; the older one can be deleted in the console.",
    )
    COPY_UNKNOWN = (
        "COZE156",
        _BLOCK,
        "An earlier promote was cut off before it heard whether Coze took its request, and a copy cannot "
        "be deleted. Look into the workspace in the console. If the copy is there, the next promote finds "
        "it by its name, or `cozeops import` names it; if not, acknowledge the finding.",
    )
    OTHER_ORGANIZATION = (
        "COZE157",
        _FINAL,
        "Coze copies workflows and apps inside one organization, and these workspaces are of different ones.",
    )
    SOURCE_MOVED = (
        "COZE158",
        _INFO,
        "What was copied was edited since. A copy does not follow: take the edit over in the console, or "
        "make another copy with --recopy.",
    )

    # 160: gates
    UNCHECKED = (
        "COZE160",
        _INFO,
        "The environment has a gate, and no Check is about this bot: it is published whatever it says. "
        "Checks about its workflows count, too.",
    )
    GATED = (
        "COZE161",
        _INFO,
        "The environment has a gate: apply updates the draft, talks to it, and publishes it only if every "
        "Check about it passes. What does not pass stays in the draft, and users keep what they have.",
    )
    NOT_PROVEN = (
        "COZE162",
        _BLOCK,
        "The environment asks that the same content has passed the checks of another one first, and the "
        "state of that one does not say so. Apply it there, with a gate. Values may differ, texts may "
        "not.",
    )
    GOING_BACK = (
        "COZE163",
        _MOVED_WARN,
        "A run was going back to what had been published before when it ended. The plan shows what is left "
        "of it as a change, and apply finishes it before anything else is done to that object.",
    )
    CHECK_OWED = (
        "COZE164",
        _WARN,
        "A run with --check=after ended between its publish request and its Checks with the published copy. "
        "The plan shows them as a change: apply holds them, and where one fails, what was published before "
        "is published again.",
    )

    # 201: rules whose severity a project chooses under spec.checks.rules
    SECRET_IN_PROMPT = (
        "COZE201",
        _BLOCK,
        "A text of the bot has something that looks like a token or a key. Users can make a bot tell its "
        "prompt, and the prompt is in Git. Revoke it, and keep the new one in a plugin or a workflow.",
    )
    UNKNOWN_VARIABLE = (
        "COZE202",
        _WARN,
        "The prompt uses {{name}}, and the bot has no variable of that name, so the model would see "
        "nothing in its place. Variables are made in the console; where Coze does not tell them, this is "
        "a note.",
    )
    MODEL_NOT_ALLOWED = "COZE203", _BLOCK, "The model is not in spec.checks.allow_models of cozeops.yaml."
    CONNECTOR_NOT_ALLOWED = (
        "COZE204",
        _BLOCK,
        "The bot would be published to a channel that is not in spec.checks.allow_connectors of "
        "cozeops.yaml.",
    )
    PROMPT_NEAR_LIMIT = (
        "COZE205",
        _INFO,
        "The prompt has more than 90 % of what Coze takes: the next edit may be refused.",
    )
    THINKING_WITH_TOOLS = (
        "COZE206",
        _WARN,
        "With thinking_type enabled the model calls no plugins and no workflows: the bot has tools that "
        "it never uses.",
    )
    EMPTY_KNOWLEDGE = (
        "COZE207",
        _WARN,
        "The bot searches a knowledge base whose manifest lists no documents: it finds nothing.",
    )

    CONFLICT = (
        "COZE208",
        _MOVED_WARN,
        "The field was edited in Git and on Coze since it was applied last, so apply overwrites what "
        "somebody wrote in the console. Compare both values in the plan, and take into the manifest what is "
        "to stay.",
    )

    # 250: the project's own programs; the finding is called as its command is
    OWN_CHECK = (
        "COZE250",
        _BLOCK,
        "A program under spec.checks.commands of cozeops.yaml did not pass the plan, or had something to "
        "say about it. The finding has the name of the command, and what the program said.",
    )
    CHECK_WITHOUT_RESULT = (
        "COZE251",
        _FINAL,
        "A program under spec.checks.commands of cozeops.yaml could not be started, was killed, or took "
        "longer than its timeout_seconds. What was not checked did not pass.",
    )
    CHECKS_NOT_RUN = (
        "COZE252",
        _INFO,
        "The project has programs of its own that judge plans, under spec.checks.commands of "
        "cozeops.yaml. They run only with --run-checks: a plan of a stranger's branch must not run that "
        "branch's programs.",
    )


CODES: Final[Mapping[str, Code]] = {code.value: code for code in Code}


def code_called(text: str) -> Code | None:
    """The code that is written so, or the finding of that name; None: there is none."""
    wanted = text.casefold()
    return next(
        (code for code in Code if wanted == code.casefold() or (wanted == code.slug and not code.is_problem)),
        None,
    )
