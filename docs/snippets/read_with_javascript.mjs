// A published dataset in JavaScript (Node 18 or a browser): the rows, checked by the hash that the catalogue states.
// Usage: node read_with_javascript.mjs https://…/ waste_per_capita    (an address or the folder of a catalogue, and a name)
// A number has at most 15 digits here; a field with more is exact in the CSV and the Parquet only.

async function bytesOf(base, path) {
  const place = `${base.replace(/\/$/, "")}/${path}`;
  if (!base.includes("://")) return (await import("node:fs/promises")).readFile(place);
  const answer = await fetch(place);
  if (!answer.ok) throw new Error(`${answer.status} ${place}`);
  return new Uint8Array(await answer.arrayBuffer());
}

export async function read(base, name) {
  const catalogue = JSON.parse(new TextDecoder().decode(await bytesOf(base, "catalogue.json")));
  const entry = catalogue.datasets.find((dataset) => dataset.name === name);
  const file = entry.forms[`${name}.json`];
  const bytes = await bytesOf(base, file.path);
  const digest = await globalThis.crypto.subtle.digest("SHA-256", bytes);
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (sha256 !== file.sha256) throw new Error(`${file.path} is not what the catalogue says`);
  return JSON.parse(new TextDecoder().decode(bytes));
}

if (globalThis.process?.argv[1] && import.meta.url.endsWith(encodeURI(process.argv[1].split("/").pop()))) {
  const [base, name] = process.argv.slice(2);
  console.log(name ? JSON.stringify(await read(base, name)) : "Usage: node read_with_javascript.mjs BASE NAME");
}
