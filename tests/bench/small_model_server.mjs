// A real, small language model behind OpenAI's protocol on loopback, for the opt-in tests.
//
//   npm install --ignore-scripts --omit=optional node-llama-cpp@3 @node-llama-cpp/linux-x64@3
//   node small_model_server.mjs MODEL.gguf [PORT]
//
// One request at a time; the reply keeps to the JSON schema that comes with the request, by a grammar.
import http from "node:http";
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";
import path from "node:path";

const [file, port = "0"] = process.argv.slice(2);
const found = createRequire(path.join(process.cwd(), "any.js")).resolve("node-llama-cpp");
const {getLlama, LlamaChatSession} = await import(pathToFileURL(found));
const llama = await getLlama({gpu: false, build: "never", logLevel: "error"});
const model = await llama.loadModel({modelPath: file});
const context = await model.createContext({contextSize: 8192, threads: 2});
const sequence = context.getSequence();
let last = Promise.resolve();

async function reply(body) {
    const schema = body.response_format?.json_schema?.schema;
    const grammar = schema && (await llama.createGrammarForJsonSchema(schema));
    const texts = role => body.messages.filter(m => m.role === role).map(m => m.content);
    await sequence.clearHistory();
    const session = new LlamaChatSession({
        contextSequence: sequence, systemPrompt: texts("system").join("\n"), autoDisposeSequence: false
    });
    const asked = body.messages.filter(m => m.role !== "system").map(m => m.content).join("\n\n");
    const {responseText, stopReason} = await session.promptWithMeta(asked, {
        grammar, maxTokens: body.max_tokens ?? body.max_completion_tokens, temperature: 0
    });
    session.dispose();
    const count = text => model.tokenize(text).length;
    const took = count(texts("system").join("\n") + asked), gave = count(responseText);
    return {
        id: "local", object: "chat.completion", created: 0, model: path.basename(file),
        choices: [{index: 0, message: {role: "assistant", content: responseText},
            finish_reason: stopReason === "maxTokens" ? "length" : "stop"}],
        usage: {prompt_tokens: took, completion_tokens: gave, total_tokens: took + gave}
    };
}

http.createServer((request, response) => {
    const pieces = [];
    request.on("data", piece => pieces.push(piece));
    request.on("end", () => {
        last = last.then(async () => {
            let status = 200, said;
            try {
                said = await reply(JSON.parse(Buffer.concat(pieces)));
            } catch (error) {
                status = 500;
                said = {error: {message: String(error), type: "failed", code: "failed"}};
            }
            response.writeHead(status, {"content-type": "application/json"});
            response.end(JSON.stringify(said));
        });
    });
}).listen(Number(port), "127.0.0.1", function () {
    console.log(`http://127.0.0.1:${this.address().port}/v1`);
});
