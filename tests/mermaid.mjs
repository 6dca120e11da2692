// Reads a chart on standard input with Mermaid's own parser; writes its nodes and edges as JSON.
import fs from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

const text = fs.readFileSync(0, "utf8");
await mermaid.parse(text);
const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
const nodes = [...db.getVertices().values()].map((node) => [node.id, node.text]);
const edges = db.getEdges().map((edge) => [edge.start, edge.end, edge.text]);
console.log(JSON.stringify({ nodes, edges }));
