// A published dataset in JavaScript (Node 18 or a browser): the rows, checked by the hash that the catalogue states.
// Usage: node read_with_javascript.mjs https://…/catalogue/ waste_per_capita
// A number has at most 15 digits here; a field with more is exact in the CSV and the Parquet only.

export async function read(base, name) {
  const catalogue = await (await fetch(new URL("catalogue.json", base))).json();
  const entry = catalogue.datasets.find((dataset) => dataset.name === name);
  const file = entry.forms[`${name}.json`];
  const bytes = await (await fetch(new URL(file.path, base))).arrayBuffer();
  const digest = await globalThis.crypto.subtle.digest("SHA-256", bytes);
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (sha256 !== file.sha256) throw new Error(`${file.path} is not what the catalogue says`);
  return JSON.parse(new TextDecoder().decode(bytes));
}

if (globalThis.process?.argv[3]) {
  console.log(JSON.stringify(await read(process.argv[2], process.argv[3])));
}
