"""What each code means and what to do about it: findings of a plan, problems of a project's files."""

from __future__ import annotations

from cozeops.engine.model.findings import RULES, Rule

PROBLEMS = {
    "COZE001": "The file is not YAML. Mostly it is a tab, a missing quote or bracket, or an indentation.",
    "COZE002": "It is no text that can be read: binary, not UTF-8, too large, or without permission.",
    "COZE003": "A key stands twice in one map, and YAML would silently drop one of them. Remove one.",
    "COZE004": "The file is nested too deep, or its aliases multiply to too many values. Write it out flat.",
    "COZE005": (
        "Manifests have text, numbers, true and false, lists and maps. null, dates, tags and keys that are "
        "no text are refused: quote a date, and leave out a field that is not to be managed."
    ),
    "COZE006": "Something around the spec is wrong: apiVersion, kind or metadata.",
    "COZE007": "There is no such kind. `cozeops explain` lists them.",
    "COZE008": "metadata.name takes letters and digits of any script, with -_. between them, at most 64.",
    "COZE010": "The kind has no such field. `cozeops explain KIND` lists its fields.",
    "COZE011": "The value is of another type: an id without its quotes, say, is a number and not text.",
    "COZE012": "A field that must be there is missing.",
    "COZE013": "The type is right, but this is none of the values that the field takes.",
    "COZE014": "Coze refuses what is longer or shorter than this; it is better to know before apply.",
    "COZE015": "These fields do not go together. The message says which rule they break.",
    "COZE020": "Two documents declare the same kind and metadata.name. Rename one, or make one a patch.",
    "COZE021": "Two resources would be the same object on Coze, and each would undo the other.",
    "COZE022": "The field names a resource that the project does not have. Declare it, or write {id: ...}.",
    "COZE023": (
        "metadata.workspace must name a Workspace of the project, for the kinds that live in one; "
        "metadata.enterprise an EnterpriseMembers, for organizations."
    ),
    "COZE024": "Prompts contain each other, so that none of them has an end.",
    "COZE025": "The text uses a variable that its prompt does not declare, or that has no value.",
    "COZE026": "A ${...} cannot be filled: values.x, vars.x and env:NAME are what there is. $$ is a plain $.",
    "COZE027": "A patch changes a resource that exists. A document of its own belongs under manifests.",
    "COZE030": "There is no such file. Paths begin in the folder of the file that names them.",
    "COZE031": "The path leaves the project, by itself or through a link. Only files inside it are read.",
    "COZE032": "It is a folder, too large, or a text that is not UTF-8.",
    "COZE033": "The pattern matches no file, or several where one name can stand for one file only.",
    "COZE035": "It is not clear which environment is meant. Name it with --env or COZEOPS_ENV.",
    "COZE036": "Two environments have the same base URL, token and workspaces: each would undo the other.",
    "COZE037": "There is one Project document, in cozeops.yaml at the project's root.",
    "COZE038": "No manifests were found.",
    "COZE039": (
        "What is secret does not belong in a file that others read. Write ${env:NAME}, set the variable "
        "where cozeops runs, and change the secret if it was a real one."
    ),
    "COZE055": "A Check is about one bot, with turns, or about one workflow, with parameters and expect.",
    "COZE056": "Nothing is expected of any answer: such a Check passes whatever is said. Write expect.",
    "COZE057": "The regular expression cannot be read. They are written as Python has them.",
    "COZE058": "A path into a JSON answer is made of keys and positions, such as order.items[0].name.",
    "COZE059": "What json_schema says, or the file that it names, is no JSON Schema (draft 2020-12).",
    "COZE060": "at_least is more than at_most, so that nothing fits.",
    "COZE061": (
        "The gate asks for what another environment found out: it must be another one, and keep a state, for "
        "the evidence lives there."
    ),
    "COZE050": (
        "The id is that of one environment's object, and `promote` is to give the other one its own. Leave "
        "it out, so that each finds its own by the name, or move it into a patch of one environment."
    ),
    "COZE090": "The plugin has no tool of that name. The hint lists those that it has.",
    "COZE091": "The object does not exist yet, and Coze needs this field to create it.",
    "COZE092": "Several live objects have this name. Write the id of the one that is meant under spec.",
    "COZE093": "The object named by {id: ...} or {name: ...} is not there, or several have that name.",
    "COZE094": "Two addresses mean the same live object, and each apply would undo the other.",
}
"""Problems stop a run before anything is written; those below 90 are found offline."""

