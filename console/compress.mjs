/**
 * Writes FILE.gz beside every built file that gets smaller, so that the server need not compress; and, last of all,
 * `build.json`: what was built from what. A build that was cut off has none, and is made again.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const built = join(here, "dist");
const COMPRESSED = /\.(js|css|html|svg|json)$/;

async function* files(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

const sizes = {};
for await (const path of files(built)) {
  const content = await readFile(path);
  const name = relative(built, path).split(sep).join("/");
  sizes[name] = { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  if (!COMPRESSED.test(path)) continue;
  const packed = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  if (packed.length >= content.length) continue;
  await writeFile(`${path}.gz`, packed);
  sizes[name].gzip = packed.length;
}
await writeFile(join(built, "build.json"), `${JSON.stringify({ files: sizes }, null, 1)}\n`);
