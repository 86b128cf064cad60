// The methods that the example programs of the official JavaScript SDK call, in their order, one line of JSON each.
// usage: node real_clients.mjs PATH_OF_THE_SDK BASE_URL WORKSPACE
import { createReadStream, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [sdk, baseURL, space] = process.argv.slice(2);
const { CozeAPI, RoleType } = createRequire(`${sdk}/`)("@coze/api");
const client = new CozeAPI({ token: "pat_emulator", baseURL, allowPersonalAccessTokenInBrowser: true });
const known = {};

async function step(program, method, run) {
  let error = "";
  try {
    known[method] = await run();
  } catch (thrown) {
    error = String(thrown.message ?? thrown).split("\n")[0];
  }
  console.log(JSON.stringify({ program, method, error }));
}

const collect = async stream => {
  const found = [];
  for await (const one of stream) found.push(one);
  return found;
};
const asked = [{ role: RoleType.User, content: "hi", content_type: "text" }];
const base = (name, content) => ({
  name,
  source_info: { file_base64: Buffer.from(content).toString("base64"), file_type: "txt" },
});
const folder = mkdtempSync(join(tmpdir(), "clients-"));
const file = name => {
  writeFileSync(join(folder, name), "RIFF");
  return createReadStream(join(folder, name)); // as the examples do
};
const audio = () => file("a.wav");

await step("users-me.ts", "users.me", () => client.users.me());
await step("workspace.ts", "workspaces.list", () => client.workspaces.list());
await step("file.ts", "files.upload", () => client.files.upload({ file: file("a.txt") }));
await step("file.ts", "files.retrieve", () => client.files.retrieve(known["files.upload"].id));

await step("bot.ts", "bots.create", () =>
  client.bots.create({ space_id: space, name: "a bot", description: "b", prompt_info: { prompt: "c" } }));
const bot = known["bots.create"]?.bot_id;
await step("bot.ts", "bots.update", () =>
  client.bots.update({ bot_id: bot, name: "another", onboarding_info: { prologue: "hi", suggested_questions: ["q"] } }));
await step("bot.ts", "bots.publish", () => client.bots.publish({ bot_id: bot, connector_ids: ["1024"] }));
await step("bot.ts", "bots.list", () => client.bots.list({ space_id: space }));
await step("bot.ts", "bots.listNew", () => client.bots.listNew({ workspace_id: space, publish_status: "all" }));
await step("bot.ts", "bots.retrieve", () => client.bots.retrieve({ bot_id: bot }));
await step("bot.ts", "bots.retrieveNew", () => client.bots.retrieveNew(bot));

await step("datasets.ts", "datasets.create", () =>
  client.datasets.create({ name: "a", space_id: space, format_type: 0 }));
const dataset = known["datasets.create"]?.dataset_id;
await step("datasets.ts", "datasets.list", () => client.datasets.list({ space_id: space }));
await step("datasets.ts", "datasets.update", () => client.datasets.update(dataset, { name: "b" }));
await step("datasets.ts", "datasets.documents.create", () =>
  client.datasets.documents.create({
    dataset_id: dataset, document_bases: [base("a", "b")], chunk_strategy: { chunk_type: 0 }, format_type: 0,
  }));
await step("documents.ts", "knowledge.documents.create", () =>
  client.knowledge.documents.create({ dataset_id: dataset, document_bases: [base("c", "d")] }));
await step("datasets.ts", "datasets.documents.list", () =>
  client.datasets.documents.list({ dataset_id: dataset, page: 1, page_size: 2 }));
const documents = (known["datasets.documents.create"] ?? []).map(one => one.document_id);
await step("datasets.ts", "datasets.process", () => client.datasets.process(dataset, { document_ids: documents }));
await step("datasets.ts", "datasets.documents.update", () =>
  client.datasets.documents.update({ document_id: documents[0], document_name: "e" }));
await step("datasets.ts", "datasets.documents.delete", () =>
  client.datasets.documents.delete({ document_ids: documents }));
await step("datasets.ts", "datasets.delete", () => client.datasets.delete(dataset));
await step("image.ts", "datasets.images.list", async () => {
  const images = await client.datasets.create({ name: "i", space_id: space, format_type: 2 });
  const picture = await client.files.upload({ file: file("a.png") });
  const source = { source_file_id: picture.id, document_source: 5 };
  const made = await client.datasets.documents.create({
    dataset_id: images.dataset_id, document_bases: [{ name: "p", source_info: source }],
    chunk_strategy: { chunk_type: 0, caption_type: 1 }, format_type: 2,
  });
  await client.datasets.images.update(images.dataset_id, made[0].document_id, { caption: "c" });
  return client.datasets.images.list(images.dataset_id, { keyword: "c" });
});

await step("workflow.ts", "workflows.runs.create", () =>
  client.workflows.runs.create({ workflow_id: "700", parameters: { a: "b" } }));
await step("workflow.ts", "workflows.runs.stream", () => collect(client.workflows.runs.stream({ workflow_id: "700" })));
await step("workflow.ts", "workflows.runs.history", async () => {
  const run = await client.workflows.runs.create({ workflow_id: "700", is_async: true });
  return client.workflows.runs.history("700", run.execute_id);
});
await step("workflow-chat.ts", "workflows.chat.stream", () =>
  collect(client.workflows.chat.stream({ workflow_id: "710", additional_messages: asked })));
await step("variables.ts", "variables.update", () =>
  client.variables.update({ bot_id: "1000", connector_uid: "u", data: [{ keyword: "diet", value: "v" }] }));
await step("variables.ts", "variables.retrieve", () =>
  client.variables.retrieve({ bot_id: "1000", connector_uid: "u", keywords: ["diet"] }));
await step("templates.ts", "templates.duplicate", () => client.templates.duplicate("60", { workspace_id: space, name: "t" }));

await step("voice.ts", "audio.voices.list", () => client.audio.voices.list());
await step("voice.ts", "audio.voices.clone", () =>
  client.audio.voices.clone({ voice_name: "v", file: audio(), audio_format: "wav", language: "zh", preview_text: "p", text: "t" }));
await step("voice.ts", "audio.speech.create", () =>
  client.audio.speech.create({ input: "hi", voice_id: known["audio.voices.list"].voice_list[0].voice_id }));
await step("transcriptions.ts", "audio.transcriptions.create", () => client.audio.transcriptions.create({ file: audio() }));
await step("room.ts", "audio.rooms.create", () => client.audio.rooms.create({ bot_id: bot, connector_id: "1024" }));
await step("voiceprint.ts", "audio.voiceprintGroups.create", () =>
  client.audio.voiceprintGroups.create({ name: "g", desc: "d" }));
const group = known["audio.voiceprintGroups.create"]?.id;
await step("voiceprint.ts", "audio.voiceprintGroups.update", () => client.audio.voiceprintGroups.update(group, { name: "h" }));
await step("voiceprint.ts", "audio.voiceprintGroups.list", () => client.audio.voiceprintGroups.list());
const features = client.audio.voiceprintGroups.features;
await step("voiceprint.ts", "audio.voiceprintGroups.features.create", () =>
  features.create(group, { name: "f", file: audio() }));
const feature = known["audio.voiceprintGroups.features.create"]?.id;
await step("voiceprint.ts", "audio.voiceprintGroups.features.update", () => features.update(group, feature, { name: "i" }));
await step("voiceprint.ts", "audio.voiceprintGroups.features.list", () => features.list(group));
await step("voiceprint.ts", "audio.voiceprintGroups.features.speakerIdentify", () =>
  features.speakerIdentify(group, { file: audio() }));
await step("voiceprint.ts", "audio.voiceprintGroups.features.delete", () => features.delete(group, feature));
await step("voiceprint.ts", "audio.voiceprintGroups.delete", () => client.audio.voiceprintGroups.delete(group));

await step("chat.ts", "chat.stream", () => collect(client.chat.stream({ bot_id: bot, additional_messages: asked })));
await step("chat.ts", "chat.createAndPoll", () => client.chat.createAndPoll({ bot_id: bot, additional_messages: asked }));
await step("conversation.ts", "conversations.create", () => client.conversations.create({ bot_id: bot }));
const conversation = known["conversations.create"]?.id;
await step("conversation.ts", "conversations.retrieve", () => client.conversations.retrieve(conversation));
await step("conversation.ts", "conversations.list", () => client.conversations.list({ bot_id: bot }));
await step("conversation.ts", "conversations.messages.create", () =>
  client.conversations.messages.create(conversation, asked[0]));
await step("conversation.ts", "conversations.messages.list", () => client.conversations.messages.list(conversation));
await step("conversation.ts", "conversations.clear", () => client.conversations.clear(conversation));
