// What an editor shows for YAML: `yaml-language-server`, which is what the YAML extension of VS Code runs, over its standard
// streams. tests/it/editors.rs installs it and reads the answer.
//
//     node tests/clients/yaml_in_editor.cjs JOB.json
//
// The job names the folder of modules and the documents. Every document is opened as if an editor held it, at a path that need
// not exist and that no other document has; after its diagnostics have come, the hover on some texts and the completions behind a
// text are requested. The only schemas are those that the documents name by a path: nothing is fetched.

const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const module_ = (name) => require(path.join(job.modules, name));
const { createProtocolConnection, StreamMessageReader, StreamMessageWriter } = module_("vscode-languageserver-protocol/node");
const { TextDocument } = module_("vscode-languageserver-textdocument");

// Far longer than anything takes; only a failure waits this long.
const PATIENCE = 60_000;

const SETTINGS = {
  yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false }, kubernetesCRDStore: { enable: false } },
};

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

async function main() {
  const script = path.join(job.modules, "yaml-language-server/bin/yaml-language-server");
  const server = spawn(process.execPath, [script, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  server.on("exit", (code, signal) => fail(`the language server ended with ${code ?? signal}`));
  setTimeout(() => fail("the language server does not answer"), PATIENCE).unref();

  const connection = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  const waiting = new Map();
  connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => waiting.get(uri)?.(diagnostics));
  const isConfigured = new Promise((resolve) => {
    connection.onRequest("workspace/configuration", ({ items }) => {
      resolve();
      return items.map(({ section }) => SETTINGS[section] ?? null);
    });
  });
  connection.onRequest("client/registerCapability", () => null);
  connection.listen();

  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: null,
    capabilities: {
      workspace: { configuration: true },
      textDocument: { publishDiagnostics: {}, hover: { contentFormat: ["markdown"] }, completion: { completionItem: { snippetSupport: true } } },
    },
  });
  await connection.sendNotification("initialized", {});
  await isConfigured;

  const seen = [];
  const opened = new Set();
  for (const { file, text, hover, complete } of job.documents) {
    const uri = pathToFileURL(file).href;
    if (opened.has(uri)) fail(`${file} is opened twice`);
    opened.add(uri);
    const document = TextDocument.create(uri, "yaml", 1, text);
    const endOf = (needle) => {
      const at = text.indexOf(needle);
      if (at < 0) fail(`${file} has no ${needle}`);
      return at + needle.length;
    };
    const asked = (offset) => ({ textDocument: { uri }, position: document.positionAt(offset) });
    const diagnosed = new Promise((resolve) => waiting.set(uri, resolve));
    await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
    const diagnostics = await diagnosed;
    const hovers = [];
    for (const needle of hover) {
      const hovered = await connection.sendRequest("textDocument/hover", asked(endOf(needle) - 1));
      hovers.push(hovered?.contents?.value ?? null);
    }
    const completed = complete && (await connection.sendRequest("textDocument/completion", asked(endOf(complete))));
    seen.push({
      diagnostics: diagnostics.map(({ message, range }) => ({ message, line: range.start.line + 1 })),
      hovers,
      completions: (completed?.items ?? completed ?? []).map(({ label, insertText, textEdit }) => ({
        label,
        inserted: textEdit?.newText ?? insertText ?? label,
      })),
    });
    waiting.delete(uri);
    await connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
  }

  server.removeAllListeners("exit");
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => fail(error.stack));