FINDINGS = {
    "COZE130": (
        "Coze removes a person only if it is told who gets what they own. Name somebody who stays under "
        "spec.receiver: a super admin of the organization, or a super admin or admin of the enterprise."
    ),
    "COZE132": (
        "Coze makes this secret, and it cannot be set. The variable has another than Coze, so whoever "
        "checks it refuses what Coze sends. Look the right one up in the console, and put it into the "
        "variable and where the events arrive. A new object always gets a new one."
    ),
    "COZE131": (
        "Somebody leaves, and what they own goes to the one who is named: bots, workflows, knowledge. To let "
        "them in again later does not give it back."
    ),
    "COZE101": (
        "The API cannot make this kind of object, and none of that name is in the workspace. Make it in the "
        "console, or write the id of the one that is meant."
    ),
    "COZE102": (
        "An object that was there before is not listed any more: deleted, or hidden from this token. Nothing "
        "is created in its place until somebody has looked."
    ),
    "COZE103": (
        "Coze's list did not add up, so it does not prove that something is missing. A create could make a "
        "second one: plan again."
    ),
    "COZE104": (
        "The field is set when the object is created and cannot be changed. Put the old value back, or make "
        "a new object by hand and write its id."
    ),
    "COZE105": (
        "The list in the manifest is the whole truth, so what is live and not listed would be removed, and "
        "nothing says that it was ever yours. Add it to the list, or acknowledge the finding."
    ),
    "COZE106": (
        "The change loses something on the way, such as the resources of a member whose role changes. The "
        "message says what; acknowledge it if that is meant."
    ),
    "COZE107": (
        "metadata.lifecycle.protect forbids what the change would do. Take the word out of the list first, "
        "in a commit of its own."
    ),
    "COZE108": (
        "The object belongs to another user than the token's. Coze may refuse the change: use the owner's "
        "token, or make this user a collaborator."
    ),
    "COZE109": (
        "The token's user or a workspace's id is not the one that `expect` names for this environment. The "
        "token is probably that of another environment."
    ),
    "COZE110": (
        "Nothing of the resource that the manifest declares can be read back, so no plan knows whether it "
        "took. --rewrite ADDRESS sends it again."
    ),
    "COZE111": (
        "Coze replaces a group of fields as a whole, and some of them cannot be read: those that the "
        "manifest does not declare go back to their defaults. Declare them to keep them."
    ),
    "COZE112": "The entry left the manifest, but the API has no call to remove it. Do it in the console.",
    "COZE113": (
        "The draft changes and nothing is published, because the manifest has no `publish`. Users go on "
        "talking to the version that was published before."
    ),
    "COZE114": (
        "A live object that no manifest names stands beside one that would be created. If it is the same, "
        "renamed, write its id under spec instead."
    ),
    "COZE115": "The plan changes more than the thresholds of the environment allow in one apply.",
    "COZE116": (
        "The resource is taken over by its name, and its live values differ from the manifest: they would be "
        "overwritten. Compare them first."
    ),
    "COZE117": "The field left the manifest: it is not managed any more, and its live value stays.",
    "COZE118": "The resource left the manifests. It is kept; --prune removes it.",
    "COZE119": "The API cannot delete the object: it stays on Coze, and cozeops forgets it.",
    "COZE120": (
        "The state is a file on this machine, and a CI runner throws it away. Use a state backend that "
        "outlives the run."
    ),
    "COZE121": (
        "Everything that was applied left the manifests, so --prune would remove it all. That is mostly the "
        "wrong folder, or a path in cozeops.yaml that leads nowhere."
    ),
    "COZE126": (
        "Going back leaves this otherwise than it was: the manifests of then do not say what it was, or Coze "
        "has no call for it. Look at it by hand before you apply the rollback."
    ),
    "COZE140": (
        "To clone a voice, and to train it again, costs money and one of the ten trainings that it has, and "
        "no call of the API deletes a voice. So it is done only where somebody acknowledges the finding."
    ),
    "COZE141": (
        "Coze takes a change of this object only together with a field that it never gives back, and the "
        "manifest does not have that field. Add it, or put the live values into the manifest."
    ),
    "COZE150": (
        "The change needs a larger edition of Coze than the account has, so Coze would refuse it. If the "
        "edition was changed just now, acknowledge the finding."
    ),
    "COZE151": (
        "Only owners and admins of a workspace may change it, its members and its channels, and the token's "
        "user is neither."
    ),
    "COZE152": (
        "The resource belongs to an enterprise, and the token is the one for workspaces. Coze gives most of "
        "these operations only to the token of an enterprise-privileged OAuth app; `cozeops whoami` shows "
        "which tokens are used."
    ),
    "COZE153": (
        "The environment that is promoted from has nothing to copy: it does not declare the workflow or app, "
        "Coze has none of that name there, or the token does not see its workspace."
    ),
    "COZE154": (
        "The bot uses a workflow that `cozeops promote` copied, and a copy is a draft that fails when it is "
        "called. Publish it in the Coze console; no call of the API can."
    ),
    "COZE155": (
        "A copy was made before and stays: nothing in the API deletes one. Another copy gets the bots, once "
        "it is published; the older one can be deleted in the console."
    ),
    "COZE156": (
        "An earlier promote was cut off before it heard whether Coze took its request, and a copy cannot be "
        "deleted. Look into the workspace in the console. If the copy is there, the next promote finds it by "
        "its name, or `cozeops import` names it; if not, acknowledge the finding."
    ),
    "COZE157": (
        "Coze copies workflows and apps inside one organization, and these workspaces are of different ones."
    ),
    "COZE158": (
        "What was copied was edited since. A copy does not follow: take the edit over in the console, or "
        "make another copy with --recopy."
    ),
    "COZE142": (
        "Coze tells the id of a quota once, when it is made, and never lists it. Nobody remembers the id of "
        "this one, so nothing of it can be changed, not even to freeze it. If somebody noted it, write it "
        "under spec."
    ),
    "COZE143": (
        "Coze takes values of variables only for a bot that is published to api or chat_sdk. Publish it in "
        "the same project: the values are then written after it."
    ),
    "COZE144": "Coze would refuse what the manifest asks for. The message says why.",
    "COZE145": (
        "Coze tells the id of a new quota once. A state remembers it; without one nobody can change the "
        "quota again, and none is ever deleted."
    ),
    "COZE160": (
        "The environment has a gate, and no Check is about this bot: it is published whatever it says. "
        "Checks about its workflows count, too."
    ),
    "COZE161": (
        "The environment has a gate: apply updates the draft, talks to it, and publishes it only if every "
        "Check about it passes. What does not pass stays in the draft, and users keep what they have."
    ),
    "COZE162": (
        "The environment asks that the same content has passed the checks of another one first, and the "
        "state of that one does not say so. Apply it there, with a gate. Values may differ, texts may not."
    ),
    "COZE163": (
        "A run was going back to what had been published before when it ended. The next apply finishes that "
        "before it does anything else."
    ),
    "COZE201": (
        "A text of the bot has something that looks like a token or a key. Users can make a bot tell its "
        "prompt, and the prompt is in Git. Revoke it, and keep the new one in a plugin or a workflow."
    ),
    "COZE202": (
        "The prompt uses {{name}}, and the bot has no variable of that name, so the model would see nothing "
        "in its place. Variables are made in the console; where Coze does not tell them, this is a note."
    ),
    "COZE203": "The model is not in spec.checks.allow_models of cozeops.yaml.",
    "COZE204": (
        "The bot would be published to a channel that is not in spec.checks.allow_connectors of cozeops.yaml."
    ),
    "COZE205": "The prompt has more than 90 % of what Coze takes: the next edit may be refused.",
    "COZE206": (
        "With thinking_type enabled the model calls no plugins and no workflows: the bot has tools that it "
        "never uses."
    ),
    "COZE207": "The bot searches a knowledge base whose manifest lists no documents: it finds nothing.",
    "COZE250": (
        "A program under spec.checks.commands of cozeops.yaml did not pass the plan, or had something to say "
        "about it. The finding has the name of the command, and what the program said."
    ),
    "COZE251": (
        "A program under spec.checks.commands of cozeops.yaml could not be started, was killed, or took "
        "longer than its timeout_seconds. What was not checked did not pass."
    ),
    "COZE252": (
        "The project has programs of its own that judge plans, under spec.checks.commands of cozeops.yaml. "
        "They run only with --run-checks: a plan of a stranger's branch must not run that branch's programs."
    ),
    "COZE122": (
        "Coze is still reading a document that was added before. Plan again in a while: what it replaces "
        "goes once it is ready."
    ),
    "COZE123": (
        "A bot goes to a custom channel that its workspace's manifest does not install, and no bot there is "
        "on it yet. List the channel under spec.connectors of the workspace."
    ),
    "COZE124": (
        "The list is written as empty, and Coze cannot tell who is there: without a state nobody knows whom "
        "to remove."
    ),
    "COZE125": (
        "The bot was published to a channel that does not show it yet, such as one that checks bots first. "
        "The same draft is not published again."
    ),
}
"""From 201 on a project chooses how much a rule matters: spec.checks.rules in cozeops.yaml."""


def rule_called(text: str) -> Rule | None:
    """The finding with this code or name."""
    return next(
        (rule for rule in RULES.values() if text.casefold() in (rule.code.casefold(), rule.name)), None
    )


def known() -> list[str]:
    """Every code and every name of a finding."""
    return [*PROBLEMS, *RULES, *(rule.name for rule in RULES.values())]
